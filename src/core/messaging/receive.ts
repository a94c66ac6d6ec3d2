import type { Anything, Message } from '../../protocol/index';
import { masked, OocsiError, textOf } from '../../protocol/index';
import { checkOptions, type Unsubscribe } from '../../util/index';
import type { MessageListener } from '../session/index';
import type { ClientContext, SubscribeOptions } from './context';
import { conform, type StandardSchemaV1 } from './schema';
import type { LoopOptions, WaitOptions } from './wait';

/** Options of a loop over messages. */
export type MessagesOptions = SubscribeOptions & LoopOptions;

/** Options of a wait for one message. */
export type NextOptions = SubscribeOptions & WaitOptions;

const subscribeOptions: readonly (keyof SubscribeOptions)[] = [
  'password',
  'filter',
  'transform',
  'limit',
  'reliable',
  'signal',
];

/** The messages of a channel: for a listener, as a loop, or one of them. */
export interface Receiver {
  subscribe(
    channel: string,
    listener: MessageListener,
    options?: SubscribeOptions,
    stopped?: (cause?: unknown) => void,
  ): Unsubscribe;
  messages(channel: string, options?: MessagesOptions): AsyncIterableIterator<Message<Anything>, undefined>;
  next(channel: string, options?: NextOptions): Promise<Message<Anything>>;
}

/** @param schema what the data must fit; a message whose data does not goes to `error` */
export function createReceiver(context: ClientContext, schema?: StandardSchemaV1): Receiver {
  const { session, events } = context;
  const subscribe: Receiver['subscribe'] = (channel, listener, options = {}, stopped) => {
    checkOptions(options, subscribeOptions);
    function receive(message: Message): unknown {
      let data: Anything;
      try {
        data = conform(schema, message.data, channel);
      } catch (cause) {
        return events.error(new OocsiError('invalid', textOf(cause), { cause }));
      }
      return listener({ ...message, data });
    }
    context.checkMeant(channel, options.password);
    return context.listen(channel, schema && typeof listener === 'function' ? receive : listener, options, stopped);
  };
  return {
    subscribe,
    messages(channel, options = {}) {
      session.check();
      checkOptions(options, [...subscribeOptions, 'buffer']);
      return context.loop<Message>(channel, options, (push, form, end) => subscribe(channel, push, form, end));
    },
    async next(channel, options = {}) {
      checkOptions(options, [...subscribeOptions, 'timeout']);
      return context.first<Message>(
        () => `No message on ${masked(channel)}`,
        { ...options, timeout: options.timeout ?? Infinity },
        (push, form, end) => subscribe(channel, push, form, end),
      );
    },
  };
}
