import {
  asError,
  copyMessage,
  type Incoming,
  type Message,
  messageOf,
  OocsiError,
  type Posted,
  type Speech,
  textOf,
  type Wire,
} from '../../protocol/index';
import { type BindOptions, Listeners, type OwnOptions, oneByOne, type Unsubscribe } from '../../util/index';
import { Connection } from './connection';
import { Attempt, type AttemptOwner } from './dial';
import type { DropReason, Events } from './events';
import { LinkWatch, type WatchOwner } from './heartbeat';
import { OutageWatch } from './outage';
import { Outbox, type OutboxOwner } from './outbox';
import { type PageListener, watchPage } from './page-lifecycle';
import type { SessionOptions } from './session-options';
import { initialState, nextState, type SessionEvent, type SessionState, type State } from './state-machine';
import { type MessageListener, Subscriptions, type SubscriptionsOwner } from './subscriptions';

/** How long a goodbye waits for the link to say that it is gone, in ms. */
const goodbyeTime = 1_000;
/** How long frames that make no sense are told to the logger only, after one was told to all, in ms. */
const calmTime = 1_000;
/** A wait of so many ms is not cut short: it keeps clients of a server that restarts from coming back all at once. */
const shortWait = 500;
/** Attempts that cut a wait short are at least so far apart, in ms. */
const earlyPause = 2_000;

const nothing = (): void => {};

/** What the features of a client use of its session. */
export interface Session {
  /** As the server welcomed it; before that, as it will be asked for. */
  readonly ownHandle: string;
  readonly shown: State;
  /** Whether the session is over: what is sent is dropped, and no listener is called any more. */
  readonly isClosed: boolean;
  /** @throws OocsiError `closed` once the session is over */
  check(cause?: unknown): void;
  /** Whether there is a link, and its dialect has questions. */
  readonly canAsk: boolean;
  /** Asks the server, which answers in the order asked; undefined where {@link canAsk} is false. See {@link Speech.ask}. */
  ask(question: string, answered: (line: string) => void, failed: (cause: unknown) => void): (() => void) | undefined;
  /** Cuts a long wait for the next attempt short, because somebody is there who needs the connection. */
  dialEarly(): void;
  /** Hands messages to the link, or lets them wait for one; then they leave behind the subscriptions. */
  readonly outbound: Outbox;
  /** `taker` is given what has keys of the protocol; what it takes reaches no listener unless it passes it on. */
  divert(taker: (incoming: Incoming) => boolean): void;
  /** Whether a listener to this recipient is reliable. */
  relies(recipient: string): boolean;
  /** Gives a message to the listeners of its recipient. */
  pass(message: Message): void;
  /** Calls `done` once the server has dealt with all that was handed to the link so far; never when the link ends before. */
  prove(done: () => void): void;
  /**
   * How much of a line or frame a message takes, in characters or bytes, if that is more than `longest`; for 0, if nothing
   * longer has left over the last link.
   */
  tooLong(posted: Posted, longest: number): number | undefined;
  /** Listens to a name, over all reconnects; see {@link Subscriptions.add}. */
  subscribe(wireName: string, listener: MessageListener, options?: OwnOptions, stopped?: () => void): Unsubscribe;
  /** What the server keeps for a channel, as far as this client has seen it. */
  retained(wireName: string): Incoming | undefined;
}

/** A client's connection over all the links it takes: dial, handshake, ping, retry, and the names it subscribes to. */
export class ClientSession implements Session, AttemptOwner, OutboxOwner, PageListener, SubscriptionsOwner, WatchOwner {
  readonly outbound: Outbox;
  /** Resolves when the session is over, with the error that ended it, if any. Never rejects. */
  readonly whenClosed: Promise<OocsiError | undefined>;
  /** The one way to another state: events are taken one after the other, whoever causes them. */
  readonly handle: (event: SessionEvent) => void;
  readonly #options: SessionOptions;
  readonly #events: Events;
  readonly #subscriptions: Subscriptions;
  readonly #outage: OutageWatch;
  readonly #takers: ((incoming: Incoming) => boolean)[] = [];
  /** What listens to the messages for this client's own handle. */
  #direct: Listeners<[Message]> | undefined;
  #state = initialState;
  /** When the next attempt is due, by the monotonic clock, while one is waited for; Infinity while the page sleeps. */
  #dueAt = 0;
  /** From when on a wait may be cut short again. */
  #earlyFrom = 0;
  /** From when on nonsense is told to all again. */
  #calmUntil = 0;
  #attempt: Attempt | undefined;
  /** There is one from the welcome until the link is given up. */
  #connection: Connection | undefined;
  /** The same, or the one before. */
  #lastConnection: Connection | undefined;
  #watch: LinkWatch | undefined;
  #cancelWait: (() => void) | undefined;
  #stopWatchingPage = nothing;
  #settle: (cause?: OocsiError) => void = nothing;
  /** Whether the server was said goodbye to, and only the end of the link is waited for. */
  #isLeaving = false;

