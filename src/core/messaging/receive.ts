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
export class Receiver {
  readonly #context: ClientContext;
  readonly #schema: StandardSchemaV1 | undefined;

  /** @param schema what the data must fit; a message whose data does not goes to `error` */
  constructor(context: ClientContext, schema?: StandardSchemaV1) {
    this.#context = context;
    this.#schema = schema;
  }

  subscribe(
    channel: string,
    listener: MessageListener,
    options: SubscribeOptions = {},
    stopped?: (cause?: unknown) => void,
  ): Unsubscribe {
    checkOptions(options, subscribeOptions);
    this.#context.checkMeant(channel, options.password);
    const isChecked = this.#schema && typeof listener === 'function';
    const receive = isChecked ? (message: Message) => this.#receive(channel, message, listener) : listener;
    return this.#context.listen(channel, receive, options, stopped);
  }

  messages(channel: string, options: MessagesOptions = {}): AsyncIterableIterator<Message<Anything>, undefined> {
    this.#context.session.check();
    checkOptions(options, [...subscribeOptions, 'buffer']);
    return this.#context.loop<Message>(channel, options, (push, form, end) => this.subscribe(channel, push, form, end));
  }

  async next(channel: string, options: NextOptions = {}): Promise<Message<Anything>> {
    checkOptions(options, [...subscribeOptions, 'timeout']);
    return this.#context.first<Message>(
      () => `No message on ${masked(channel)}`,
      { ...options, timeout: options.timeout ?? Infinity },
      (push, form, end) => this.subscribe(channel, push, form, end),
    );
  }

  #receive(channel: string, message: Message, listener: MessageListener): unknown {
    let data: Anything;
    try {
      data = conform(this.#schema, message.data, channel);
    } catch (cause) {
      return this.#context.events.error(new OocsiError('invalid', textOf(cause), { cause }));
    }
    return listener({ ...message, data });
  }
}
