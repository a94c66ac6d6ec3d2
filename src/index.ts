export { webSocket } from '#platform';
export { memory } from './adapters/memory';
export { connect, createClient, type Target } from './connect';
export type { Client } from './core/api';
export type { CallAllOptions, CallOptions, RegisterOptions } from './core/calls/calls';
export type { Channel } from './core/channel';
export type { Ack, AckOptions } from './core/messaging/acknowledgement';
export type { SubscribeOptions } from './core/messaging/context';
export type { Limit } from './core/messaging/rate-limit';
export type { MessagesOptions, NextOptions } from './core/messaging/receive';
export type { InputOf, OutputOf, StandardSchemaV1 } from './core/messaging/schema';
export type { AckedOptions, SendOptions } from './core/messaging/send';
export type {
  Answered,
  AnyChannels,
  AnyServices,
  Listed,
  Outgoing,
  Received,
  Requested,
  Responder,
} from './core/messaging/typing';
export type { LoopOptions, WaitOptions } from './core/messaging/wait';
export type { ClientOptions } from './core/options';
export type { Presence, PresenceEvent } from './core/presence/presence';
export type { ClientEvents, DropReason } from './core/session/events';
export type { Asked, OnHandleTaken } from './core/session/identity';
export type { OutboxOptions, Sent, WhenOffline } from './core/session/outbox';
export type { State } from './core/session/state-machine';
export type { NumericOptions } from './core/variables/bounds';
export type { Origin, Variable, VariableOptions } from './core/variables/variable';
export { type ErrorCode, type ErrorDetails, isOocsiError, OocsiError } from './protocol/errors';
export type { Accept, Adapter, Dialect, Link, LinkEvents } from './protocol/link';
export type { Data, Message, OutgoingMessage, Sendable } from './protocol/message';
export type { RefusalCode } from './protocol/refusals';
export type { Form } from './protocol/subscription';
export type { Unhandled } from './protocol/unhandled-errors';
export type { Clock } from './util/clock';
export type { BindOptions, ListenOptions, Unsubscribe } from './util/listeners';
