import {
  asError,
  copyMessage,
  echoKey,
  type Incoming,
  longestFrame,
  type Message,
  messageOf,
  OocsiError,
  type Posted,
  type Speech,
  textOf,
  type Wire,
} from '../../protocol/index';
import { Listeners, oneByOne } from '../../util/index';
import { attempt } from './dial';
import type { DropReason, Events } from './events';
import { type Watch, watchLink } from './heartbeat';
import { createOutbox, type Outbox } from './outbox';
import { isHidden, watchPage } from './page-lifecycle';
import type { SessionOptions } from './session-options';
import { type Life, type LifeEvent, type Policy, type State, step, unborn } from './state-machine';
import { createSubscriptions, type Subscriptions } from './subscriptions';

/** How long a goodbye waits for the link to say that it is gone, in ms. */
const goodbyeTime = 1_000;
/** How long frames that make no sense are told to the logger only, after one was told to all, in ms. */
const calmTime = 1_000;

const tooLong = 'more than 1 MiB';

/** A wait of so many ms is not cut short: it keeps clients of a server that restarts from coming back all at once. */
const shortWait = 500;
/** Attempts that cut a wait short are at least so far apart, in ms. */
const earlyPause = 2_000;

/** A client's connection over all the links it takes: dial, handshake, ping, retry, and the names it subscribes to. */
export interface Session {
  /** What asks the server, where the dialect has questions and there is a link; it is answered in the order asked. */
  readonly ask: Speech['ask'];
  /** As the server welcomed it; before that, as it will be asked for. */
  readonly ownHandle: string;
  readonly shown: State;
  /** Resolves when the session is over, with the fault that ended it, if any. Never rejects. */
  readonly whenClosed: Promise<OocsiError | undefined>;
  /** Whether the session is over: what is sent is dropped, and who listens hears nothing. */
  readonly isClosed: boolean;
  /** @throws OocsiError `closed` once the session is over */
  check(cause?: unknown): void;
  start(): void;
  /** Cuts a long wait for the next attempt short, because somebody is there who needs the connection. */
  dialEarly(): void;
  /** Hands messages to the link, or lets them wait for one; then they leave behind the subscriptions. */
  readonly outbound: Outbox;
  /** `taker` is given what has keys of the protocol; what it takes reaches no listener unless it passes it on. */
  divert(taker: (incoming: Incoming) => boolean): void;
  /** Whether a listener to this recipient is reliable. */
  relies(recipient: string): boolean | undefined;
  /** Gives a message to the listeners of its recipient. */
  pass(message: Message): void;
  /** Calls `done` once the server has dealt with all that was handed to the link so far; never when the link ends before. */
  prove(done: () => void): void;
  /**
   * How much of a line or frame a message takes, in characters or bytes, if that is more than `longest`; for 0, if nothing
   * longer has left over the last link.
   */
  tooLong(posted: Posted, longest: number): number | undefined;
  /** Listens to a name, over all reconnects. */
  readonly subscribe: Subscriptions['add'];
  /** What the server keeps for a channel, as far as this client has seen it. */
  readonly retained: Subscriptions['retained'];
  /** Listens to the messages for this client's own handle. */
  readonly direct: Listeners<[Message]>['attach'];
  end(): void;
}

const nothing = (): void => {};

