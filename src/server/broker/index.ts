export { assembleBroker, type Broker, type BrokerOptions, createBroker, type HomeBroker } from './broker';
export { createHandout } from './channel-delivery';
export { createInsider, type Heard, linkTo } from './local-client';
export type { Network } from './queries';
export type { Home } from './server-broker';
export { TooLong } from './session';
