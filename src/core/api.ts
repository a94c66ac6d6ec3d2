import type { ListenOptions, Unsubscribe } from './emitter';
import type { OocsiError } from './errors';
import type { ClientEvents } from './events';
import type { State } from './lifecycle';
import type { MessagesOptions } from './loop';
import type { Data, Message, Sendable } from './message';

/** Channels that carry anything. A client of any channel map fits a parameter of type `Client`. */
// biome-ignore lint/suspicious/noExplicitAny: untyped data is the point here, so that a sketch compiles without types.
export type AnyChannels = any;

/** What arrives on channel `K` of the channel map `C`. */
export type Received<C extends object, K extends string> = K extends keyof C
  ? C[K] extends object
    ? C[K]
    : Data
  : Data;

/** What may be sent to `K`: as the map says, and any object to names that it does not list. */
export type Outgoing<C extends object, K extends string> = string extends keyof C
  ? Sendable
  : K extends keyof C
    ? C[K] & object
    : Sendable;

/**
 * What became of a message: `'sent'`, handed to the connection within this turn (which is no receipt), or `'dropped'`,
 * because there is no connection; then the event `dropped` tells it, too.
 */
export type Sent = 'sent' | 'dropped';

/**
 * A client of an OOCSI server.
 *
 * `C` maps channel names to the data they carry; without it data is untyped.
 *
 * @example
 * type Channels = { colourChannel: { color: number } };
 * const oocsi = await connect<Channels>('ws://localhost:9000/ws');
 * oocsi.send('colourChannel', { color: 120 }); //=> 'sent'
 */
export interface Client<C extends object = AnyChannels> extends AsyncDisposable {
  /** This client's name, as the server welcomed it; before the welcome, as the client asks for it. */
  readonly handle: string;
  /** Where this client stands; the event `state` tells each change. */
  readonly state: State;
  /** Resolves when the client is closed for good, with the fault that closed it, if any. Never rejects. */
  readonly closed: Promise<OocsiError | undefined>;

  /**
   * Listens to what the client tells about itself.
   *
   * @throws TypeError for an event that does not exist.
   * @example
   * const stop = oocsi.on('state', ({ status }) => console.log(status));
   * stop();
   */
  on<E extends keyof ClientEvents>(event: E, listener: ClientEvents[E], options?: ListenOptions): Unsubscribe;

  /**
   * Sends data to a channel or to another client's handle.
   *
   * The server passes it to whoever is subscribed at that moment, never back to the sender's own subscription; a client
   * gets what it sends to its own handle. A channel with a password is `name:password`.
   *
   * @param data an object that JSON can carry
   * @throws TypeError when the name or the data cannot be sent; it names which
   * @throws OocsiError `closed`
   * @example
   * oocsi.send('colourChannel', { color: 120 }); //=> 'sent'
   */
  send<K extends string>(recipient: K | (keyof C & string), data: Outgoing<C, K>): Sent;

  /** Listens to the messages that are sent to this client's own handle. */
  subscribe(listener: (message: Message) => void, options?: ListenOptions): Unsubscribe;
  /**
   * Listens to a channel, from now on and over every reconnect, until the returned function is called.
   *
   * Any number of listeners may share a channel. One that throws does not stop the others; `error` tells.
   *
   * @throws TypeError when the name cannot be sent
   * @throws OocsiError `closed`; `invalid` when the client is subscribed to another form of the channel
   * @example
   * const stop = oocsi.subscribe('colourChannel', ({ data, sender }) => console.log(sender, data.color));
   * stop();
   */
  subscribe<K extends string>(
    channel: K | (keyof C & string),
    listener: (message: Message<Received<C, K>>) => void,
    options?: ListenOptions,
  ): Unsubscribe;

  /**
   * The messages of a channel as a loop. Leaving the loop unsubscribes; aborting `signal` and `close()` end it.
   *
   * @throws RangeError when `buffer` is less than 1
   * @example
   * for await (const { data } of oocsi.messages('colourChannel')) console.log(data.color);
   */
  messages<K extends string>(
    channel: K | (keyof C & string),
    options?: MessagesOptions,
  ): AsyncIterableIterator<Message<Received<C, K>>, undefined>;

  /**
   * The same verbs bound to one channel.
   *
   * @example
   * const colour = oocsi.channel('colourChannel');
   * colour.send({ color: 120 }); //=> 'sent'
   */
  channel<K extends string>(name: K | (keyof C & string)): Channel<Outgoing<C, K>, Received<C, K>>;

  /**
   * Delivers what was sent, says goodbye and closes for good; `closed` settles. Safe to call twice. Afterwards every
   * verb throws `closed`.
   *
   * Resolves when the connection is gone, or after 1 s: what a slow server has not taken by then still leaves while the
   * program lives.
   */
  close(): Promise<void>;
}

/** One channel of a client. */
export interface Channel<In extends object = Sendable, Out extends object = Data> {
  readonly name: string;
  /** See {@link Client.send}. */
  send(data: In): Sent;
  /** See {@link Client.subscribe}. */
  subscribe(listener: (message: Message<Out>) => void, options?: ListenOptions): Unsubscribe;
  /** See {@link Client.messages}. */
  messages(options?: MessagesOptions): AsyncIterableIterator<Message<Out>, undefined>;
}
