export { type Channel, type ChannelEvents, Channels } from './channels';
export {
  createServerEvents,
  type LeaveReason,
  type ServerClient,
  type ServerEventEmitter,
  type ServerEvents,
  type ServerRefusal,
  type SlowClient,
} from './events';
export { clientOwner } from './owners';
export type { Peer } from './peer';
export { hears, type Subscriber } from './subscriber';
