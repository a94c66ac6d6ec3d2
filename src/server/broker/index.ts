export { type BrokerOptions, createBroker } from './broker';
export { ChannelDelivery } from './channel-delivery';
export type { BrokerParts } from './context';
export { createLocalClient, createLocalLink, type ReceivedMessage } from './local-client';
export type { Network } from './queries';
export { assembleBroker, type Broker, type ServerBroker } from './server-broker';
export { TooLong } from './session';
