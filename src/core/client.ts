import type { Anything, Dialects, OocsiError, Sendable } from '../protocol/index';
import { type Adapter, checkRecipient } from '../protocol/index';
import {
  type BindOptions,
  checkListener,
  checkNumbers,
  checkOptions,
  checkWord,
  type ListenOptions,
  systemClock,
  type Unsubscribe,
  unsubscriber,
  withBoundMethods,
} from '../util/index';
import type { Client } from './api';
import {
  type AnyResponder,
  type CallAllOptions,
  type CallOptions,
  createCalls,
  type RegisterOptions,
} from './calls/index';
import type { Channel } from './channel';
import { ClientChannel } from './client-channel';
import type { Ack, AnyChannels, AnyServices, MessagesOptions, NextOptions, WaitOptions } from './messaging/index';
import {
  type AckedOptions,
  ClientContext,
  Receiver,
  Sender,
  type SendOptions,
  type StandardSchemaV1,
  type SubscribeOptions,
} from './messaging/index';
import type { ClientOptions } from './options';
import { createPresence, list, type Presence } from './presence/index';
import { createAcks, keepOrder } from './reliable/index';
import type { ClientEvents, MessageListener, Sent, State } from './session/index';
import { ClientSession, Events, Identity, ReconnectPolicy } from './session/index';
import { createVariables, type Variable, type VariableOptions } from './variables/index';

/**
 * A client that dials at once.
 *
 * @param adapter asked before every attempt
 * @param once whether it gives up when its first attempt fails
 */
export function openClient<C extends object = AnyChannels, S extends object = AnyServices>(
  adapter: () => Adapter | Promise<Adapter>,
  dialects: Dialects,
  options: ClientOptions,
  once: boolean,
): Client<C, S> {
  const {
    clock = systemClock,
    timeout = 10_000,
    signal,
    reconnect = {},
    on = {},
    logger,
    outbox = {},
    lostAfter = 5_000,
    maxMessage = 65_536,
    handle,
    password,
    onHandleTaken,
    unhandled = 'warn',
  } = options;
  const again = reconnect || { attempts: 0, delay: undefined };
  checkOptions(again, ['attempts', 'delay'], 'reconnect');
  const { attempts = 1e9, delay } = again;
  if (delay !== undefined) checkListener('delay', delay);
  if (logger) checkListener('logger', logger);
  checkNumbers({ timeout, maxMessage }, 1);
  checkNumbers({ ...outbox, attempts, lostAfter });
  checkWord('unhandled', unhandled, ['warn', 'throw']);
  const events = new Events(on, logger, unhandled);
  const identity = new Identity({ handle, password, onHandleTaken });
  const policy = new ReconnectPolicy({ attempts, once, delay }, clock, events);
  const session = new ClientSession({ clock, identity, policy, outbox, timeout, lostAfter, adapter, dialects }, events);
  const context = new ClientContext(session, events, clock, { timeout, maxMessage });
  const client = new OpenClient(session, context, outbox.size);
  if (signal) void session.whenClosed.then(unsubscriber(() => client.close(), signal));
  session.start();
  return client;
}

type Direct = [listener: MessageListener, options?: BindOptions];
type ToChannel = [channel: string, listener: MessageListener, options?: SubscribeOptions];

/** A client: each of its verbs is a method of the feature that does it. */
const OpenClient = /* @__PURE__ */ withBoundMethods(
  class {
    readonly #session: ClientSession;
    readonly #context: ClientContext;
    readonly #calls: ReturnType<typeof createCalls>;
    readonly #sender: Sender;
    readonly #receiver: Receiver;
    readonly #variables: ReturnType<typeof createVariables>;

    /** @param outboxSize how many acknowledged messages to one recipient it takes while there is no connection */
    constructor(session: ClientSession, context: ClientContext, outboxSize: number | undefined) {
      this.#session = session;
      this.#context = context;
      // Most messages with keys of the protocol are calls and answers, so they are looked at first.
      this.#calls = createCalls(context);
      this.#sender = new Sender(context, createAcks(context, outboxSize));
      keepOrder(context);
      this.#variables = createVariables(context, (options) => this.#calls.flush(options));
      this.#receiver = new Receiver(context);
    }

    get handle(): string {
      return this.#session.ownHandle;
    }

    get state(): State {
      return this.#session.shown;
    }

    get closed(): Promise<OocsiError | undefined> {
      return this.#session.whenClosed;
    }

    on<E extends keyof ClientEvents>(event: E, listener: ClientEvents[E], options?: ListenOptions): Unsubscribe {
      return this.#unlessClosed(this.#context.events.bind(event, listener, options));
    }

    send(recipient: string, data: object, options: AckedOptions): Promise<Ack>;
    send(recipient: string, data: object, options?: SendOptions): Sent;
    send(recipient: string, data: object, options?: SendOptions | AckedOptions): Sent | Promise<Ack>;
    send(recipient: string, data: object, options?: SendOptions | AckedOptions): Sent | Promise<Ack> {
      return this.#sender.send(recipient, data, options);
    }

    subscribe(...args: Direct | ToChannel): Unsubscribe {
      if (!isDirect(args)) return this.#receiver.subscribe(...args);
      const stop = this.#unlessClosed(this.#session.subscribeDirect(...args));
      this.#session.dialEarly();
      return stop;
    }

    messages(channel: string, options?: MessagesOptions) {
      return this.#receiver.messages(channel, options);
    }

    next(channel: string, options?: NextOptions) {
      return this.#receiver.next(channel, options);
    }

    channel(name: string, schema?: StandardSchemaV1): Channel<Sendable, Anything, AnyServices> {
      this.#session.check();
      checkRecipient('channel', name);
      return new ClientChannel(name, this, new Receiver(this.#context, schema), schema);
    }

    variable(channel: string, key: string, options?: VariableOptions<Anything>): Variable<Anything> {
      return this.#variables.open(channel, key, options);
    }

    call(channel: string, service: string, data?: Anything, options?: CallOptions): Promise<Anything> {
      return this.#calls.call(channel, service, data, options);
    }

    callAll(channel: string, service: string, data?: Anything, options?: CallAllOptions) {
      return this.#calls.callAll(channel, service, data, options);
    }

    register(channel: string, service: string, responder: AnyResponder, options?: RegisterOptions): Unsubscribe {
      return this.#calls.register(channel, service, responder, options);
    }

    presence(name: string): Presence {
      return createPresence(this.#context, name);
    }

    clients(options?: WaitOptions): Promise<string[]> {
      return list(this.#context, 'clients', options);
    }

    channels(options?: WaitOptions): Promise<string[]> {
      return list(this.#context, 'channels', options);
    }

    async members(channel: string, options?: WaitOptions): Promise<string[]> {
      checkRecipient('channel', channel);
      return list(this.#context, 'channels', options, channel);
    }

    flush(options?: WaitOptions): Promise<void> {
      return this.#calls.flush(options);
    }

    async close(): Promise<void> {
      this.#variables.drain();
      this.#session.close();
      await this.#session.whenClosed;
    }

    async [Symbol.asyncDispose](): Promise<void> {
      await this.close();
    }

    /** What a closed client gives stops nothing. */
    #unlessClosed(stop: Unsubscribe): Unsubscribe {
      if (this.#session.isClosed) stop();
      return stop;
    }
  },
);

function isDirect(args: Direct | ToChannel): args is Direct {
  return typeof args[0] === 'function';
}
