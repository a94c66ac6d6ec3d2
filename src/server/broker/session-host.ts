import type { ClientRefusal } from '../../protocol/index';
import type { AdmissionResult } from '../admission/index';
import type { Counts, ServerLimits } from '../config/index';
import type { LeaveReason, Peer, Subscriber } from '../domain/index';
import type { SlowConsumerError } from '../flow/index';
import type { RateLimiter } from '../limits/index';
import type { BrokerContext } from './context';

/** What a session asks of the broker, and tells it. Clients and internal clients have hosts of their own. */
export interface SessionHost {
  readonly context: BrokerContext;
  readonly limits: ServerLimits;
  readonly counts: Counts;
  /** Calls `late` when a client takes too long to say its handle; the returned function cancels it. */
  awaitHandshake(late: () => void): () => void;
  /** Undefined where a client may send as fast as it likes. */
  rateLimiter(peer: Peer, released: () => void): RateLimiter | undefined;
  /** Lets a client in under `name`, or under one that the broker picks; the answer may take a while. */
  admit(session: Subscriber, name: string | undefined, decided: (result: AdmissionResult) => void): void;
  /** A client was refused, or loses its connection for what it did. */
  refused(session: Subscriber, refusal: ClientRefusal): void;
  /** A client loses its connection because it took too little of what was sent to it. */
  tooSlow(session: Subscriber, error: SlowConsumerError): void;
  /** A client that was let in has been welcomed. */
  joined(session: Subscriber): void;
  /** A session has ended; called again when its link closes after that. */
  left(session: Subscriber, reason: LeaveReason): void;
}
