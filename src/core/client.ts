import type { AnyChannels, Client, Sent } from './api';
import { backoff } from './backoff';
import { systemClock } from './clock';
import { type ListenOptions, type Unsubscribe, unsubscriber } from './emitter';
import { OocsiError } from './errors';
import { createEvents } from './events';
import { checkName } from './handle';
import { createIdentity } from './identity';
import type { Adapter } from './link';
import { createLoop, type MessagesOptions } from './loop';
import { encodeData, type Message } from './message';
import type { ClientOptions } from './options';
import { createSession, type Dialects } from './session';
import type { MessageListener } from './subscriptions';

/** The least that a client waits before it dials again, in ms. */
const shortestWait = 50;

/**
 * A client that dials at once.
 *
 * @param adapter asked before every attempt
 * @param once whether it gives up when its first attempt fails
 */
export function openClient<C extends object = AnyChannels>(
  adapter: () => Adapter | Promise<Adapter>,
  dialects: Dialects,
  options: ClientOptions,
  once: boolean,
): Client<C> {
  const { clock = systemClock, timeout = 10_000, signal, reconnect = {}, on = {} } = options;
  const { attempts = 1e9, delay = backoff } = reconnect || { attempts: 0 };
  if (!(timeout > 0)) throw new RangeError(`timeout cannot be ${timeout}`);
  const events = createEvents(on);
  const identity = createIdentity(options);
  function wait(losses: number): number {
    try {
      return Math.max(shortestWait, delay(losses, clock.random()) || 0);
    } catch (thrown) {
      events.failed(thrown);
      return shortestWait;
    }
  }
  const session = createSession({ clock, identity, timeout, once, adapter, dialects, attempts, delay: wait }, events);
  const reported = new Set<string>();

  function checkOpen(): void {
    const { status } = session.state;
    if (status === 'closed') throw new OocsiError(status, 'This client is closed. Connect again.');
  }

  function send(recipient: string, data: object): Sent {
    checkOpen();
    checkName('recipient', recipient);
    const json = encodeData(data, (key, why) => {
      if (reported.has(key)) return;
      reported.add(key);
      events.fault(new OocsiError('invalid', `data.${key} ${why}.`));
    });
    if (session.send(recipient, json)) return 'sent';
    events.emit('dropped', { recipient, data }, 'offline');
    return 'dropped';
  }

  function subscribe(...args: Direct | ToChannel): Unsubscribe {
    checkOpen();
    return isDirect(args) ? session.direct(...args) : session.subscribe(...args);
  }

  function messages<D extends object>(
    name: string,
    options?: MessagesOptions,
  ): AsyncIterableIterator<Message<D>, undefined> {
    checkOpen();
    return createLoop(session, events, name, options);
  }

  async function close(): Promise<void> {
    session.close();
    await session.closed;
  }

  void session.closed.then(unsubscriber(close, signal));
  session.start();

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

type Direct = [listener: MessageListener, options?: ListenOptions];
type ToChannel = [channel: string, listener: MessageListener, options?: ListenOptions];

function isDirect(args: Direct | ToChannel): args is Direct {
  return typeof args[0] === 'function';
}
