import { OocsiError } from '../protocol/index';

export type { RefusalCode } from '../protocol/index';
export { type Broker, type BrokerOptions, createBroker } from './broker/index';
export type { ServerLimits, ServerStats } from './config/index';
export type { LeaveReason, Peer, ServerClient, ServerEvents, ServerRefusal, SlowClient } from './domain/index';
export type { Snapshot, Store, StoredDelayed, StoredMessage, StoredRetained } from './persistence/index';

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
