import type { Anything, Dialects, Sendable } from '../protocol/index';
import { type Adapter, checkRecipient, isNear } from '../protocol/index';
import {
  type BindOptions,
  checkListener,
  checkNumbers,
  checkOptions,
  checkWord,
  systemClock,
  type Unsubscribe,
  unsubscriber,
} from '../util/index';
import type { Client } from './api';
import { createCalls } from './calls/index';
import type { Channel } from './channel';
import type { Ack, AnyChannels, AnyServices, WaitOptions } from './messaging/index';
import {
  type AckedOptions,
  ClientContext,
  conform,
  createReceiver,
  createSend,
  type SendOptions,
  type StandardSchemaV1,
  type SubscribeOptions,
} from './messaging/index';
import type { ClientOptions } from './options';
import { createPresence, list, type Presence } from './presence/index';
import { createAcks, keepOrder } from './reliable/index';
import type { MessageListener, Sent } from './session/index';
import {
  backoff,
  createIdentity,
  createSession,
  Events,
  isOffline,
  longestWait,
  longestWaitNear,
  tellGaps,
} from './session/index';
import { createVariables } from './variables/index';

/** The least that a client waits before it dials again, in ms. */
const shortestWait = 50;

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
  const again = reconnect || { attempts: 0 };
  checkOptions(again, ['attempts', 'delay'], 'reconnect');
  const { attempts = 1e9, delay = usualDelay } = again;
  checkListener('delay', delay);
  if (logger) checkListener('logger', logger);
  checkNumbers({ timeout, maxMessage }, 1);
  checkNumbers({ ...outbox, attempts, lostAfter });
  checkWord('unhandled', unhandled, ['warn', 'throw']);
  const events = new Events(on, logger, unhandled);
  const identity = createIdentity({ handle, password, onHandleTaken });
  let address = '';
  async function asked(): Promise<Adapter> {
    const given = await adapter();
    address = given.name;
    return given;
  }
  function usualDelay(losses: number): number {
    return backoff(losses, clock.random(), isNear(address) ? longestWaitNear : longestWait);
  }
  function wait(losses: number): number {
    if (isOffline(address)) return longestWait;
    try {
      return Math.max(shortestWait, delay(losses) || 0);
    } catch (thrown) {
      events.failed(thrown, delay);
      return shortestWait;
    }
  }
  const session = createSession(
    { clock, identity, outbox, timeout, once, adapter: asked, dialects, attempts, delay: wait },
    events,
  );
  const base = new ClientContext(session, events, clock, { timeout, maxMessage });
  // Most messages with keys of the protocol are calls and answers, so they are looked at first.
  const calls = createCalls(base);
  const send = createSend(base, createAcks(base, outbox.size));
  keepOrder(base);
  const variables = createVariables(base, calls.flush);
  const receiver = createReceiver(base);

  const presence = (name: string): Presence => createPresence(base, name);
  const members = async (name: string, given?: WaitOptions): Promise<string[]> => {
    checkRecipient('channel', name);
    return list(base, 'channels', given, name);
  };

  function channel(name: string, schema?: StandardSchemaV1): Channel<Sendable, Anything, S> {
    session.check();
    checkRecipient('channel', name);
    const checked = createReceiver(base, schema);
    const on =
      <A extends unknown[], R>(verb: (name: string, ...args: A) => R) =>
      (...args: A): R =>
        verb(name, ...args);
    function sendHere(data: Sendable, given: AckedOptions): Promise<Ack>;
    function sendHere(data: Sendable, given?: SendOptions): Sent;
    function sendHere(data: Sendable, given?: SendOptions | AckedOptions): Sent | Promise<Ack>;
    function sendHere(data: Sendable, given?: SendOptions | AckedOptions): Sent | Promise<Ack> {
      conform(schema, data, name);
      return send(name, data, given);
    }
    return {
      name,
      send: sendHere,
      subscribe: on(checked.subscribe),
      messages: on(checked.messages),
      next: on(checked.next),
      variable: on(variables.open),
      call: on(calls.call),
      callAll: on(calls.callAll),
      register: on(calls.register),
      presence: on(presence),
      members: on(members),
    };
  }

  /** What a closed client gives stops nothing. */
  function unlessClosed(stop: Unsubscribe): Unsubscribe {
    if (session.isClosed) stop();
    return stop;
  }

  async function close(): Promise<void> {
    variables.drain();
    session.end();
    await session.whenClosed;
  }

  void session.whenClosed.then(unsubscriber(close, signal));
  tellGaps(session.shown, events, clock, lostAfter);
  session.start();

  return {
    get handle() {
      return session.ownHandle;
    },
    get state() {
      return session.shown;
    },
    closed: session.whenClosed,
    on: (...args) => unlessClosed(events.bind(...args)),
    ...calls,
    ...receiver,
    variable: variables.open,
    send,
    subscribe: (...args: Direct | ToChannel) =>
      isDirect(args) ? unlessClosed(session.direct(...args)) : receiver.subscribe(...args),
    channel,
    presence,
    members,
    clients: (given) => list(base, 'clients', given),
    channels: (given) => list(base, 'channels', given),
    close,
    [Symbol.asyncDispose]: close,
  };
}

type Direct = [listener: MessageListener, options?: BindOptions];
type ToChannel = [channel: string, listener: MessageListener, options?: SubscribeOptions];

function isDirect(args: Direct | ToChannel): args is Direct {
  return typeof args[0] === 'function';
}
