export { webSocket } from '#platform';
export { memory, type WebSocketOptions } from './adapters/index';
export { connect, createClient, type Target } from './connect';
export type { CallAllOptions, CallOptions, RegisterOptions } from './core/calls/index';
export type { Channel, Client, ClientOptions } from './core/index';
export type {
  Ack,
  AckedOptions,
  AckOptions,
  Answered,
  AnyChannels,
  AnyServices,
  InputOf,
  Limit,
  Listed,
  LoopOptions,
  MessagesOptions,
  NextOptions,
  Outgoing,
  OutputOf,
  Received,
  Requested,
  Responder,
  SendOptions,
  StandardSchemaV1,
  SubscribeOptions,
  WaitOptions,
} from './core/messaging/index';
export type { Presence, PresenceEvent } from './core/presence/index';
export type {
  Asked,
  ClientEvents,
  DropReason,
  OnHandleTaken,
  OutboxOptions,
  Sent,
  State,
  WhenOffline,
} from './core/session/index';
export type { NumericOptions, Origin, Variable, VariableOptions } from './core/variables/index';
export type {
  Accept,
  Adapter,
  Data,
  Dialect,
  Form,
  Link,
  LinkEvents,
  Message,
  OutgoingMessage,
  RefusalCode,
  Sendable,
  Unhandled,
} from './protocol/index';
export { type ErrorCode, type ErrorDetails, isOocsiError, OocsiError } from './protocol/index';
export type { BindOptions, Clock, ListenOptions, Unsubscribe } from './util/index';
