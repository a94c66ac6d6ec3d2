import type { Envelope } from './envelope';
import type { Refusal } from './refusals';

/** A client that is not let in, or loses its connection for what it did. */
export interface Denial extends Refusal {
  /** The handle that it asked for, if it came to that. */
  readonly handle?: string;
}

/** How the server words what it says, by the way a client came in. */
export interface Wording {
  welcome(name: string): string;
  refusal(denial: Denial): string;
  fault(text: string): string;
  message(envelope: Envelope): string;
  /** The answer to a question of the client. */
  answer(text: string): string;
  readonly ping: string;
  /** The last word; WebSocket has its own. */
  readonly bye: string | undefined;
}
