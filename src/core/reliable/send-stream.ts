import type { OocsiError, Posted } from '../../protocol/index';
import { randomId } from '../../protocol/index';
import type { Ack, ClientContext } from '../messaging/index';

/** How many messages of a stream are under way at once: the Java server holds 21 for a client. */
const windowSize = 20;
/** The least that a message waits until it is sent again, in ms. */
const shortestWait = 100;
/** The longest wait that follows from how long answers take, in ms. */
const longestWait = 5_000;
/** Where answers are faster, the oldest message is sent again this often, in ms: its receiver may be back any time. */
const longestPause = 1_000;
/** How long a stream is remembered in which nothing waits for an acknowledgement, in ms. */
const idleTime = 60_000;

/** Who waits for the acknowledgements of a message. */
interface Waiting {
  /** How many clients have to acknowledge it. */
  readonly receivers: number;
  push(ack: Ack): unknown;
  reject(error: OocsiError): void;
}

/** A message that too few clients have acknowledged so far: it is sent again, over each connection, until enough have. */
export class UnackedMessage implements Posted {
  readonly stream: SendStream;
  readonly outgoing: Posted['outgoing'];
  readonly json: string;
  /** As it was handed over last. */
  posted: Posted | undefined;
  /** Whether it left over the present connection, and nothing tells yet that the server has dealt with it. */
  isUnderWay = false;
  /** How many connections in a row were cut while it was under way. */
  cuts = 0;
  /** When it was handed over, by the monotonic clock, if that happened once only. */
  sentAt: number | undefined;
  readonly #began: number;
  readonly #waiting: Waiting;
  readonly #receivers = new Set<string>();

  constructor(stream: SendStream, { outgoing, json }: Posted, waiting: Waiting, now: number) {
    this.stream = stream;
    this.outgoing = outgoing;
    this.json = json;
    this.#waiting = waiting;
    this.#began = now;
  }

  get isAcknowledged(): boolean {
    return this.#receivers.size >= this.#waiting.receivers;
  }

  acknowledge(receiver: string, now: number): void {
    this.clear();
    this.#receivers.add(receiver);
    if (!this.isAcknowledged) return;
    this.#waiting.push({ receivers: [...this.#receivers], time: Math.round(now - this.#began) });
  }

  /** The server has dealt with it, so it is not what a connection was cut for. */
  clear(): void {
    this.isUnderWay = false;
    this.cuts = 0;
  }

  /** Gives it up. */
  reject(error: OocsiError): void {
    this.#waiting.reject(error);
  }
}

/** What a stream asks of whatever keeps all of them. */
export interface SendStreamHost {
  readonly context: ClientContext;
  readonly isConnected: boolean;
  /** Whether messages may be handed over now. */
  readonly maySend: boolean;
  /** The stream has been idle for so long that it ends. */
  forget(stream: SendStream): void;
}

/** What this client sends to one recipient, numbered from 1. */
export class SendStream {
  readonly id = randomId();
  readonly recipient: string;
  readonly #host: SendStreamHost;
  /** In the order of their numbers. */
  readonly #unacked = new Map<number, UnackedMessage>();
  #count = 0;
  /** How long to wait for an answer until the oldest message is sent again, by how long answers took. */
  #wait = 2 * shortestWait;
  /** The number that the timer is set for. */
  #timedNumber: number | undefined;
  /** How often that message was sent again in vain. */
  #repeats = 0;
  #stopTimer = (): void => {};

  constructor(host: SendStreamHost, recipient: string) {
    this.#host = host;
    this.recipient = recipient;
  }

  get size(): number {
    return this.#unacked.size;
  }

  get nextNumber(): number {
    return this.#count + 1;
  }

  messages(): Iterable<UnackedMessage> {
    return this.#unacked.values();
  }

  /** Sends a message under the next number. @returns what gives it up */
  add(message: UnackedMessage): () => void {
    this.#count++;
    const number = this.#count;
    this.#host.context.session.dialEarly();
    this.#unacked.set(number, message);
    this.dispatch();
    return () => this.#remove(number, message);
  }

  /** A receiver has all messages from number `base` to number `last`. */
  acknowledge(receiver: string, base: number, last: number): void {
    const now = this.#host.context.clock.monotonic();
    for (const [number, message] of this.#unacked) {
      if (!(number <= last)) break;
      if (number < base) continue;
      // What was sent again does not tell how long an answer takes.
      if (message.sentAt !== undefined) {
        this.#wait = Math.min(longestWait, Math.max(shortestWait, 4 * (now - message.sentAt)));
      }
      message.acknowledge(receiver, now);
    }
  }

  /** Hands over the messages that the window has room for; `isAgain` those that are in it already, too. */
  dispatch(isAgain = false): void {
    if (this.#host.maySend) this.#handOver(isAgain);
    this.#setTimer(isAgain);
  }

  /** Hands a message over, with the oldest number: it tells a receiver where to begin, and what is given up. */
  send(message: UnackedMessage): void {
    const { session, clock } = this.#host.context;
    message.sentAt = message.posted ? undefined : clock.monotonic();
    const json = `${message.json.slice(0, -1)},"_BASE":${this.#oldestNumber()}}`;
    message.posted = { outgoing: message.outgoing, json };
    message.isUnderWay = true;
    session.outbound.post(message.posted, 'keep');
  }

  end(): void {
    this.#stopTimer();
  }

  #remove(number: number, message: UnackedMessage): void {
    this.#unacked.delete(number);
    this.#host.context.session.outbound.withdraw(message.posted);
    // Receivers that wait for what is given up, or will wait for it next, learn of it from what is still under way.
    const isNext = number < this.#count && !this.#unacked.has(number + 1);
    this.dispatch(isNext || !message.isAcknowledged);
  }

  #handOver(isAgain: boolean): void {
    const { outbound } = this.#host.context.session;
    let room = windowSize;
    for (const message of this.#unacked.values()) {
      if (room === 0) break;
      room--;
      if (message.posted && (!isAgain || outbound.holds(message.posted))) continue;
      this.send(message);
    }
  }

  /**
   * The oldest message decides when the window is sent again, as with TCP (RFC 6298, section 5): what is sent behind it
   * leaves its timer alone, however often that is.
   */
  #setTimer(isAgain: boolean): void {
    const { clock } = this.#host.context;
    const oldest = this.#oldestNumber();
    if (oldest === undefined || !this.#host.isConnected) {
      this.#stopTimer();
      this.#timedNumber = undefined;
      if (oldest === undefined) this.#stopTimer = clock.after(idleTime, () => this.#host.forget(this));
      return;
    }
    if (oldest === this.#timedNumber && !isAgain) return;
    if (oldest !== this.#timedNumber) this.#repeats = 0;
    this.#timedNumber = oldest;
    this.#stopTimer();
    const longest = Math.max(longestPause, this.#wait);
    this.#stopTimer = clock.after(Math.min(longest, this.#wait * 2 ** this.#repeats), () => {
      this.#repeats++;
      this.dispatch(true);
    });
  }

  #oldestNumber(): number | undefined {
    const [oldest] = this.#unacked.keys();
    return oldest;
  }
}
