import { type Anything, copyOf, type Incoming, type Message, masked, OocsiError, textOf } from '../../protocol/index';
import { Listeners, type ListenOptions, oneByOne, refuse, stableText, type Unsubscribe } from '../../util/index';
import { type ClientContext, createLimit } from '../messaging/index';
import type { NumericOptions } from './bounds';
import { HeldValue } from './held-value';
import type { CommonOptions, Origin, Variable } from './variable';
import type { ChannelVariable, VariableChannel } from './variable-channel';
import { VariableSender } from './variable-sender';
import { KeyVersion, writtenIn } from './versions';

/** Options of variables of any kind, checked. */
export interface SharedOptions extends CommonOptions<Anything>, NumericOptions {}

/** What a variable is called. */
export interface VariableName {
  /** As the user gave it. */
  readonly channel: string;
  readonly key: string;
}

/** A value that this client shares with all others that have a variable of the same channel and key. */
export class SharedVariable implements Variable<Anything>, ChannelVariable {
  readonly channel: string;
  readonly key: string;
  readonly version: KeyVersion;
  readonly #context: ClientContext;
  readonly #variables: VariableChannel;
  readonly #options: SharedOptions;
  readonly #held: HeldValue;
  readonly #sender: VariableSender;
  readonly #listeners: Listeners<[Anything, Origin]>;
  /** A value that is set by a listener is told next, so that the newest one comes last for all. */
  readonly #tell: (value: Anything, origin: Origin) => void;
  readonly #isWithin: (sender: string) => boolean;
  /** What the server kept when the variable was opened. */
  readonly #retained: Incoming | undefined;
  readonly #stop: Unsubscribe;
  #current: unknown;
  #keptFor = 0;
  /** When the value was last written, by the monotonic clock. */
  #written = 0;
  #stopExpiry = (): void => {};

  /** @param closed told when the variable is disposed of */
  constructor(variables: VariableChannel, { channel, key }: VariableName, options: SharedOptions, closed: () => void) {
    const { initial, reference = initial, interval = 0, limit, retain } = options;
    const first = initial ?? reference;
    const { context } = variables.host;
    const others = variables.ofKey(key);
    this.channel = channel;
    this.key = key;
    this.version = others[0]?.version ?? new KeyVersion(context.clock);
    this.#context = context;
    this.#variables = variables;
    this.#options = options;
    this.#isWithin = createLimit(limit, context.clock);
    this.#held = new HeldValue(options, first);
    this.#sender = new VariableSender(variables, this, { interval, isRetained: !!retain });
    this.#listeners = new Listeners(context.events.failed, (value, origin) => [copyOf(value), origin], true);
    this.#tell = oneByOne((value: Anything, origin: Origin) => this.#listeners.tell(value, origin));
    for (const value of [reference, first]) if (value !== undefined) this.#check(value);
    const retained = context.session.retained(variables.wireName);
    this.#retained = retained && Object.hasOwn(retained.received.data, key) ? retained : undefined;
    const stopped = (): void => this.#stopped(closed);
    this.#stop = context.listen(variables.wireName, (message) => this.#receive(message), { readsOnly: true }, stopped);
    this.#begin(others, first);
    variables.add(this);
  }

  get value(): Anything {
    return this.#held.value;
  }

  set value(next: Anything) {
    this.set(next);
  }

