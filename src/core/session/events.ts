import type { OocsiError } from '../../protocol/index';
import {
  copyMessage,
  copyOf,
  createReport,
  failureOf,
  type Message,
  masked,
  type OutgoingMessage,
  type Report,
  type Unhandled,
} from '../../protocol/index';
import { type Failed, Listeners, type ListenOptions, refuseUnknown, type Unsubscribe } from '../../util/index';
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
  /** An error that nobody awaited: a frame that makes no sense, a listener that threw, a key that receivers cannot see. */
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

type Lists = { [E in keyof EventArguments]?: Listeners<EventArguments[E]> };

/** What each listener is called with; all other events give what nobody changes. */
const copies: { readonly [E in keyof EventArguments]?: (...args: EventArguments[E]) => EventArguments[E] } = {
  message: copyMessage,
  // The data is that of the program, which may still use it.
  dropped: ({ recipient, data }, reason) => [{ recipient, data: copyOf(data) }, reason],
};

const names: Readonly<Record<keyof EventArguments, true>> = {
  state: true,
  error: true,
  message: true,
  dropped: true,
  gap: true,
  lost: true,
  restored: true,
};

/** A part of the client that waits for a status. */
interface StatusTask {
  readonly status: State['status'];
  run(cause?: OocsiError): void;
}

/** The events of one client, and where its errors go. */
export class Events {
  /** Tells the logger, if there is one, in one line. */
  readonly log: ((...parts: readonly unknown[]) => void) | undefined;
  /** An error of the program: what a listener threw. It is handed on as it is, and so bound. */
  readonly failed: (thrown: unknown, listener: object) => void;
  readonly #unhandled: Unhandled | undefined;
  // Without a prototype: a program may have put something on that of all objects.
  readonly #lists: Lists = Object.create(null);
  readonly #statusTasks = new Set<StatusTask>();
  /** Made with the first error that nobody listens to. */
  #reportUnhandled: Report | undefined;

  /**
   * @param given listeners that miss nothing, because they are bound first
   * @param logger told of everything in a line each
   * @param unhandled what becomes of what listeners throw while nobody listens to `error`
   */
  constructor(given: Partial<ClientEvents>, logger?: (text: string) => void, unhandled?: Unhandled) {
    this.#unhandled = unhandled;
    this.log = logger && ((...parts) => this.#log(logger, parts));
    this.failed = (thrown, listener) => {
      const error = failureOf(thrown);
      if (!this.#lists.error?.count) this.#report(error, listener);
      this.error(error);
    };
    for (const event of Object.keys(given)) {
      checkEvent(event);
      this.#bindGiven(event, given);
    }
  }

  bind<E extends keyof EventArguments>(event: E, listener: ClientEvents[E], options?: ListenOptions): Unsubscribe {
    checkEvent(event);
    return this.#listTo(event).attach(listener, options);
  }

  emit<E extends keyof EventArguments>(event: E, ...args: EventArguments[E]): void {
    this.log?.(event, ...args);
    this.#lists[event]?.tell(...args);
  }

  /** An error of the server, a peer or the network. */
  error(error: OocsiError): void {
    this.emit('error', error);
  }

  /**
   * Calls `run` whenever the client comes to have this status, with the error that brought it there. The parts of the
   * client learn of it before its user does.
   */
  when(status: State['status'], run: (cause?: OocsiError) => void): () => void {
    const task: StatusTask = { status, run };
    this.#statusTasks.add(task);
    return () => this.#statusTasks.delete(task);
  }

  /** The client has another status, or makes another attempt to connect. */
  changed(now: State, before: State): void {
    for (const { status, run } of this.#statusTasks) {
      if (status !== now.status) continue;
      try {
        run(now.cause);
      } catch (thrown) {
        this.failed(thrown, run);
      }
    }
    this.emit('state', now, before);
  }

  #bindGiven<E extends keyof EventArguments>(event: E, given: Partial<ClientEvents>): void {
    const listener = given[event];
    if (listener) this.#listTo(event).attach(listener);
  }

  #listTo<E extends keyof EventArguments>(event: E): Listeners<EventArguments[E]> {
    const known = this.#lists[event];
    if (known) return known;
    // What an error listener throws must not come back to it.
    const failed: Failed =
      event === 'error' ? (thrown, listener) => this.#report(failureOf(thrown), listener) : this.failed;
    const copy = copies[event];
    const list = new Listeners<EventArguments[E]>(failed, copy, copy !== undefined);
    Object.assign(this.#lists, { [event]: list });
    return list;
  }

  #report(error: OocsiError, listener: object): void {
    this.#reportUnhandled ??= createReport(this.#unhandled);
    this.#reportUnhandled(error, listener);
  }

  #log(logger: (text: string) => void, parts: readonly unknown[]): void {
    try {
      logger(JSON.stringify(parts, withoutSecrets));
    } catch (thrown) {
      this.#report(failureOf(thrown, 'The logger'), logger);
    }
  }
}

function checkEvent(event: string): asserts event is keyof EventArguments {
  if (!Object.hasOwn(names, event)) refuseUnknown('event', event, Object.keys(names));
}

/** Makes errors readable, and names unreadable where they hold a password. */
function withoutSecrets(key: string, value: unknown): unknown {
  if (value instanceof Error) return `${value}`;
  return typeof value === 'string' && /^(recipient|sender)$/.test(key) ? masked(value) : value;
}
