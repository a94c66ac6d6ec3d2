import type { OocsiError } from '../../protocol/index';
import {
  copyMessage,
  createReport,
  failureOf,
  type Message,
  masked,
  type OutgoingMessage,
  type Unhandled,
} from '../../protocol/index';
import { createListeners, type Listeners, type ListenOptions, refuse, type Unsubscribe } from '../../util/index';
import type { State } from './state-machine';

/**
 * Why a message was not sent: `offline`, there was no connection; `overflow`, too many waited for one; `expired`, it waited
 * too long; `replaced`, a newer one took its place; `closed`, the client was closed before.
 */
export type DropReason = 'offline' | 'overflow' | 'expired' | 'replaced' | 'closed';

/** What a client tells about itself, and with what. */
export interface EventArguments {
  /** It stands elsewhere: once per change and per attempt to connect. */
  state: [now: State, before: State];
  /** A fault that nobody awaited: a frame that makes no sense, a listener that threw, a key that receivers cannot see. */
  error: [error: OocsiError];
  /** Every message that came in, before any other listener gets it. */
  message: [message: Message];
  /** A message that was given to `send` and will not be sent. */
  dropped: [message: OutgoingMessage, reason: DropReason];
  /** Messages to a reliable subscription that will never come, because their sender gave up. */
  gap: [info: { readonly channel: string; readonly sender: string; readonly missed: number }];
  /** There has been no connection for `lostAfter` ms. */
  lost: [];
  /** There is a connection again, after `lost`. */
  restored: [];
}

/** The listeners of a client, by event. */
export type ClientEvents = { [E in keyof EventArguments]: (...args: EventArguments[E]) => void };

/** The events of one client, and where its faults go. */
export interface Events {
  bind<E extends keyof EventArguments>(event: E, listener: ClientEvents[E], options?: ListenOptions): Unsubscribe;
  emit<E extends keyof EventArguments>(event: E, ...args: EventArguments[E]): void;
  /** Calls `task` whenever the client comes to stand so, with the fault that brought it there. */
  when(status: State['status'], task: (cause?: OocsiError) => void): Unsubscribe;
  /** A fault of the server, a peer or the network. */
  fault(error: OocsiError): void;
  /** A fault of the program: what a listener threw. */
  failed(thrown: unknown, listener: object): void;
  /** Tells the logger, if there is one, in one line. */
  readonly log: ((...parts: readonly unknown[]) => void) | undefined;
}

type Lists = { readonly [E in keyof EventArguments]: Listeners<EventArguments[E]> };

/**
 * @param given listeners that miss nothing, because they are bound first
 * @param logger told of everything in a line each
 * @param unhandled what becomes of what listeners throw while nobody listens to `error`
 */
export function createEvents(
  given: Partial<ClientEvents>,
  logger?: (text: string) => void,
  unhandled?: Unhandled,
): Events {
  const report = createReport(unhandled);
  const lists: Lists = {
    state: createListeners(failed),
    // What an error listener throws must not come back to it.
    error: createListeners((thrown, listener) => report(failureOf(thrown), listener)),
    message: createListeners(failed, copyMessage, () => true),
    dropped: createListeners(failed),
    gap: createListeners(failed),
    lost: createListeners(failed),
    restored: createListeners(failed),
  };

  for (const event of Object.keys(given)) {
    check(event);
    bind(event);
  }

  function bind<E extends keyof EventArguments>(event: E): void {
    const listener = given[event];
    if (listener) lists[event].attach(listener);
  }

  function check(event: string): asserts event is keyof EventArguments {
    if (!Object.hasOwn(lists, event)) refuse('event', event);
  }

  const log =
    logger &&
    ((...parts: readonly unknown[]): void => {
      try {
        logger(JSON.stringify(parts, withoutSecrets));
      } catch (thrown) {
        report(failureOf(thrown, 'The logger'), logger);
      }
    });

  function emit<E extends keyof EventArguments>(event: E, ...args: EventArguments[E]): void {
    log?.(event, ...args);
    lists[event].tell(...args);
  }

  function fault(error: OocsiError): void {
    emit('error', error);
  }

  function failed(thrown: unknown, listener: object): void {
    const error = failureOf(thrown);
    if (lists.error.count === 0) report(error, listener);
    fault(error);
  }

  return {
    bind(event, listener, options) {
      check(event);
      return lists[event].attach(listener, options);
    },
    when: (status, task) => lists.state.attach((now) => now.status === status && task(now.cause)),
    emit,
    fault,
    failed,
    log,
  };
}

/** Makes faults readable, and names unreadable where they hold a password. */
function withoutSecrets(key: string, value: unknown): unknown {
  if (value instanceof Error) return `${value}`;
  return typeof value === 'string' && /^(recipient|sender)$/.test(key) ? masked(value) : value;
}
