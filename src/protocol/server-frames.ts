import type { Envelope } from './envelope';
import type { Refusal } from './refusals';

/** Why a client is not let in, or loses its connection for what it did. */
export interface ClientRefusal extends Refusal {
  /** The handle that it asked for, if it came to that. */
  readonly handle?: string;
}

/** How the server words what it says to a client; each dialect has its own. */
export interface ServerFrames {
  welcome(name: string): string;
  refusal(refusal: ClientRefusal): string;
  error(text: string): string;
  message(envelope: Envelope): string;
  /** The answer to a question of the client. */
  answer(text: string): string;
  readonly ping: string;
  /** What the server says last; WebSocket has a close frame instead. */
  readonly bye: string | undefined;
}
