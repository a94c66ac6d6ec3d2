import type { Denial, ServerData } from '../../protocol/index';
import type { AdmissionResult } from '../admission/index';
import type { Counts, ServerLimits } from '../config/index';
import type { LeaveReason, Peer, Subscriber } from '../domain/index';
import type { SlowConsumerError } from '../flow/index';
import type { RateLimiter } from '../limits/index';

/** What a connection may ask of the broker. */
export interface Hub {
  /** For durations, as {@link Clock.monotonic}. */
  readonly monotonic: () => number;
  readonly limits: ServerLimits;
  readonly counts: Counts;
  /** Calls `late` when a client takes too long to say who it is; the returned function cancels it. */
  awaitHandshake(late: () => void): () => void;
  /** Slows a client down that is not to send as fast as it likes. */
  rate(peer: Peer, released: () => void): RateLimiter | undefined;
  /** Lets a client in under `name`, or under one that the broker picks; the verdict may take a while. */
  admit(connection: Subscriber, name: string | undefined, decided: (verdict: AdmissionResult) => void): void;
  /** A client was turned away. */
  denied(connection: Subscriber, denial: Denial): void;
  /** A client that was let in has been welcomed. */
  joined(connection: Subscriber): void;
  /** What was published before is given to its receivers; to be called before anybody is told anything else. */
  settle(): void;
  remove(connection: Subscriber, reason: LeaveReason): void;
  /** A client lost its connection because it took too little of what was sent to it. */
  slow(connection: Subscriber, fault: SlowConsumerError): void;
  subscribe(connection: Subscriber, name: string): void;
  unsubscribe(connection: Subscriber, name: string): void;
  publish(connection: Subscriber, recipient: string, data: ServerData): void;
  clients(): string[];
  channels(): string[];
  members(channel: string): string[];
}
