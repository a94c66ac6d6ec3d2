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
export type Verdict = 'newer' | 'same' | 'older';

/** Which of the writes of one key counts, for all variables that a client has of it. */
export interface Version {
  readonly stamp: Stamp | undefined;
  /** Whether the write that counts is one of this client. */
  readonly isOwn: boolean;
  /** A value of this client leaves: it is newer than all that this client knows. */
  renew(writer: string): Stamp;
  /** The value of this client is not to be sent again. */
  disown(): void;
  /** Judges a value once, however many variables ask; `written` is undefined where the sender says nothing of it. */
  judge(message: Message, written: Written | undefined): Verdict;
}

/** The key with the time of the values that a message sets. */
export const setKey = '_SET';
/** The key with the stamps of those that it only repeats, by their keys. */
export const keptKey = '_KEPT';

/**
 * How long, in ms, two writes can be on their way at the same time: a link that carries nothing for so long is given up
 * before. What comes later was set with knowledge of the one before, whatever the clocks say.
 */
const simultaneous = 30_000;

export function createVersion(clock: Clock): Version {
  let stamp: Stamp | undefined;
  let isOwn = false;
  /** When a write counted last, by the monotonic clock. */
  let since = 0;
  let judged: Message | undefined;
  let verdict: Verdict = 'newer';

  function compare(other: Stamp): Verdict {
    if (!stamp) return 'newer';
    const [time, writer] = stamp;
    if (other[0] !== time) return other[0] > time ? 'newer' : 'older';
    if (other[1] === writer) return 'same';
    return other[1] > writer ? 'newer' : 'older';
  }

  return {
    get stamp() {
      return stamp;
    },
    get isOwn() {
      return isOwn;
    },
    renew(writer) {
      since = clock.monotonic();
      stamp = [Math.max(clock.now(), (stamp?.[0] ?? 0) + 1), writer];
      isOwn = true;
      return stamp;
    },
    disown() {
      isOwn = false;
    },
    judge(message, written) {
      if (message === judged) return verdict;
      judged = message;
      // Who says nothing of the time is newer than all that came before.
      const other = written?.stamp ?? [(stamp?.[0] ?? 0) + 1, message.sender];
      verdict = compare(other);
      if (verdict === 'older' && !written?.isAgain && clock.monotonic() - since > simultaneous) verdict = 'newer';
      if (verdict === 'newer') {
        since = clock.monotonic();
        stamp = other;
        isOwn = false;
      }
      return verdict;
    },
  };
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
