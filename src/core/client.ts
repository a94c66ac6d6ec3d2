import type { AnyChannels, Client, Sent } from './api';
import { createChannels, type MessagesOptions } from './channels';
import { systemClock } from './clock';
import { checkListener, type ListenOptions, type Unsubscribe, unsubscriber } from './emitter';
import { OocsiError } from './errors';
import { createEvents } from './events';
import { checkName } from './handle';
import { createIdentity } from './identity';
import type { Adapter } from './link';
import { encodeData, type Message } from './message';
import { type ClientOptions, checkOptions } from './options';
import { createSession } from './session';
import type { MessageListener } from './subscriptions';

/**
 * A client that dials at once.
 *
 * @param adapter asked before every attempt
 * @param once whether it gives up when its first attempt fails
 */
export function openClient<C extends object = AnyChannels>(
  adapter: () => Adapter | Promise<Adapter>,
  options: ClientOptions,
  once: boolean,
): Client<C> {
  checkOptions(options);
  const { clock = systemClock, timeout = 10_000, logger = () => {}, signal, reconnect = {}, on = {} } = options;
  const { attempts = Number.POSITIVE_INFINITY, delay } = reconnect || { attempts: 0 };
  const events = createEvents(logger, on);
  const { emit, failed, fault } = events;
  const session = createSession(
    { clock, identity: createIdentity(options), timeout, once, adapter, attempts, delay },
    {
      state: (now, before) => emit('state', now, before),
      message(message) {
        emit('message', message);
        channels.deliver(message);
      },
      fault,
      failed,
    },
  );
  const channels = createChannels(session, events);
  const reported = new Set<string>();

  function checkOpen(): void {
    const { status } = session.state;
    if (status === 'closed') throw new OocsiError(status, 'This client is closed: connect a new one.');
  }

  function send(recipient: string, data: object): Sent {
    checkOpen();
    checkName('recipient', recipient);
    const json = encodeData(data, (key, why) => {
      if (reported.has(key)) return;
      reported.add(key);
      fault(new OocsiError('invalid', `data.${key} ${why}.`));
    });
    if (session.send(recipient, json)) return 'sent';
    emit('dropped', { recipient, data }, 'offline');
    return 'dropped';
  }

  function subscribe(listener: MessageListener, options?: ListenOptions): Unsubscribe;
  function subscribe(channel: string, listener: MessageListener, options?: ListenOptions): Unsubscribe;
  function subscribe(
    first: string | MessageListener,
    second?: MessageListener | ListenOptions,
    third?: ListenOptions,
  ): Unsubscribe {
    checkOpen();
    if (typeof first === 'function') return channels.direct(first, typeof second === 'object' ? second : undefined);
    checkListener(second);
    return channels.subscribe(first, second, third);
  }

  function messages<D extends object>(
    name: string,
    options?: MessagesOptions,
  ): AsyncIterableIterator<Message<D>, undefined> {
    checkOpen();
    return channels.messages(name, options);
  }

  async function close(): Promise<void> {
    session.close();
    await session.closed;
  }

  const stop = unsubscriber(close, signal);
  void session.closed.then(stop);
  if (signal?.aborted) stop();
  else session.start();

  return {
    get handle() {
      return session.handle;
    },
    get state() {
      return session.state;
    },
    closed: session.closed,
    on(event, listener, options) {
      checkOpen();
      return events.on(event, listener, options);
    },
    send,
    subscribe,
    messages,
    channel(name) {
      checkOpen();
      checkName('channel', name);
      return {
        name,
        send: (data) => send(name, data),
        subscribe: (listener, options) => subscribe(name, listener, options),
        messages: (options) => messages(name, options),
      };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
