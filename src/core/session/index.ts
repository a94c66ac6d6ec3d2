export { backoff, longestWait, longestWaitNear } from './backoff';
export { type ClientEvents, type DropReason, Events } from './events';
export { type Asked, createIdentity, type OnHandleTaken } from './identity';
export { tellGaps } from './outage';
export type { OutboxOptions, Sent, WhenOffline } from './outbox';
export { isOffline } from './page-lifecycle';
export { createSession, type Session } from './session';
export type { State } from './state-machine';
export type { MessageListener } from './subscriptions';
