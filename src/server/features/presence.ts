import { dataOf, Envelope } from '../../protocol/index';
import type { Clock, Ticker } from '../../util/index';
import { createTicker } from '../../util/index';
import { refreshEvery } from '../config/index';
import { Channels, type Subscriber } from '../domain/index';
import type { Scheduler } from '../flow/index';
import { workInSlices } from '../flow/index';

/** What a watched name belongs to at the moment; a name without a client or channel counts as a channel without members. */
export interface Watched {
  readonly kind: 'channel' | 'client';
  readonly members: readonly string[];
}

/** Tells clients that watch a name what happens to it. The broker tells it only of names that all clients may know. */
export class Presence {
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #look: (name: string) => Watched;
  readonly #refreshTicker: Ticker;
  /** The watchers of a name are the members of a channel with that name. */
  #watches = new Channels<Subscriber>();
  /** How many changes watchers were told: a list of members that was made before a change must not be sent after it. */
  #changes = 0;
  #isRefreshing = false;

  /** @param look gives what is there under a name */
  constructor(clock: Clock, scheduler: Scheduler, look: (name: string) => Watched) {
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#look = look;
    this.#refreshTicker = createTicker(clock, refreshEvery, () => this.#refresh());
  }

  /** How many names are watched. */
  get size(): number {
    return this.#watches.size;
  }

  /** How many names a client watches. */
  countOf(watcher: Subscriber): number {
    return this.#watches.countOf(watcher);
  }

  isWatched(name: string, watcher: Subscriber): boolean {
    return this.#watches.find(name)?.members.has(watcher) ?? false;
  }

  /** From now on, `watcher` is told what happens to `name`, and at once which clients are there. */
  watch(watcher: Subscriber, name: string): void {
    if (!this.#watches.subscribe(watcher, name)) return;
    watcher.tell(this.#refreshOf(name));
    this.#runTicker();
  }

  unwatch(watcher: Subscriber, name: string): void {
    this.#watches.unsubscribe(watcher, name);
    this.#runTicker();
  }

  /** A client has come. */
  arrived(client: string): void {
    this.#tell('client', client, { join: client });
  }

  /** A client has left. */
  departed(client: string): void {
    this.#tell('client', client, { leave: client });
  }

  /** A client has subscribed to a channel. */
  joined(channel: string, client: string): void {
    this.#tell('client', client, { created: '' });
    this.#tell('channel', channel, { join: client });
  }

  /** A client is no longer subscribed to a channel. */
  left(channel: string, client: string): void {
    this.#tell('channel', channel, { leave: client });
    this.#tell('client', client, { closed: '' });
  }

  /** Ends all that a client watches. */
  forget(watcher: Subscriber): void {
    this.#watches.leave(watcher);
    this.#runTicker();
  }

  /** The same, and tells the others that watch the same names. */
  timedOut(watcher: Subscriber, handle: string): void {
    const names = this.#watches.of(watcher);
    this.forget(watcher);
    for (const name of names) this.#tell(this.#look(name).kind, name, { timeout: handle });
  }

  /** Ends all watching. */
  clear(): void {
    this.#watches = new Channels();
    this.#runTicker();
  }

  #runTicker(): void {
    this.#refreshTicker.run(this.#watches.size > 0);
  }

  #refresh(): void {
    // Of very many watchers, the last ones may still wait for the refresh before this one.
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    this.#scheduler.begin();
    workInSlices(this.#scheduler, this.#refreshAll(this.#watches.names()), () => {
      this.#isRefreshing = false;
    });
  }

  *#refreshAll(names: readonly string[]): Generator<undefined, void> {
    const watches = this.#watches;
    for (const name of names) {
      let [envelope, madeAt] = [this.#refreshOf(name), this.#changes];
      for (const watcher of watches.find(name)?.members ?? []) {
        if (madeAt !== this.#changes) [envelope, madeAt] = [this.#refreshOf(name), this.#changes];
        watcher.tell(envelope);
        yield;
        if (this.#watches !== watches) return;
      }
    }
  }

  #refreshOf(name: string): Envelope {
    const { kind, members } = this.#look(name);
    return this.#envelope(kind, name, { refresh: members });
  }

  #tell(kind: Watched['kind'], name: string, event: Readonly<Record<string, unknown>>): void {
    const watchers = this.#watches.find(name)?.members;
    if (!watchers) return;
    this.#changes++;
    const envelope = this.#envelope(kind, name, event);
    for (const watcher of watchers) watcher.tell(envelope);
  }

  #envelope(kind: Watched['kind'], name: string, event: Readonly<Record<string, unknown>>): Envelope {
    return new Envelope(`presence(${name})`, name, this.#clock.now(), dataOf({ [kind]: name, ...event }));
  }
}
