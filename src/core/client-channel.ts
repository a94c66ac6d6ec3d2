import type { Anything, Message, Sendable } from '../protocol/index';
import { type Unsubscribe, withBoundMethods } from '../util/index';
import type { Client } from './api';
import type { AnyResponder, CallAllOptions, CallOptions, RegisterOptions } from './calls/index';
import type {
  Ack,
  AckedOptions,
  Answers,
  MessagesOptions,
  NextOptions,
  Receiver,
  SendOptions,
  StandardSchemaV1,
  SubscribeOptions,
  WaitOptions,
} from './messaging/index';
import { conform } from './messaging/index';
import type { Presence } from './presence/index';
import type { MessageListener, Sent } from './session/index';
import type { Variable, VariableOptions } from './variables/index';

/** What one channel needs of its client. */
interface ChannelClient extends Pick<Client, 'send' | 'variable' | 'call' | 'callAll' | 'presence' | 'members'> {
  register(channel: string, service: string, responder: AnyResponder, options?: RegisterOptions): Unsubscribe;
}

/** One channel: each verb is that of the client, and its data is checked where there is a schema. */
export const ClientChannel = /* @__PURE__ */ withBoundMethods(
  class {
    readonly name: string;
    readonly #client: ChannelClient;
    readonly #receiver: Receiver;
    readonly #schema: StandardSchemaV1 | undefined;

    constructor(name: string, client: ChannelClient, receiver: Receiver, schema: StandardSchemaV1 | undefined) {
      this.name = name;
      this.#client = client;
      this.#receiver = receiver;
      this.#schema = schema;
    }

    send(data: Sendable, options: AckedOptions): Promise<Ack>;
    send(data: Sendable, options?: SendOptions): Sent;
    send(data: Sendable, options?: SendOptions | AckedOptions): Sent | Promise<Ack>;
    send(data: Sendable, options?: SendOptions | AckedOptions): Sent | Promise<Ack> {
      conform(this.#schema, data, this.name);
      return this.#client.send(this.name, data, options);
    }

    subscribe(listener: MessageListener, options?: SubscribeOptions): Unsubscribe {
      return this.#receiver.subscribe(this.name, listener, options);
    }

    messages(options?: MessagesOptions): AsyncIterableIterator<Message<Anything>, undefined> {
      return this.#receiver.messages(this.name, options);
    }

    next(options?: NextOptions): Promise<Message<Anything>> {
      return this.#receiver.next(this.name, options);
    }

    variable(key: string, options?: VariableOptions<Anything>): Variable<Anything> {
      return this.#client.variable(this.name, key, options);
    }

    call(service: string, data?: Anything, options?: CallOptions): Promise<Anything> {
      return this.#client.call(this.name, service, data, options);
    }

    callAll(service: string, data?: Anything, options?: CallAllOptions): Answers<Anything> {
      return this.#client.callAll(this.name, service, data, options);
    }

    register(service: string, responder: AnyResponder, options?: RegisterOptions): Unsubscribe {
      return this.#client.register(this.name, service, responder, options);
    }

    presence(): Presence {
      return this.#client.presence(this.name);
    }

    members(options?: WaitOptions): Promise<string[]> {
      return this.#client.members(this.name, options);
    }
  },
);
