import { OocsiError } from '../protocol/errors';

export type { RefusalCode } from '../protocol/refusals';
export { type Broker, type BrokerOptions, createBroker } from './broker/broker';
export type { ServerLimits } from './config/limits';
export type { ServerStats } from './config/stats';
export type { LeaveReason, ServerClient, ServerEvents, ServerRefusal, SlowClient } from './domain/events';
export type { Peer } from './domain/peer';
export type { Snapshot, Store, StoredDelayed, StoredMessage, StoredRetained } from './persistence/store';

/** Takes the place of the real one outside of Node, so that a bundle builds and says what is wrong. */
export function startServer(): never {
  throw new OocsiError(
    'unsupported',
    'A server needs Node. In a page, createBroker() and memory() do without a network.',
  );
}

/** Takes the place of the real one, too. */
export function fileStore(): never {
  throw new OocsiError('unsupported', 'A store in a file needs Node.');
}