  get age(): number {
    return Math.floor(this.#context.clock.monotonic() - this.#written);
  }

  get origin(): Origin {
    return this.#held.origin;
  }

  get isWaiting(): boolean {
    return this.#sender.isWaiting;
  }

  get keptFor(): number {
    return this.#keptFor;
  }

  get current(): unknown {
    return this.#current;
  }

  get(): Anything {
    return this.#held.value;
  }

  set(next: Anything): void {
    this.#context.session.check();
    if (!this.#variables.has(this)) throw new OocsiError('closed', `${this.key} was disposed of.`);
    this.#write(next, 'local', true);
  }

  subscribe(listener: (value: Anything, origin: Origin) => void, options?: ListenOptions): Unsubscribe {
    return this.#attach(listener, options);
  }

  [Symbol.asyncIterator](): AsyncIterator<Anything> {
    return this.#context.loop<Anything>(this.key, {}, (push, options, end) => this.#attach(push, options, end));
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  follow(current: unknown): void {
    if (stableText(this.#current) === stableText(current)) return;
    this.#sender.withdraw();
    this.#take(current, 'local', this.#context.session.ownHandle);
    // Also where the rules of this variable made something else of it.
    this.#current = current;
  }

  begin(value: unknown): void {
    if (this.#held.isKnown || (this.#held.isNumeric && typeof value !== 'number')) return;
    if (this.#held.start(value)) this.#tell(this.value, this.origin);
  }

  drain(): void {
    this.#sender.drain();
  }

  #attach(
    listener: (value: Anything, origin: Origin) => unknown,
    options?: ListenOptions,
    stopped?: () => void,
  ): Unsubscribe {
    const first: [Anything, Origin] | undefined = this.#held.isKnown ? [copyOf(this.value), this.origin] : undefined;
    return this.#listeners.attach(listener, options, stopped, first);
  }

  /** Begins with what another variable of this key has, with what the server keeps, or with the value of its options. */
  #begin(others: readonly ChannelVariable[], first: Anything): void {
    const other = others.find(({ value }) => value !== undefined);
    if (other) this.#inherit(other);
    else if (this.#retained) this.#takeRetained(this.#retained);
    if (!this.#held.isKnown && first !== undefined) {
      this.#held.start(first);
      for (const one of others) one.begin(this.value);
    }
    this.#touch();
  }

  #inherit({ value, origin, current }: ChannelVariable): void {
    this.#take(value, origin, this.#context.session.ownHandle);
    this.#current = current;
    this.#keptFor = current === undefined ? 0 : (this.#options.retain ?? 0);
  }

  #takeRetained(retained: Incoming): void {
    const { data, sender } = retained.received;
    const isOwn = sender === this.#context.session.ownHandle;
    this.version.compare(retained.received, writtenIn(retained, this.key));
    this.#take(data[this.key], isOwn ? 'local' : 'remote', sender);
  }

  /** The value as JSON carries it; throws for what JSON cannot carry, before anything has changed. */
  #check(value: unknown): Anything {
    const { isNumeric } = this.#held;
    if (!this.#held.accepts(value)) {
      refuse(this.key, value, isNumeric ? ': use a finite number' : ': use what JSON carries, and not null');
    }
    return this.#variables.asCarried(this.key, value);
  }

  /** @param isToSend whether others are to have the value: it is sent before anybody here hears of it */
  #write(given: unknown, origin: Origin, isToSend = false): void {
    const { accept, retain, smooth } = this.#options;
    const accepted = this.#check(accept ? accept(given, this.value) : given);
    if (isToSend && retain) this.#variables.checkTogether(this, accepted);
    const [input, mean] = this.#held.bound(accepted);
    const isChanged = this.#held.keep(mean, origin);
    this.#current = input;
    this.#keptFor = retain ?? 0;
    this.#touch();
    if (isToSend && (isChanged || smooth)) this.#sender.send();
    if (isChanged) this.#tell(this.value, this.origin);
  }

  /** A value of another client, or of another variable, that cannot be taken is no reason to stop. */
  #take(given: unknown, origin: Origin, sender: string): void {
    try {
      this.#write(given, origin);
    } catch (cause) {
      const why = `${masked(sender)} set ${this.key}: ${textOf(cause)}`;
      this.#context.events.error(new OocsiError('invalid', why, { cause }));
    }
  }

  /** The value was written: from now on it expires anew. */
  #touch(): void {
    const { clock } = this.#context;
    const { expire = Infinity, initial, reference = initial } = this.#options;
    this.#written = clock.monotonic();
    this.#stopExpiry();
    this.#stopExpiry = clock.after(expire, () => {
      this.#keptFor = 0;
      this.version.disown();
      if (this.#held.start(reference)) this.#tell(this.value, this.origin);
    });
  }

  #receive(message: Message<Anything>): void {
    const { data, sender } = message;
    if (!Object.hasOwn(data, this.key) || message === this.#retained?.received) return;
    const { stamped } = this.#variables.host;
    const written = stamped?.received === message ? writtenIn(stamped, this.key) : undefined;
    const order = this.version.compare(message, written);
    if (this.#variables.isWaiting(this.key)) return;
    if (order === 'same' || (this.#sender.isAhead && !written) || !this.#isWithin(sender)) return;
    if (order === 'newer') this.#take(data[this.key], 'remote', sender);
    else if (this.#options.smooth) this.#average(data[this.key], sender);
    else if (this.version.isOwn) this.#sender.sendAgain();
  }

  /** With smoothing an older value counts, too, as it does for those to whom it came first. */
  #average(given: unknown, sender: string): void {
    const current = this.#current;
    this.#take(given, 'remote', sender);
    this.#current = current;
  }

  #stopped(closed: () => void): void {
    this.#sender.drain();
    this.#variables.delete(this);
    this.#stopExpiry();
    this.#sender.stop();
    this.#listeners.end();
    closed();
  }
}
