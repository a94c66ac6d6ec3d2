export { type Broker, type BrokerOptions, createBroker } from './broker';
export type { ServerStats } from './counts';
export type { TlsOptions } from './listeners/secure';
export type { Peer } from './peer';
export type { LeaveReason, ServerClient, ServerEvents, ServerRefusal, SlowClient } from './server-events';
export type { ServerLimits } from './server-limits';
export { type Server, type ServerOptions, startServer } from './start';
export { type FileStoreOptions, fileStore } from './store/file-store';
export type { Snapshot, Store, StoredDelayed, StoredMessage, StoredRetained } from './store/store';
