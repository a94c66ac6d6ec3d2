export type { RefusalCode } from '../protocol/index';
export { type Broker, type BrokerOptions, createBroker } from './broker/index';
export type { ServerLimits, ServerStats } from './config/index';
export type { LeaveReason, Peer, ServerClient, ServerEvents, ServerRefusal, SlowClient } from './domain/index';
export type { TlsOptions } from './listeners/index';
export type { Snapshot, Store, StoredDelayed, StoredMessage, StoredRetained } from './persistence/index';
export { type FileStoreOptions, fileStore } from './persistence/index';
export { type Server, type ServerOptions, startServer } from './start-server';
