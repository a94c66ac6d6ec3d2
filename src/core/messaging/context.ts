import type { Posted } from '../../protocol/index';
import {
  asError,
  channelOf,
  checkForm,
  checkRecipient,
  type Form,
  masked,
  OocsiError,
  wireName,
} from '../../protocol/index';
import type { Clock } from '../../util/index';
import { checkListener, type ListenOptions, type OwnOptions, refuse, type Unsubscribe } from '../../util/index';
import type { Events, MessageListener, Session } from '../session/index';
import { Encoder } from './encode';
import { createLimit, type Limit } from './rate-limit';
import { type LoopOptions, type Start, type WaitOptions, Waits } from './wait';

/** Options of everything that listens to a channel. */
export interface SubscribeOptions extends ListenOptions, Form {
  /** How many messages come through within a time. */
  readonly limit?: Limit | undefined;
  /**
   * Whether to acknowledge messages that are sent with `ack`, and to give them to the listeners of this channel in order,
   * each once. The event `gap` tells what never came. Not together with `filter` or `transform`. @default false
   */
  readonly reliable?: boolean | undefined;
}

/** Names that look like one of several channels: `room:1`, `house:kitchen:lamp`. */
const numbered = /:(\d*$|.*:)/s;

/** The parts of a client that each of its features works with, and what all features do in the same way. */
export class ClientContext {
  readonly session: Session;
  readonly events: Events;
  readonly clock: Clock;
  /** How long to wait by default, in ms. */
  readonly timeout: number;
  readonly #maxMessage: number;
  readonly #encoder = new Encoder();
  readonly #waits: Waits;
  /** Called once per key: a program that sends ten times a second should not be told ten times a second. */
  readonly #reportKey: (key: string, why: string) => void;
  /** The keys and the channels that the event `error` has told of. */
  #reported: Set<string> | undefined;
  /** The recipient of the last message; at first what equals nothing. */
  #lastRecipient: unknown = NaN;

  /** @param maxMessage how many bytes the data of one message may have */
  constructor(session: Session, events: Events, clock: Clock, { timeout, maxMessage }: ContextOptions) {
    this.session = session;
    this.events = events;
    this.clock = clock;
    this.timeout = timeout;
    this.#maxMessage = maxMessage;
    this.#waits = new Waits(session, events, clock, timeout);
    this.#reportKey = (key, why) => this.#reportOnce(`data.${key}`, () => `data.${key} ${why}.`);
  }

  /**
   * A message that can be sent. `extra` are keys of the protocol that go with the data.
   *
   * @throws TypeError when the recipient is no name, or the data none that JSON can carry; RangeError when it is too much
   */
  compose(recipient: string, data: object, extra?: object): Posted {
    // Most messages go to the recipient of the one before.
    if (recipient !== this.#lastRecipient) checkRecipient('recipient', recipient);
    this.#lastRecipient = recipient;
    return {
      outgoing: { recipient, data },
      json: this.#encoder.encode(data, this.#maxMessage, this.#reportKey, extra),
    };
  }

  /** Tells once of a name such as `room:1`, which is a channel with a password, unless the password was given as one. */
  checkMeant(name: string, password?: string): void {
    if (password !== undefined || !numbered.test(name)) return;
    const channel = channelOf(name);
    this.#reportOnce(`channel ${channel}`, () => {
      const why = `"${masked(name)}" is the channel "${channel}" with a password: if you mean that, say { password }`;
      return `${why}, else use another character than ":".`;
    });
  }

  /**
   * Listens to a channel in the form that is asked for; once the client is closed, not at all.
   *
   * @param stopped told when it has stopped, and why if it could not begin
   * @throws TypeError, RangeError when the name, the listener or an option is none
   */
  listen(
    channel: string,
    listener: MessageListener,
    options: SubscribeOptions & OwnOptions = {},
    stopped?: (cause?: unknown) => void,
  ): Unsubscribe {
    const { signal, limit, reliable, readsOnly, ...form } = options;
    checkListener('listener', listener);
    if (reliable && (form.filter || form.transform))
      refuse('reliable', reliable, ' with filter or transform: leave one of them out');
    const problem = checkForm(channel, form);
    const stop = this.session.subscribe(
      wireName(channel, form),
      limit ? limited(listener, limit, this.clock) : listener,
      { signal, reliable, readsOnly },
      stopped,
    );
    if (problem) this.#stopIfWrong(problem, stop, stopped);
    if (this.session.isClosed) stop();
    else this.session.dialEarly();
    return stop;
  }

  /** See {@link Waits.loop}. */
  loop<T>(what: string, options: LoopOptions & WaitOptions, start: Start<T>): AsyncIterableIterator<T, undefined> {
    return this.#waits.loop(what, options, start);
  }

  /** See {@link Waits.first}. */
  first<T>(late: () => string, options: WaitOptions | undefined, start: Start<T>): Promise<T> {
    return this.#waits.first(late, options, start);
  }

  /** Stops listening when what checks filters, which may have to be loaded first, finds a mistake. */
  #stopIfWrong(checking: Promise<Error | undefined>, stop: Unsubscribe, stopped?: (cause?: unknown) => void): void {
    checking.then(
      (problem) => {
        if (!problem) return;
        if (stopped) stopped(problem);
        else this.events.error(new OocsiError('invalid', `Not subscribed: ${problem.message}.`, { cause: problem }));
        stop();
      },
      (thrown) => this.events.error(asError(thrown)),
    );
  }

  #reportOnce(what: string, text: () => string): void {
    this.#reported ??= new Set();
    if (this.#reported.has(what)) return;
    this.#reported.add(what);
    this.events.error(new OocsiError('invalid', text()));
  }
}

export interface ContextOptions {
  readonly timeout: number;
  readonly maxMessage: number;
}

function limited(listener: MessageListener, limit: Limit, clock: Clock): MessageListener {
  const isWithin = createLimit(limit, clock);
  return (message) => isWithin(message.sender) && listener(message);
}
