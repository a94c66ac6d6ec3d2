export { type Channel, type Channels, createChannels } from './channels';
export {
  createServerNews,
  type LeaveReason,
  type ServerClient,
  type ServerEvents,
  type ServerNews,
  type ServerRefusal,
  type SlowClient,
} from './events';
export { clientOwner } from './owners';
export type { Peer } from './peer';
export { hears, type Subscriber } from './subscriber';
