import type { Incoming, Message } from '../../protocol/index';
import type { Clock } from '../../util/index';

/** When a value was set, by the clock of the client that set it, in ms since 1970, and the handle of that client. */
export type Stamp = readonly [time: number, writer: string];

/** What a message says about when one of its values was set. */
export interface Written {
  readonly stamp: Stamp;
  /** Whether it was set before, and is only sent again so that the server keeps it. */
  readonly isAgain: boolean;
}

/**
 * A value that came in counts when it is `newer` than the one that is known; it may be the `same` write again, or an `older`
 * one, that was on its way while this client or another one wrote.
 */
export type Order = 'newer' | 'same' | 'older';

/** The key with the time of the values that a message sets. */
export const setKey = '_SET';
/** The key with the stamps of those that it only repeats, by their keys. */
export const keptKey = '_KEPT';

/**
 * How long, in ms, two writes can be on their way at the same time: a link that carries nothing for so long is given up
 * before. What comes later was set with knowledge of the one before, whatever the clocks say.
 */
const simultaneous = 30_000;

/** Which of the writes of one key counts, for all variables that a client has of it. */
export class KeyVersion {
  readonly #clock: Clock;
  #stamp: Stamp | undefined;
  #isOwn = false;
  /** When a write counted last, by the monotonic clock. */
  #since = 0;
  /** The message that was compared last, and the result. */
  #compared: Message | undefined;
  #order: Order = 'newer';

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get stamp(): Stamp | undefined {
    return this.#stamp;
  }

  /** Whether the write that counts is one of this client. */
  get isOwn(): boolean {
    return this.#isOwn;
  }

  /** A value of this client leaves: it is newer than all that this client knows. */
  renew(writer: string): Stamp {
    this.#since = this.#clock.monotonic();
    this.#stamp = [Math.max(this.#clock.now(), this.#nextTime()), writer];
    this.#isOwn = true;
    return this.#stamp;
  }

  /** The value of this client is not to be sent again. */
  disown(): void {
    this.#isOwn = false;
  }

  /**
   * Compares a message with the write that counts, once, however many variables ask; `written` is undefined where the sender
   * does not say when it set the value.
   */
  compare(message: Message, written: Written | undefined): Order {
    if (message === this.#compared) return this.#order;
    this.#compared = message;
    // A write without a time is newer than all that came before.
    const stamp = written?.stamp ?? [this.#nextTime(), message.sender];
    this.#order = this.#orderOf(stamp);
    const isLate = this.#clock.monotonic() - this.#since > simultaneous;
    if (this.#order === 'older' && !written?.isAgain && isLate) this.#order = 'newer';
    if (this.#order === 'newer') {
      this.#since = this.#clock.monotonic();
      this.#stamp = stamp;
      this.#isOwn = false;
    }
    return this.#order;
  }

  #nextTime(): number {
    return (this.#stamp?.[0] ?? 0) + 1;
  }

  #orderOf([otherTime, otherWriter]: Stamp): Order {
    if (!this.#stamp) return 'newer';
    const [time, writer] = this.#stamp;
    if (otherTime !== time) return otherTime > time ? 'newer' : 'older';
    if (otherWriter === writer) return 'same';
    return otherWriter > writer ? 'newer' : 'older';
  }
}

/** When the value of a key was set; undefined where the message does not say so. */
export function writtenIn({ received, wireKeys }: Incoming, key: string): Written | undefined {
  const kept = wireKeys.get(keptKey);
  if (kept === undefined || !Object.hasOwn(Object(kept), key)) {
    return read(wireKeys.get(setKey), received.sender, false);
  }
  const [time, writer] = [Object(kept)[key]].flat();
  return read(time, writer, true);
}

function read(time: unknown, writer: unknown, isAgain: boolean): Written | undefined {
  return isTime(time) && typeof writer === 'string' ? { stamp: [time, writer], isAgain } : undefined;
}

/** One that has a later one. */
function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 52;
}
