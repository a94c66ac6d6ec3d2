import type { Dialect, Message, OocsiError, RefusalCode } from '../../protocol/index';
import { createReport, failureOf, masked } from '../../protocol/index';
import { Listeners, type ListenOptions, printable, refuseUnknown, type Unsubscribe } from '../../util/index';

/** A client, as the events of a server tell of it. */
export interface ServerClient {
  readonly handle: string;
  readonly dialect: Dialect;
  /** Where it is, such as `192.168.1.7`; undefined for a client in the same program. */
  readonly address: string | undefined;
}

/**
 * Why a client has left: `left`, its connection ended or it said so; `silent`, it gave no sign of life for too long;
 * `slow`, it did not read what was sent to it; `replaced`, it did not answer
 * when another client asked for its handle; `refused`, it broke a limit; `closed`, the server closes.
 */
export type LeaveReason = 'left' | 'silent' | 'slow' | 'replaced' | 'refused' | 'closed';

/** A client that was refused, or whose connection was ended for what it did. */
export interface ServerRefusal {
  /** What was wrong, as a sentence for people. */
  readonly reason: string;
  /** The same as a word to decide by. */
  readonly code: RefusalCode;
  /** The handle asked for, if it came to that. */
  readonly handle: string | undefined;
  readonly address: string | undefined;
}

/** A client that loses its connection because it does not read. */
export interface SlowClient extends ServerClient {
  /** What was too much, as a sentence for people. */
  readonly reason: string;
  /** Bytes that were waiting for it. */
  readonly waiting: number;
}

/** The events of a server, and what their listeners are called with. */
export interface ServerEventArguments {
  /** A client was let in. */
  join: [client: ServerClient];
  /** A client has left. */
  leave: [client: ServerClient, reason: LeaveReason];
  /** A client subscribed to a channel, whose password is left out. */
  subscribe: [client: ServerClient, channel: string];
  /** A client sent a message; the password of its recipient is left out. */
  message: [message: Message];
  refused: [refusal: ServerRefusal];
  slow: [client: SlowClient];
  /** An error of the machine, such as too many open connections, or of a listener. The server goes on. */
  error: [error: OocsiError];
}

/** The listeners of a server, by event. */
export type ServerEvents = { [E in keyof ServerEventArguments]: (...args: ServerEventArguments[E]) => void };

/** The events of one server. */
export interface ServerEventEmitter {
  /** @throws TypeError when there is no such event, or the listener is no function */
  on<E extends keyof ServerEventArguments>(event: E, listener: ServerEvents[E], options?: ListenOptions): Unsubscribe;
  emit<E extends keyof ServerEventArguments>(event: E, ...args: ServerEventArguments[E]): void;
  /** Whether the event has a listener: what is costly to make is made only then. */
  hasListeners(event: keyof ServerEventArguments): boolean;
  /** Writes a line to the log only. */
  warn(text: string): void;
}

type Lists = { readonly [E in keyof ServerEventArguments]: Listeners<ServerEventArguments[E]> };

/** @param logger called with a line for each event but messages */
export function createServerEvents(logger?: (text: string) => void): ServerEventEmitter {
  const report = createReport();
  const lists: Lists = {
    join: new Listeners(failed),
    leave: new Listeners(failed),
    subscribe: new Listeners(failed),
    message: new Listeners(failed),
    refused: new Listeners(failed),
    slow: new Listeners(failed),
    // What an error listener throws must not come back to it.
    error: new Listeners((thrown, listener) => report(failureOf(thrown), listener)),
  };

  function failed(thrown: unknown, listener: object): void {
    const error = failureOf(thrown);
    if (lists.error.count === 0) report(error, listener);
    emit('error', error);
  }

  function log(text: string): void {
    try {
      logger?.(printable(text));
    } catch (thrown) {
      if (logger) report(failureOf(thrown, 'The logger'), logger);
    }
  }

  function emit<E extends keyof ServerEventArguments>(event: E, ...args: ServerEventArguments[E]): void {
    if (logger && event !== 'message') log(`${event} ${args.map((arg) => JSON.stringify(arg, readable)).join(' ')}`);
    lists[event].tell(...args);
  }

  return {
    on(event, listener, options) {
      if (!Object.hasOwn(lists, event)) refuseUnknown('event', event, Object.keys(lists));
      return lists[event].attach(listener, options);
    },
    emit,
    hasListeners: (event) => lists[event].count > 0,
    warn: (text) => log(`warning ${text}`),
  };
}

/** Errors as text, and handles without the passwords in them. */
function readable(key: string, value: unknown): unknown {
  if (value instanceof Error) return `${value}`;
  return key === 'handle' && value !== undefined ? masked(value) : value;
}
