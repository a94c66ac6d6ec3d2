import { dataOf, Envelope } from '../../protocol/index';
import type { Clock } from '../../util/index';
import { createTicker } from '../../util/index';
import { refreshEvery } from '../config/index';
import type { Subscriber } from '../domain/index';
import { Channels } from '../domain/index';
import type { Scheduler } from '../flow/index';
import { workInSlices } from '../flow/index';

/** What a watched name belongs to at the moment; a name that nobody has counts as a channel without members. */
export interface Watched {
  readonly kind: 'channel' | 'client';
  readonly members: readonly string[];
}

/** Who watches whom. Only names that anybody may know are to be told of. */
export interface Presence {
  /** How many names are watched. */
  readonly size: number;
  /** How many names a client watches. */
  countOf(watcher: Subscriber): number;
  isWatched(name: string, watcher: Subscriber): boolean;
  /** From now on, `watcher` is told what happens to `name`, and once at once who is there. */
  watch(watcher: Subscriber, name: string): void;
  unwatch(watcher: Subscriber, name: string): void;
  /** A client came or went. */
  arrived(client: string): void;
  departed(client: string): void;
  /** A client came to a channel or left it. */
  joined(channel: string, client: string): void;
  left(channel: string, client: string): void;
  /** Ends all that a client watches. */
  forget(watcher: Subscriber): void;
  /** The same, and tells the others who watch the same names. */
  timedOut(watcher: Subscriber, handle: string): void;
  /** Ends all watching. */
  clear(): void;
}

export function createPresence(clock: Clock, scheduler: Scheduler, look: (name: string) => Watched): Presence {
  let watches = new Channels<Subscriber>();
  /** How many changes were told of: a list of members from before one must not be told behind it. */
  let changes = 0;
  let isRefreshing = false;
  const refreshing = createTicker(clock, refreshEvery, () => {
    // Of very many, the last ones may still wait for their turn.
    if (isRefreshing) return;
    isRefreshing = true;
    scheduler.begin();
    workInSlices(scheduler, tellAll(watches.names()), () => {
      isRefreshing = false;
    });
  });

  function* tellAll(names: readonly string[]): Generator<undefined, void> {
    const all = watches;
    for (const name of names) {
      let [envelope, madeAt] = [refreshOf(name), changes];
      for (const watcher of watches.find(name)?.members ?? []) {
        if (madeAt !== changes) [envelope, madeAt] = [refreshOf(name), changes];
        watcher.tell(envelope);
        yield;
        if (watches !== all) return;
      }
    }
  }

  function refreshOf(name: string): Envelope {
    const { kind, members } = look(name);
    return news(kind, name, { refresh: members });
  }

  const restOrGoOn = (): void => refreshing.run(watches.size > 0);

  function news(kind: Watched['kind'], name: string, event: Readonly<Record<string, unknown>>): Envelope {
    return new Envelope(`presence(${name})`, name, clock.now(), dataOf({ [kind]: name, ...event }));
  }

  function tell(kind: Watched['kind'], name: string, event: Readonly<Record<string, unknown>>): void {
    const watchers = watches.find(name)?.members;
    if (!watchers) return;
    changes++;
    const envelope = news(kind, name, event);
    for (const watcher of watchers) watcher.tell(envelope);
  }

  function forget(watcher: Subscriber): void {
    watches.leave(watcher);
    restOrGoOn();
  }

  return {
    get size() {
      return watches.size;
    },
    countOf: (watcher) => watches.countOf(watcher),
    isWatched: (name, watcher) => watches.find(name)?.members.has(watcher) ?? false,
    watch(watcher, name) {
      if (!watches.subscribe(watcher, name)) return;
      watcher.tell(refreshOf(name));
      restOrGoOn();
    },
    unwatch(watcher, name) {
      watches.unsubscribe(watcher, name);
      restOrGoOn();
    },
    arrived: (client) => tell('client', client, { join: client }),
    departed: (client) => tell('client', client, { leave: client }),
    joined(channel, client) {
      tell('client', client, { created: '' });
      tell('channel', channel, { join: client });
    },
    left(channel, client) {
      tell('channel', channel, { leave: client });
      tell('client', client, { closed: '' });
    },
    forget,
    timedOut(watcher, handle) {
      const names = watches.of(watcher);
      forget(watcher);
      for (const name of names) tell(look(name).kind, name, { timeout: handle });
    },
    clear() {
      watches = new Channels();
      restOrGoOn();
    },
  };
}
