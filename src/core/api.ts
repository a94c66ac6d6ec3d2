import type { Anything, Message, OocsiError } from '../protocol/index';
import type { BindOptions, ListenOptions, Unsubscribe } from '../util/index';
import type { CallAllOptions, CallOptions, RegisterOptions } from './calls/index';
import type { Channel } from './channel';
import type {
  Answer,
  Answered,
  Answers,
  AnyChannels,
  AnyServices,
  CallArguments,
  InputOf,
  Listed,
  MessagesOptions,
  NextOptions,
  Outgoing,
  OutputOf,
  Received,
  Requested,
  Responder,
  SendTo,
  StandardSchemaV1,
  SubscribeOptions,
  Unlisted,
  WaitOptions,
} from './messaging/index';
import type { Presence } from './presence/index';
import type { ClientEvents, State } from './session/index';
import type { Variable, VariableOptions } from './variables/index';

/**
 * A client of an OOCSI server.
 *
 * `C` maps channel names to the data they carry, `S` names of services to what they take and answer; without them data is
 * untyped.
 *
 * @example
 * type Channels = { colourChannel: { color: number } };
 * type Services = { mix(data: { hue: number }): { rgb: string } };
 * const oocsi = await connect<Channels, Services>('ws://localhost:9000/ws');
 * oocsi.send('colourChannel', { color: 120 }); //=> 'sent'
 */
export interface Client<C extends object = AnyChannels, S extends object = AnyServices> extends AsyncDisposable {
  /** This client's name, as the server welcomed it; before the welcome, as the client asks for it. */
  readonly handle: string;
  /** Where this client stands; the event `state` tells each change. */
  readonly state: State;
  /** Resolves when the client is closed for good, with the error that closed it, if any. Never rejects. */
  readonly closed: Promise<OocsiError | undefined>;

  /**
   * Listens to what the client tells about itself.
   *
   * @throws TypeError for an event that does not exist.
   * @example
   * oocsi.on('state', ({ status }) => console.log(status));
   */
  on<E extends keyof ClientEvents>(event: E, listener: ClientEvents[E], options?: ListenOptions): Unsubscribe;

  /**
   * Sends data to a channel or to another client's handle.
   *
   * The server passes it to whoever is subscribed at that moment, never back to the sender's own subscription; a client
   * gets what it sends to its own handle. See {@link SendOptions} to send later, or to keep it for those who come later;
   * with {@link AckedOptions} it gives a promise of who has got it.
   *
   * @param data an object that JSON can carry
   * @throws TypeError, RangeError when the name, the data or an option cannot be sent; it names which
   * @example
   * oocsi.send('colourChannel', { color: 120 }); //=> 'sent'
   * oocsi.send('colourChannel', { color: 0 }, { delay: 5 }); // in five seconds
   */
  readonly send: SendTo<C>;

  /** Listens to the messages that are sent to this client's own handle. */
  subscribe(listener: (message: Message) => void, options?: BindOptions): Unsubscribe;
  /**
   * Listens to a channel, from now on and over every reconnect, until the returned function is called.
   *
   * Any number of listeners may share a channel. One that throws does not stop the others; `error` tells.
   * Each listener has a message of its own, and may change it.
   * @throws TypeError, RangeError when the name or an option cannot be meant
   * @throws OocsiError `invalid` when the client is subscribed to another form of the channel
   * @example
   * const stop = oocsi.subscribe('colourChannel', ({ data, sender }) => console.log(sender, data.color));
   * oocsi.subscribe('dial', ({ data }) => console.log(data.position), { filter: 'position > 100' });
   */
  subscribe<K extends string>(
    channel: K | (keyof C & string),
    listener: (message: Message<Received<C, K>>) => void,
    options?: SubscribeOptions,
  ): Unsubscribe;

  /**
   * The messages of a channel as a loop. Leaving the loop unsubscribes; aborting `signal` and `close()` end it.
   * @throws as {@link Client.subscribe}, and OocsiError `closed`; RangeError when `buffer` is less than 1
   * @example
   * for await (const { data } of oocsi.messages('colourChannel')) console.log(data.color);
   */
  messages<K extends string>(
    channel: K | (keyof C & string),
    options?: MessagesOptions,
  ): AsyncIterableIterator<Message<Received<C, K>>, undefined>;

  /**
   * The next message of a channel.
   * @returns rejects with `timeout` when a `timeout` is given and over, with the reason of an aborted signal, with
   * `closed`, and as {@link Client.subscribe} throws
   * @example
   * const { data } = await oocsi.next('colourChannel', { timeout: 5000 });
   */
  next<K extends string>(channel: K | (keyof C & string), options?: NextOptions): Promise<Message<Received<C, K>>>;

  /**
   * The same verbs bound to one channel. With a schema (Valibot, Zod, ArkType, … see https://standardschema.dev) its data
   * has the schema's types, and is checked: what comes in and does not fit goes to `error`, code `invalid`, and to no
   * listener; what is to go out and does not fit throws. The schema must answer at once.
   *
   * @throws TypeError when the name cannot be sent
   * @throws OocsiError `closed`; `send` throws `invalid` for data that does not fit
   * @example
   * const colour = oocsi.channel('colourChannel', v.object({ color: v.number() }));
   * colour.send({ color: 120 }); //=> 'sent'
   */
  channel<K extends string>(name: K | (keyof C & string)): Channel<Outgoing<C, K>, Received<C, K>, S>;
  channel<V extends StandardSchemaV1>(name: string, schema: V): Channel<InputOf<V>, OutputOf<V>, S>;

