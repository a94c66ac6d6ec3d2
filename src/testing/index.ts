export { memory } from '../adapters/index';
export { type Broker, type BrokerOptions, createBroker } from '../server/broker/index';
export { createMemoryServer, type MemoryServer, type MemoryServerOptions } from './memory-server';
export { type Attempt, createScriptedAdapter, type ScriptedAdapter } from './scripted-adapter';
export { createVirtualClock, type VirtualClock } from './virtual-clock';