export function createSession(options: SessionOptions, events: Events): Session {
  const { clock, identity, outbox: limits } = options;
  const subscriptions = createSubscriptions(clock, command, events.failed);
  const direct = new Listeners<[Message]>(events.failed, copyMessage);
  const dropped = ({ outgoing }: Posted, reason: DropReason): void => events.emit('dropped', outgoing, reason);
  const outbound = createOutbox(clock, limits, send, dropped, dialEarly);
  let life = unborn;
  let calmUntil = 0;
  /** When the next attempt is due, by the monotonic clock, while one is waited for; Infinity while the page sleeps. */
  let dueAt = 0;
  /** From when on a wait may be cut short again. */
  let earlyFrom = 0;
  /** When the attempt was due before which there is an early one, which puts nothing off when it fails. */
  let planned = 0;
  let wire: Wire;
  let link: Speech | undefined;
  /** Who waits for each question whether the server is there, in the order asked; only where it has no other questions. */
  let echoes: (() => void)[] = [];
  /** The size of the longest frame that left over the last link. */
  let longestSent = 0;
  const takers: ((incoming: Incoming) => boolean)[] = [];
  /** Ends what waits for its time: the next attempt, or the watch over the link. */
  let stop = nothing;
  let leave = nothing;
  let gone = nothing;
  let watch: Watch | undefined;
  const over = new AbortController();
  let settle: (cause?: OocsiError) => void;
  const whenClosed = new Promise<OocsiError | undefined>((resolve) => {
    settle = resolve;
  });

  const policy: Policy = {
    attempts: options.attempts,
    once: options.once,
    delay(losses) {
      const rest = planned - clock.monotonic();
      planned = 0;
      return rest > 0 ? rest : options.delay(losses);
    },
  };

  /** The one writer of `life`: events are taken one after the other, whoever causes them. */
  const happen = oneByOne((event: LifeEvent): void => {
    const { shown } = life;
    const next = step(life, event, policy);
    if (next === life) return;
    life = next;
    if (event.what === 'lost') refuseSubscriptions(event.fault);
    actions[life.at]();
    // The user hears of it after the subscriptions are back, so that what he then sends comes behind them.
    if (shown !== life.shown) events.changed(life.shown, shown);
    // Who still waits then has been told by the state, and took back what he had posted.
    if (life.at === 'closed') outbound.end();
  });

  const actions: Record<Life['at'], () => void> = {
    waiting: hangUp,
    connecting: dial,
    connected: begin,
    closed: hangUp,
  };

  function begin(): void {
    planned = 0;
    subscriptions.renew();
    outbound.flush();
    watch = watchLink(
      clock,
      () => prove(nothing),
      () => cut('The server did not answer.'),
      isHidden,
    );
    stop = watch.stop;
  }

  function prove(done: () => void): void {
    // Where there are no questions, a message to oneself comes back.
    const asks = link?.ask?.('', done, nothing);
    if (asks || !life.ownHandle) return;
    echoes.push(done);
    link?.send(wire.words(life.ownHandle, `{"${echoKey}":1}`));
  }

  /** Gives up a link that nobody has closed. */
  function cut(why: string, moment = clock.now()): void {
    const fault = new OocsiError('disconnected', why);
    happen({ what: 'lost', fault, moment, monotonic: clock.monotonic() });
  }

  function wake(): void {
    if (link) watch?.wake();
    else happen({ what: 'due' });
  }

  function dialEarly(): void {
    const now = clock.monotonic();
    if (life.at !== 'waiting' || dueAt === Infinity || dueAt - now <= shortWait || now < earlyFrom) return;
    earlyFrom = now + earlyPause;
    planned = dueAt;
    happen({ what: 'due' });
  }

  function hangUp(): void {
    const { shown } = life;
    stop();
    if (shown.status === 'closed') {
      over.abort();
      subscriptions.end();
      end(shown.cause);
    }
    leave();
    link = undefined;
    if (life.at === 'waiting' && 'retryAt' in shown) {
      const wait = (shown.retryAt ?? 0) - clock.now();
      dueAt = clock.monotonic() + wait;
      stop = clock.after(wait, () => happen({ what: 'due' }));
    }
  }

  /** After a fault the end is told at once, after `close()` when the link that was said goodbye to is gone. */
  function end(cause: OocsiError | undefined): void {
    if (cause || !link) return settle(cause);
    gone = settle;
    void whenClosed.then(clock.after(goodbyeTime, settle));
  }

  function dial(): void {
    hangUp();
    leave = attempt(options, life.ownHandle !== undefined, {
      happen,
      opened(opened, spoken) {
        link = opened;
        echoes = [];
        longestSent = 0;
        wire = spoken;
      },
      heard(frame) {
        watch?.heard();
        deliver(frame);
      },
      gone: () => gone(),
      unclosed: (thrown) => events.error(asError(thrown)),
    });
  }

  function deliver(frame: string): void {
    if (link?.hear?.(frame)) return;
    try {
      const incoming = frame.length > longestFrame ? new Error(tooLong) : wire.readMessage(frame);
      if (!incoming) return echoes.shift()?.();
      if (incoming instanceof Error) throw incoming;
      events.emit('message', incoming.received);
      subscriptions.note(incoming);
      if (!incoming.wireKeys.size || !takers.some((takes) => takes(incoming))) pass(incoming.received);
    } catch (thrown) {
      // Also of what anybody may have sent: an object that is neither a text nor a number where one is expected.
      complain(`The server sent ${textOf(thrown)}`);
    }
  }

  function pass(message: Message): void {
    const { recipient } = message;
    if (recipient === life.ownHandle) direct.tell(subscriptions.has(recipient) ? copyMessage(message)[0] : message);
    subscriptions.deliver(message);
  }

  /** A server that sends nothing but nonsense should not drown the program. */
  function complain(text: string): void {
    if (clock.monotonic() < calmUntil) return events.log?.('error', text);
    calmUntil = clock.monotonic() + calmTime;
    events.error(new OocsiError('protocol', text));
  }

  function check(cause?: unknown): void {
    if (life.at === 'closed') throw new OocsiError(life.at, 'Closed: connect again.', { cause });
  }

  /** What must wait for the welcome: all subscriptions are told again then. */
  function command(verb: string, recipient: string): void {
    if (!link) return;
    events.log?.(verb, { recipient });
    dispatch(link, wire.command(`${verb} ${recipient}`));
  }

  function dispatch(to: Speech, frame: string): void {
    if (frame.length > longestSent) longestSent = frame.length;
    to.send(frame);
  }

  /** What cost a connection because it is too long would cost the next one, too. */
  function refuseSubscriptions({ details }: OocsiError): void {
    const { longest } = details;
    if (longest === undefined) return;
    const isRefused = (name: string): boolean => sizeBeyond(wire.command(`subscribe ${name}`), longest) !== undefined;
    for (const channel of subscriptions.refuse(isRefused)) {
      const text = `Not subscribed to ${channel}: with its functions the name is too long for the server.`;
      events.error(new OocsiError('refused', text, { details, permanent: true }));
    }
  }

  function sizeBeyond(frame: string, longest: number): number | undefined {
    const size = wire.sizeOf(frame);
    const isTooLong = longest ? size > longest : frame.length >= longestSent;
    return isTooLong ? size : undefined;
  }

  function send(posted: Posted, highWater: number): boolean | undefined {
    if (!link) return undefined;
    if (link.buffered > highWater) return false;
    const { outgoing, json } = posted;
    events.log?.('send', outgoing);
    dispatch(link, wire.words(outgoing.recipient, json));
    subscriptions.noteOwn(outgoing.recipient, json, (text) => asReceived(outgoing.recipient, text));
    return true;
  }

  /** A message of this client as it would come back. */
  function asReceived(recipient: string, json: string): Incoming | undefined {
    const envelope = { recipient, sender: life.ownHandle, timestamp: clock.now() };
    const incoming = messageOf(envelope, JSON.parse(json), json);
    return incoming instanceof Error ? undefined : incoming;
  }

  return {
    get ownHandle() {
      return life.ownHandle ?? identity.wanted;
    },
    get shown() {
      return life.shown;
    },
    whenClosed,
    get isClosed() {
      return life.at === 'closed';
    },
    check,
    start() {
      const asleep = (): void => {
        if (life.ownHandle) cut('The page sleeps.', Infinity);
      };
      watchPage({ asleep, awake: wake, used: dialEarly }, over.signal);
      happen({ what: 'due' });
    },
    dialEarly,
    outbound,
    get ask() {
      return link?.ask;
    },
    divert: (taker) => void takers.push(taker),
    relies: (recipient) => (recipient === life.ownHandle ? direct.isReliable : subscriptions.rely(recipient)),
    pass,
    direct: (listener, options) => direct.attach(listener, options),
    prove,
    tooLong: ({ outgoing, json }, longest) => sizeBeyond(wire.words(outgoing.recipient, json), longest),
    subscribe: subscriptions.add,
    retained: subscriptions.retained,
    end: () => happen({ what: 'close' }),
  };
}
