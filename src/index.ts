export { memory } from './adapters/memory';
export { webSocket } from './adapters/websocket';
export { connect, createClient, type Target } from './connect';
export type { Ack, AckOptions } from './core/acks';
export type { Client } from './core/api';
export type { SubscribeOptions } from './core/base';
export type { NumericOptions } from './core/bounds';
export type { CallAllOptions, CallOptions, RegisterOptions } from './core/calls';
export type { Channel } from './core/channel';
export type { Limit } from './core/limit';
export type { LoopOptions, WaitOptions } from './core/loop';
export type { ClientOptions } from './core/options';
export type { Presence, PresenceEvent } from './core/presence';
export type { MessagesOptions, NextOptions } from './core/receive';
export type { InputOf, OutputOf, StandardSchemaV1 } from './core/schema';
export type { AckedOptions, SendOptions } from './core/send';
export type { ClientEvents, DropReason } from './core/session/events';
export type { Asked, OnHandleTaken } from './core/session/identity';
export type { OutboxOptions, Sent, WhenOffline } from './core/session/outbox';
export type { State } from './core/session/state-machine';
export type {
  Answered,
  AnyChannels,
  AnyServices,
  Listed,
  Outgoing,
  Received,
  Requested,
  Responder,
} from './core/typing';
export type { Unhandled } from './core/unhandled';
export type { Origin, Variable, VariableOptions } from './core/variable';
export { type ErrorCode, type ErrorDetails, isOocsiError, OocsiError } from './protocol/errors';
export type { Accept, Adapter, Dialect, Link, LinkEvents } from './protocol/link';
export type { Data, Message, OutgoingMessage, Sendable } from './protocol/message';
export type { RefusalCode } from './protocol/refusals';
export type { Form } from './protocol/subscription';
export type { Clock } from './util/clock';
export type { BindOptions, ListenOptions, Unsubscribe } from './util/listeners';
