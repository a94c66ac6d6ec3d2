import type { Anything, Data, Message, Sendable } from '../protocol/index';
import type { Unsubscribe } from '../util/index';
import type { CallAllOptions, CallOptions, RegisterOptions } from './calls/index';
import type {
  Answer,
  Answered,
  Answers,
  AnyServices,
  CallArguments,
  Listed,
  MessagesOptions,
  NextOptions,
  Requested,
  Responder,
  SendData,
  SubscribeOptions,
  WaitOptions,
} from './messaging/index';
import type { Presence } from './presence/index';
import type { Variable, VariableOptions } from './variables/index';

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
