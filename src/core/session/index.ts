export { ReconnectPolicy } from './backoff';
export { type ClientEvents, type DropReason, Events } from './events';
export { type Asked, Identity, type OnHandleTaken } from './identity';
export type { OutboxOptions, Sent, WhenOffline } from './outbox';
export { ClientSession, type Session } from './session';
export type { State } from './state-machine';
export type { MessageListener } from './subscriptions';
