import type { Dialect, Envelope, ServerFrames } from '../../protocol/index';
import type { LeaveReason } from './events';

/** What the features of the server need of a client that is connected: they know no links. */
export interface Subscriber {
  /** The handle, once the client is let in. */
  readonly name: string | undefined;
  readonly dialect: Dialect;
  readonly address: string | undefined;
  readonly wording: ServerFrames;
  /** When the client last gave a sign of life, by the monotonic clock. */
  readonly seen: number;
  write(text: string): void;
  /** Reads no more of the client until the returned function is called; undefined where that cannot be. */
  readonly hold: (() => () => void) | undefined;
  /** Asks for a sign of life; `answered` is called at the first one. */
  probe(answered: () => void): void;
  /** Passes a message on to the client. */
  tell(envelope: Envelope): void;
  /** Says a last word and closes the link; nothing that still comes in counts. */
  end(lastWord: string | undefined, reason: LeaveReason): void;
}

/** A client hears what it says to itself, but not what it says to a channel. */
export function hears(member: Pick<Subscriber, 'name'>, sender: string): boolean {
  return member.name !== sender;
}
