import type { Adapter, Dialects } from '../../protocol/index';
import type { Clock } from '../../util/index';
import type { Identity } from './identity';
import type { OutboxOptions } from './outbox';
import type { Policy } from './state-machine';

/** What a session is made of. */
export interface SessionOptions extends Policy {
  readonly clock: Clock;
  readonly identity: Identity;
  readonly outbox: OutboxOptions;
  /** ms for dial and handshake together. */
  readonly timeout: number;
  /** Asked before every attempt. */
  adapter(): Adapter | Promise<Adapter>;
  /** The dialects that are spoken here. */
  readonly dialects: Dialects;
}
