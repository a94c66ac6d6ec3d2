export { type Broker, type BrokerOptions, createBroker } from './broker';
export type { ServerStats } from './counts';
export type { Peer } from './peer';
export type { LeaveReason, ServerClient, ServerEvents, ServerRefusal, SlowClient } from './server-events';
export type { ServerLimits } from './server-limits';
export { type Server, type ServerOptions, startServer } from './start';
