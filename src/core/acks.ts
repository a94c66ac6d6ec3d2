import type { Base } from './base';
import { checkNoMore, checkNumbers } from './check';
import type { ListenOptions } from './emitter';
import { OocsiError } from './errors';
import { masked, randomId } from './handle';
import type { Posted } from './message';

/** How a message is to be acknowledged. */
export interface AckOptions extends ListenOptions {
  /** How many clients have to acknowledge it. @default 1 */
  readonly receivers?: number | undefined;
  /** How long to try, in ms. @default 30_000 */
  readonly timeout?: number | undefined;
}

/** Who acknowledged a message. */
export interface Ack {
  /** Their handles. */
  readonly receivers: readonly string[];
  /** How long it took, in ms. */
  readonly time: number;
}

/** How many messages of a stream are under way at once: the Java server holds 21 for a client. */
const windowSize = 20;
/** The least that a message waits until it is sent again, in ms. */
const shortest = 100;
/** The most that it waits, in ms. */
const longest = 5_000;

/** A message that too few have acknowledged so far. */
interface Unacked extends Posted {
  acked(sender: string): void;
  /** As it was handed over last. */
  posted?: Posted;
  /** When it was handed over, if that was once, by the monotonic clock. */
  at?: number | undefined;
}

/** What this client sends to one recipient, numbered from 1. */
interface Stream {
  readonly id: string;
  readonly unacked: Map<number, Unacked>;
  count: number;
  /** How long its messages wait until they are sent again, in ms. */
  patience: number;
  stop(): void;
}

/** Sends messages with numbers, and again until they are acknowledged. See "Acknowledged messages" in PROTOCOL.md. */
export type SendAcked = (recipient: string, data: object, ack: true | AckOptions, extra: object) => Promise<Ack>;

/** @param size how many messages to one recipient it takes while there is no connection */
export function createAcks({ session, events, clock, compose, first }: Base, size = 1_000): SendAcked {
  const streams = new Map<string, Stream>();

  events.when('connected', () => {
    for (const stream of streams.values()) dispatch(stream, true);
  });

  session.divert(({ wireKeys, received: { sender, recipient } }) => {
    const [id, last, base = 1] = [wireKeys.get('_ACK')].flat();
    const stream = [...streams.values()].find((one) => one.id === id);
    if (!stream || recipient !== session.ownHandle) return false;
    for (const [number, one] of stream.unacked) {
      if (!(number <= Number(last))) break;
      if (number < Number(base)) continue;
      // What was sent again does not tell how long an answer takes.
      if (one.at !== undefined)
        stream.patience = Math.min(longest, Math.max(shortest, 4 * (clock.monotonic() - one.at)));
      one.acked(sender);
    }
    return true;
  });

  const isConnected = (): boolean => session.shown.status === 'connected';

  /** Hands over what the window has room for; `isAgain` what is in it already, too. */
  function dispatch(stream: Stream, isAgain = false): void {
    const [oldest] = stream.unacked.keys();
    stream.stop();
    // All that is under way leaves again with the next connection.
    if (!isConnected()) return;
    let room = windowSize;
    for (const one of stream.unacked.values()) {
      if (room-- === 0) break;
      if (one.posted && (!isAgain || session.outbound.holds(one.posted))) continue;
      one.at = one.posted ? undefined : clock.monotonic();
      // A receiver that comes late learns where to begin, and all of them what is not sent any more.
      one.posted = { outgoing: one.outgoing, json: `${one.json.slice(0, -1)},"_BASE":${oldest}}` };
      session.outbound.post(one.posted, 'keep');
    }
    if (oldest === undefined) return;
    stream.stop = clock.after(stream.patience, () => {
      stream.patience = Math.min(longest, 2 * stream.patience);
      dispatch(stream, true);
    });
  }

  return async (recipient, data, ack, extra) => {
    const { receivers = 1, timeout = 30_000, signal, ...unknown } = ack === true ? {} : ack;
    checkNoMore(unknown);
    checkNumbers({ receivers }, 1);
    const began = clock.monotonic();
    const stream = streams.get(recipient) ?? {
      id: randomId(),
      unacked: new Map(),
      count: 0,
      patience: 2 * shortest,
      stop() {},
    };
    const number = stream.count + 1;
    const posted = compose(recipient, data, { ...extra, _SID: stream.id, _SEQ: number, _ACK: true });
    if (!isConnected() && stream.unacked.size >= size) {
      throw new OocsiError('disconnected', `${size} messages wait.`);
    }
    streams.set(recipient, stream);
    stream.count = number;
    const late = (): string => `Is ${masked(recipient)} subscribed as reliable? It did not acknowledge`;
    return first<Ack>(late, { timeout, signal }, (push) => {
      const senders = new Set<string>();
      const one: Unacked = {
        ...posted,
        acked(sender) {
          if (senders.add(sender).size >= receivers)
            push({ receivers: [...senders], time: Math.round(clock.monotonic() - began) });
        },
      };
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
