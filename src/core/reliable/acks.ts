import { masked, OocsiError, randomId } from '../../protocol/index';
import { checkNumbers, checkOptions } from '../../util/index';
import type { Ack, ClientContext, SendAcked } from '../messaging/index';
import { type Resent, watchForPoison } from './rejected';

/** How many messages of a stream are under way at once: the Java server holds 21 for a client. */
const windowSize = 20;
/** The least that a message waits until it is sent again, in ms. */
const shortest = 100;
/** The most that an answer may take by what was measured, in ms. */
const longest = 5_000;
/** So often at least the oldest message is sent again where answers are faster than that, in ms: who was away is back any time. */
const mostWait = 1_000;
/** How long a stream is remembered in which nothing waits for an acknowledgement, in ms. */
const idleTime = 60_000;

/** A message that too few have acknowledged so far. */
interface Unacked extends Resent {
  readonly stream: Stream;
  acked(sender: string): void;
  /** When it was handed over, if that was once, by the monotonic clock. */
  at?: number | undefined;
}

/** What this client sends to one recipient, numbered from 1. */
interface Stream {
  readonly id: string;
  readonly recipient: string;
  /** In the order of their numbers. */
  readonly unacked: Map<number, Unacked>;
  count: number;
  /** How long an answer takes at most, in ms, by those that came. */
  patience: number;
  /** The number that the timer is set for; undefined while none is. */
  timed: number | undefined;
  /** How often that one was sent again in vain. */
  repeats: number;
  /** Stops the timer: for the oldest message, or, where there is none, for the stream itself. */
  stop(): void;
}

/** @param size how many messages to one recipient it takes while there is no connection */
export function createAcks(context: ClientContext, size = 1_000): SendAcked {
  const { session, events, clock } = context;
  const byRecipient = new Map<string, Stream>();
  const byId = new Map<unknown, Stream>();

  const isTryingSuspects = watchForPoison(
    context,
    () => [...byId.values()].flatMap(({ unacked }) => [...unacked.values()]),
    (one) => post(one, oldestOf(one.stream)),
    () => {
      for (const stream of byId.values()) dispatch(stream, true);
    },
  );

  events.when('closed', () => {
    for (const stream of byId.values()) forget(stream);
  });

  session.divert(({ wireKeys, received: { sender, recipient } }) => {
    const answer: unknown = wireKeys.get('_ACK');
    if (!Array.isArray(answer) || recipient !== session.ownHandle) return false;
    const [id, last, base = 1] = answer;
    const stream = byId.get(id);
    // What comes late, of a stream that is forgotten, is no message to anybody either.
    if (!stream) return true;
    for (const [number, one] of stream.unacked) {
      if (!(number <= Number(last))) break;
      if (number < Number(base)) continue;
      // What was sent again does not tell how long an answer takes.
      if (one.at !== undefined)
        stream.patience = Math.min(longest, Math.max(shortest, 4 * (clock.monotonic() - one.at)));
      one.isUnderWay = false;
      one.cuts = 0;
      one.acked(sender);
    }
    return true;
  });

  const isConnected = (): boolean => session.shown.status === 'connected';

  /** @param base the oldest number of its stream: a receiver that comes late learns where to begin, and all what is given up */
  function post(one: Unacked, base: number | undefined): void {
    one.at = one.posted ? undefined : clock.monotonic();
    one.posted = { outgoing: one.outgoing, json: `${one.json.slice(0, -1)},"_BASE":${base}}` };
    one.isUnderWay = true;
    session.outbound.post(one.posted, 'keep');
  }

  function streamTo(recipient: string): Stream {
    const known = byRecipient.get(recipient);
    if (known) return known;
    const parts = { id: randomId(), recipient, unacked: new Map(), patience: 2 * shortest };
    return { ...parts, count: 0, timed: undefined, repeats: 0, stop() {} };
  }

  function forget({ id, recipient, stop }: Stream): void {
    stop();
    byId.delete(id);
    byRecipient.delete(recipient);
  }

  /** Hands over what the window has room for; `isAgain` what is in it already, too. */
  function dispatch(stream: Stream, isAgain = false): void {
    if (isConnected() && !isTryingSuspects()) handOver(stream, isAgain);
    setTimer(stream, isAgain);
  }

  function handOver(stream: Stream, isAgain: boolean): void {
    const oldest = oldestOf(stream);
    let room = windowSize;
    for (const one of stream.unacked.values()) {
      if (room-- === 0) break;
      if (one.posted && (!isAgain || session.outbound.holds(one.posted))) continue;
      post(one, oldest);
    }
  }

  /**
   * The oldest message decides when the window is sent again, as with TCP (RFC 6298, section 5): what is sent behind it
   * leaves its timer alone, however often that is.
   */
  function setTimer(stream: Stream, isAgain: boolean): void {
    const oldest = oldestOf(stream);
    if (oldest === undefined || !isConnected()) {
      stream.stop();
      stream.timed = undefined;
      if (oldest === undefined) stream.stop = clock.after(idleTime, () => forget(stream));
      return;
    }
    if (oldest === stream.timed && !isAgain) return;
    if (oldest !== stream.timed) stream.repeats = 0;
    stream.timed = oldest;
    stream.stop();
    const most = Math.max(mostWait, stream.patience);
    stream.stop = clock.after(Math.min(most, stream.patience * 2 ** stream.repeats), () => {
      stream.repeats++;
      dispatch(stream, true);
    });
  }

  return async (recipient, data, ack, extra) => {
    const options = ack === true ? {} : ack;
    checkOptions(options, ['receivers', 'timeout', 'signal'], 'ack');
    const { receivers = 1, timeout = 30_000, signal } = options;
    checkNumbers({ receivers }, 1);
    const began = clock.monotonic();
    const stream = streamTo(recipient);
    const number = stream.count + 1;
    const posted = context.compose(recipient, data, { ...extra, _SID: stream.id, _SEQ: number, _ACK: true });
    if (!isConnected() && stream.unacked.size >= size) {
      throw new OocsiError('disconnected', `${size} messages wait.`);
    }
    const late = (): string => `Is ${masked(recipient)} subscribed as reliable? It did not acknowledge`;
    return context.first<Ack>(late, { timeout, signal }, (push, _form, end) => {
      const senders = new Set<string>();
      const one: Unacked = {
        ...{ ...posted, stream, isUnderWay: false, cuts: 0, reject: end },
        acked(sender) {
          if (senders.add(sender).size >= receivers)
            push({ receivers: [...senders], time: Math.round(clock.monotonic() - began) });
        },
      };
      byRecipient.set(recipient, stream);
      byId.set(stream.id, stream);
      stream.count = number;
      session.dialEarly();
      stream.unacked.set(number, one);
      dispatch(stream);
      return () => {
        stream.unacked.delete(number);
        session.outbound.withdraw(one.posted);
        // Receivers that wait for what is given up, or will wait for it next, learn of it from what is still under way.
        const isNext = number < stream.count && !stream.unacked.has(number + 1);
        dispatch(stream, isNext || senders.size < receivers);
      };
    });
  };
}

function oldestOf({ unacked }: Stream): number | undefined {
  const [oldest] = unacked.keys();
  return oldest;
}
