import type { Adapter, Dialects } from '../../protocol/index';
import type { Clock } from '../../util/index';
import type { ReconnectPolicy } from './backoff';
import type { Identity } from './identity';
import type { OutboxOptions } from './outbox';

/** What a session is made of. */
export interface SessionOptions {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly policy: ReconnectPolicy;
  readonly outbox: OutboxOptions;
  /** ms for dial and handshake together. */
  readonly timeout: number;
  /** How long there is no connection until the event `lost` tells, in ms. */
  readonly lostAfter: number;
  /** Asked before every attempt. */
  adapter(): Adapter | Promise<Adapter>;
  /** The dialects that are spoken here. */
  readonly dialects: Dialects;
}
