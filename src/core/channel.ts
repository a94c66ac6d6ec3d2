import type { Anything, Data, Message, Sendable } from '../protocol/message';
import type { Unsubscribe } from '../util/listeners';
import type { CallAllOptions, CallOptions, RegisterOptions } from './calls/calls';
import type { SubscribeOptions } from './messaging/context';
import type { MessagesOptions, NextOptions } from './messaging/receive';
import type { SendData } from './messaging/send';
import type {
  Answer,
  Answered,
  Answers,
  AnyServices,
  CallArguments,
  Listed,
  Requested,
  Responder,
} from './messaging/typing';
import type { WaitOptions } from './messaging/wait';
import type { Presence } from './presence/presence';
import type { Variable, VariableOptions } from './variables/variable';

/** One channel of a client. Each verb is that of the {@link Client} with the name of the channel in front. */
export interface Channel<In extends object = Sendable, Out extends object = Data, S extends object = AnyServices> {
  readonly name: string;
  readonly send: SendData<In>;
  subscribe(listener: (message: Message<Out>) => void, options?: SubscribeOptions): Unsubscribe;
  messages(options?: MessagesOptions): AsyncIterableIterator<Message<Out>, undefined>;
  next(options?: NextOptions): Promise<Message<Out>>;
  variable<P extends Listed<Out>>(key: P, options?: VariableOptions<Out[P]>): Variable<Out[P]>;
  variable<T = Anything>(
    key: [Listed<Out>] extends [never] ? string : never,
    options?: VariableOptions<T>,
  ): Variable<T>;
  call<N extends string>(
    service: N | Listed<S>,
    ...args: CallArguments<Requested<S, N>, CallOptions>
  ): Promise<Answered<S, N>>;
  callAll<N extends string>(
    service: N | Listed<S>,
    ...args: CallArguments<Requested<S, N>, CallAllOptions>
  ): Answers<Answered<S, N>>;
  register<N extends string>(
    service: N | Listed<S>,
    responder: Responder<Requested<S, N>, Answer<S, N>>,
    options?: RegisterOptions,
  ): Unsubscribe;
  presence(): Presence;
  members(options?: WaitOptions): Promise<string[]>;
}
