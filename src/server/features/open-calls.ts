import type { Envelope } from '../../protocol/index';
import { splitPassword } from '../../protocol/index';
import { type Clock, OwnedMap } from '../../util/index';

/** The calls that clients may still answer, so that nobody answers in the place of those who were called. */
export interface OpenCalls {
  /** How many are noted. */
  readonly size: number;
  /** Takes note of a call. Tells whether the message is an answer to a call that did not reach its sender. */
  refuses(message: Pick<Envelope, 'sender' | 'recipient' | 'data'>): boolean;
  /** A client left a channel: what it was called there before, it may still answer. */
  left(channel: string, client: string): void;
}

/** For so long a call is noted, in ms; later anybody may answer it, as at other servers. */
const openFor = 10 * 60_000;
/** So many of one caller, and of all callers, are noted: the oldest are forgotten first. */
const limits = { perOwner: 1_000, inAll: 100_000 };
/** The longest id that is noted, in characters. */
const longestId = 100;

interface OpenCall {
  /** Where it went, as the caller wrote it; undefined when the caller used its id for several recipients. */
  readonly recipient: string | undefined;
  /** When it was made, by the monotonic clock. */
  readonly since: number;
}

interface Departure {
  readonly since: number;
}

/** @param reaches whether what is sent to a recipient, with its password, reaches a client now */
export function createOpenCalls(clock: Clock, reaches: (recipient: string, client: string) => boolean): OpenCalls {
  /** By caller and id. */
  const calls = new OwnedMap<OpenCall>(limits);
  /** When clients left channels, by channel and client. */
  const departures = new OwnedMap<Departure>(limits);

  function forgetOld(notes: OwnedMap<Departure>): void {
    const expired = clock.monotonic() - openFor;
    for (let oldest = notes.oldest(); oldest && oldest[1].since <= expired; oldest = notes.oldest()) {
      notes.delete(oldest[0]);
    }
  }

  function note(caller: string, id: string, recipient: string): void {
    const key = keyOf(caller, id);
    const before = calls.get(key);
    const isSame = !before || before.recipient === recipient;
    calls.set(key, { recipient: isSame ? recipient : undefined, since: clock.monotonic() }, caller);
  }

  function mayAnswer(client: string, { recipient, since }: OpenCall): boolean {
    if (recipient === undefined || recipient === client || reaches(recipient, client)) return true;
    const [channel] = splitPassword(recipient);
    const left = departures.get(keyOf(channel, client));
    return left !== undefined && left.since >= since;
  }

  return {
    get size() {
      return calls.size;
    },
    refuses({ sender, recipient, data }) {
      if (!data.hasCallId) return false;
      const { _MESSAGE_ID: given, _MESSAGE_HANDLE: name }: CallKeys = JSON.parse(data.text);
      const id = JSON.stringify(given);
      if (!isId(given) || id.length > longestId + 2) return false;
      forgetOld(calls);
      const answered = calls.get(keyOf(recipient, id));
      if (answered && !mayAnswer(sender, answered)) return true;
      if (name !== undefined) note(sender, id, recipient);
      return false;
    },
    left(channel, client) {
      forgetOld(departures);
      if (calls.size > 0) departures.set(keyOf(channel, client), { since: clock.monotonic() }, client);
    },
  };
}

interface CallKeys {
  readonly _MESSAGE_ID?: unknown;
  readonly _MESSAGE_HANDLE?: unknown;
}

function isId(given: unknown): boolean {
  return typeof given === 'string' || typeof given === 'number';
}

/** Neither handles nor channels hold white space. */
function keyOf(first: string, second: string): string {
  return `${first} ${second}`;
}