  /**
   * A value that is shared by all clients that have a variable of this channel and key, in whatever language.
   *
   * The last write that arrives wins; clients that are away then miss it, unless it is retained. `min`, `max` and `smooth`
   * work as in the Java client's `OOCSIFloat`.
   * @throws TypeError, RangeError when an option cannot be meant
   * @throws OocsiError `closed`; `invalid` when the client is subscribed to another form of the channel
   * @example
   * const color = oocsi.variable('colourChannel', 'color', { initial: 0, min: 0, max: 255 });
   * color.subscribe((value, origin) => console.log(value, origin)); //=> 0 local
   * color.set(300);
   * color.value; //=> 255
   */
  variable<K extends Listed<C>, P extends keyof C[K] & string>(
    channel: K,
    key: P,
    options?: VariableOptions<C[K][P]>,
  ): Variable<C[K][P]>;
  variable<T = Anything, K extends string = string>(
    channel: Unlisted<K, C>,
    key: string,
    options?: VariableOptions<T>,
  ): Variable<T>;

  /**
   * Calls a service: a responder that another client registered under this name, on a channel or reached by its handle.
   *
   * The first answer counts. While there is no connection the call waits for one, and its time runs; a `timeout` then says
   * that there is none, and why. The message is
   * delivered to all subscribers of the channel; those who do not know the name take it for a message.
   *
   * @returns the answer. Rejects with `timeout`; `remote` when the responder failed, with its message; `disconnected`
   * when the connection is lost before an answer came; `closed`; the reason of an aborted signal; TypeError or RangeError when an argument cannot be meant
   * @example
   * const { rgb } = await oocsi.call('lights', 'mix', { hue: 120 }, { timeout: 1000 });
   */
  call<N extends string>(
    channel: string,
    service: N | Listed<S>,
    ...args: CallArguments<Requested<S, N>, CallOptions>
  ): Promise<Answered<S, N>>;

  /**
   * Calls a service and loops over every answer, until `max` have come or `timeout` ms are over.
   *
   * An answer that says that its responder failed goes to `error` and counts. The loop throws
   * `disconnected` when the connection is lost before, and `timeout` when there is none as the time is over.
   *
   * @throws TypeError, RangeError when an argument cannot be meant
   * @throws OocsiError `closed`
   * @example
   * for await (const { sender, data } of oocsi.callAll('lights', 'power', {}, { timeout: 500 })) {
   *   console.log(sender, data.watts);
   * }
   */
  callAll<N extends string>(
    channel: string,
    service: N | Listed<S>,
    ...args: CallArguments<Requested<S, N>, CallAllOptions>
  ): Answers<Answered<S, N>>;

  /**
   * Answers calls of that name on a channel, and those that are sent to this client's own handle.
   * What the responder returns, or resolves to, is the answer; nothing is an empty one. What it throws reaches callers
   * that use this library as `remote`, and `error` here. A call that is answered here reaches no listener.
   *
   * @throws TypeError when an argument cannot be meant
   * @throws OocsiError `invalid` when the name is registered on this channel already
   * @example
   * const stop = oocsi.register('lights', 'mix', ({ hue }) => ({ rgb: `hsl(${hue} 100% 50%)` }));
   */
  register<N extends string>(
    channel: string,
    service: N | Listed<S>,
    responder: Responder<Requested<S, N>, Answer<S, N>>,
    options?: RegisterOptions,
  ): Unsubscribe;

  /**
   * Watches who is on a channel, or whether a client is there, until it is disposed of.
   * @param name of a channel or a handle: letters, digits, `_` and `-`
   * @throws TypeError when servers tell no presence of such a name
   * @throws OocsiError `closed`
   * @example
   * const room = oocsi.presence('room');
   * room.subscribe(({ type }) => console.log(type, [...room.members]));
   */
  presence(name: string): Presence;

  /**
   * The handles of all clients.
   * @returns rejects with `timeout` (by default after the client's `timeout`), `disconnected`, `closed`, or the reason of
   * an aborted signal
   * @example
   * await oocsi.clients(); //=> ['lamp', 'dial']
   */
  clients(options?: WaitOptions): Promise<string[]>;
  /** The names of all channels, and of clients, which are channels too; see {@link Client.clients}. */
  channels(options?: WaitOptions): Promise<string[]>;
  /** Who is subscribed to a channel. Over WebSocket the Java server says nothing of one without: that is a `timeout`. */
  members(channel: string, options?: WaitOptions): Promise<string[]>;

  /** Resolves when the server has dealt with all that was sent before; rejects as {@link Client.clients} does. */
  flush(options?: WaitOptions): Promise<void>;

  /**
   * Delivers what was sent, says goodbye and closes for good; `closed` settles. Safe to call twice. What was under way
   * has ended with it. Afterwards `send` gives `'dropped'`, and the event `dropped` tells it; what gives an `Unsubscribe`
   * gives one that does nothing; what gives a promise rejects with `closed`; what gives a thing to work with (`channel`,
   * `messages`, `variable`, `callAll`, `presence`) throws `closed`.
   *
   * Resolves when the connection is gone, or after 1 s: what a slow server has not taken by then still leaves while the
   * program lives.
   */
  close(): Promise<void>;
}
