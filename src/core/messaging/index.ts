export type { Ack, AckOptions, SendAcked } from './acknowledgement';
export { ClientContext, type SubscribeOptions } from './context';
export { createLimit, type Limit } from './rate-limit';
export { type MessagesOptions, type NextOptions, Receiver } from './receive';
export { conform, type InputOf, type OutputOf, type StandardSchemaV1 } from './schema';
export { type AckedOptions, type SendData, Sender, type SendOptions, type SendTo } from './send';
export type {
  Answer,
  Answered,
  Answers,
  AnyChannels,
  AnyServices,
  CallArguments,
  Listed,
  Outgoing,
  Received,
  Requested,
  Responder,
  Unlisted,
} from './typing';
export type { LoopOptions, Start, WaitOptions } from './wait';