  constructor(options: SessionOptions, events: Events) {
    const { clock, outbox, lostAfter } = options;
    this.#options = options;
    this.#events = events;
    this.#subscriptions = new Subscriptions(clock, this, events.failed);
    this.outbound = new Outbox(clock, outbox, this);
    this.#outage = new OutageWatch(events, clock, lostAfter);
    this.handle = oneByOne((event) => this.#take(event));
    this.whenClosed = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get ownHandle(): string {
    return this.#state.ownHandle ?? this.#options.identity.wanted;
  }

  get shown(): State {
    return this.#state.shown;
  }

  get isClosed(): boolean {
    return this.#state.phase === 'closed';
  }

  get canAsk(): boolean {
    return this.#connection?.canAsk === true;
  }

  start(): void {
    this.#stopWatchingPage = watchPage(this);
    this.#outage.changed(this.shown);
    this.handle({ what: 'due' });
  }

  close(): void {
    this.handle({ what: 'close' });
  }

  check(cause?: unknown): void {
    if (this.isClosed) throw new OocsiError('closed', 'Closed: connect again.', { cause });
  }

  ask(question: string, answered: (line: string) => void, failed: (cause: unknown) => void): (() => void) | undefined {
    return this.#connection?.ask(question, answered, failed);
  }

  prove(done: () => void): void {
    this.#connection?.prove(this.#state.ownHandle, done);
  }

  divert(taker: (incoming: Incoming) => boolean): void {
    this.#takers.push(taker);
  }

  subscribe(wireName: string, listener: MessageListener, options?: OwnOptions, stopped?: () => void): Unsubscribe {
    return this.#subscriptions.add(wireName, listener, options, stopped);
  }

  /** Listens to the messages for this client's own handle. */
  subscribeDirect(listener: MessageListener, options?: BindOptions): Unsubscribe {
    this.#direct ??= new Listeners(this.#events.failed, copyMessage);
    return this.#direct.attach(listener, options);
  }

  retained(wireName: string): Incoming | undefined {
    return this.#subscriptions.retained(wireName);
  }

  relies(recipient: string): boolean {
    if (recipient === this.#state.ownHandle) return this.#direct?.isReliable === true;
    return this.#subscriptions.isReliable(recipient);
  }

  pass(message: Message): void {
    const { recipient } = message;
    if (this.#direct && recipient === this.#state.ownHandle) {
      this.#direct.tell(this.#subscriptions.has(recipient) ? copyMessage(message)[0] : message);
    }
    this.#subscriptions.deliver(message);
  }

  tooLong(posted: Posted, longest: number): number | undefined {
    return this.#lastConnection?.messageBeyond(posted, longest);
  }

  dialEarly(): void {
    const { clock, policy } = this.#options;
    const now = clock.monotonic();
    if (this.#state.phase !== 'waiting' || this.#dueAt === Infinity) return;
    if (this.#dueAt - now <= shortWait || now < this.#earlyFrom) return;
    this.#earlyFrom = now + earlyPause;
    policy.planned = this.#dueAt;
    this.handle({ what: 'due' });
  }

  // What the attempt tells.

  opened(link: Speech, wire: Wire): void {
    this.#connection = new Connection(link, wire, this.#events.log);
    this.#lastConnection = this.#connection;
  }

  heard(frame: string): void {
    this.#watch?.heard();
    const connection = this.#connection;
    if (!connection || connection.isAnswer(frame)) return;
    try {
      const incoming = connection.read(frame);
      if (incoming) this.#deliver(incoming);
    } catch (thrown) {
      // Also of what anybody may have sent: an object that is neither a text nor a number where one is expected.
      this.#reportNonsense(`The server sent ${textOf(thrown)}`);
    }
  }

  gone(): void {
    if (this.#isLeaving) this.#settle();
  }

  closeFailed(thrown: unknown): void {
    this.#events.error(asError(thrown));
  }

  // What the watch over the link tells.

  probe(): void {
    this.prove(nothing);
  }

  dead(): void {
    this.#cut('The server did not answer.', this.#options.clock.now());
  }

  // What the page tells.

  asleep(): void {
    if (this.#state.ownHandle !== undefined) this.#cut('The page sleeps.', Infinity);
  }

  awake(): void {
    if (this.#connection) this.#watch?.wake();
    else this.handle({ what: 'due' });
  }

  used(): void {
    this.dialEarly();
  }

  // What the outbox and the subscriptions need.

  transmit(posted: Posted, highWater: number): boolean | undefined {
    const connection = this.#connection;
    if (!connection) return undefined;
    if (connection.buffered > highWater) return false;
    connection.send(posted);
    this.#subscriptions.noteOwn(posted.outgoing.recipient, posted.json);
    return true;
  }

  dropped({ outgoing }: Posted, reason: DropReason): void {
    this.#events.emit('dropped', outgoing, reason);
  }

  delayed(): void {
    this.dialEarly();
  }

  /** What must wait for the welcome is not passed on: all subscriptions are told again then. */
  command(verb: string, recipient: string): void {
    this.#connection?.command(verb, recipient);
  }

  asReceived(recipient: string, json: string): Incoming | undefined {
    const envelope = { recipient, sender: this.#state.ownHandle, timestamp: this.#options.clock.now() };
    const incoming = messageOf(envelope, JSON.parse(json), json);
    return incoming instanceof Error ? undefined : incoming;
  }

  /** The one place where the state changes. */
  #take(event: SessionEvent): void {
    const before = this.#state;
    const now = nextState(before, event, this.#options.policy);
    if (now === before) return;
    this.#state = now;
    if (event.what === 'lost') this.#refuseSubscriptions(event.error);
    this.#act(now);
    // The user learns of it after the subscriptions are back, so that what it then sends comes behind them.
    if (now.shown !== before.shown) {
      this.#outage.changed(now.shown);
      this.#events.changed(now.shown, before.shown);
    }
    // Whatever still waits for something has learned of the end by then, and has taken back what it posted.
    if (now.phase === 'closed') this.outbound.end();
  }

  #act(state: SessionState): void {
    if (state.phase === 'connected') this.#begin();
    else {
      this.#hangUp(state);
      if (state.phase === 'connecting') this.#dial();
    }
  }

  #dial(): void {
    this.#attempt = new Attempt(this.#options, this.#state.ownHandle !== undefined, this);
    this.#attempt.start();
  }

  #begin(): void {
    this.#options.policy.planned = 0;
    this.#subscriptions.renew();
    this.outbound.flush();
    this.#watch = new LinkWatch(this.#options.clock, this);
  }

  #hangUp({ phase, shown }: SessionState): void {
    this.#cancelWait?.();
    this.#watch?.stop();
    if (shown.status === 'closed') {
      this.#stopWatchingPage();
      this.#subscriptions.end();
      this.#settleWith(shown.cause);
    }
    this.#attempt?.end();
    this.#attempt = undefined;
    this.#connection = undefined;
    if (phase === 'waiting' && 'retryAt' in shown) this.#waitUntil(shown.retryAt ?? 0);
  }

  #waitUntil(retryAt: number): void {
    const { clock } = this.#options;
    const wait = retryAt - clock.now();
    this.#dueAt = clock.monotonic() + wait;
    this.#cancelWait = clock.after(wait, () => this.handle({ what: 'due' }));
  }

  /** After an error the end is told at once, after `close()` when the link that was said goodbye to is gone. */
  #settleWith(cause: OocsiError | undefined): void {
    if (cause || !this.#connection) return this.#settle(cause);
    this.#isLeaving = true;
    const cancel = this.#options.clock.after(goodbyeTime, () => this.#settle());
    void this.whenClosed.then(cancel);
  }

  /** Gives up a link that nobody has closed. */
  #cut(why: string, moment: number): void {
    const error = new OocsiError('disconnected', why);
    this.handle({ what: 'lost', error, moment, monotonic: this.#options.clock.monotonic() });
  }

  #deliver(incoming: Incoming): void {
    this.#events.emit('message', incoming.received);
    this.#subscriptions.note(incoming);
    if (incoming.wireKeys.size > 0 && this.#takers.some((takes) => takes(incoming))) return;
    this.pass(incoming.received);
  }

  /** A server that sends nothing but nonsense should not drown the program. */
  #reportNonsense(text: string): void {
    const now = this.#options.clock.monotonic();
    if (now < this.#calmUntil) return this.#events.log?.('error', text);
    this.#calmUntil = now + calmTime;
    this.#events.error(new OocsiError('protocol', text));
  }

  /** What cost a connection because it is too long would cost the next one, too. */
  #refuseSubscriptions({ details }: OocsiError): void {
    const { longest } = details;
    const connection = this.#connection;
    if (longest === undefined || !connection) return;
    const isRefused = (name: string): boolean => connection.subscriptionBeyond(name, longest) !== undefined;
    for (const channel of this.#subscriptions.refuse(isRefused)) {
      const text = `Not subscribed to ${channel}: with its functions the name is too long for the server.`;
      this.#events.error(new OocsiError('refused', text, { details, permanent: true }));
    }
  }
}
