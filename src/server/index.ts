export { type Broker, type BrokerOptions, createBroker } from './broker';
export { type Server, type ServerOptions, startServer } from './start';
