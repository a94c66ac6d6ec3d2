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
import { createEncoder } from './encode';
import { createLimit, type Limit } from './rate-limit';
import { createLoops, type Loops } from './wait';

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

/** What everything that a client can do stands on. */
export interface Base extends Loops {
  readonly session: Session;
  readonly events: Events;
  readonly clock: Clock;
  /** How long to wait by default, in ms. */
  readonly patience: number;
  /**
   * A message that can be sent. `extra` are keys of the protocol that go with the data.
   *
   * @throws TypeError when the recipient is no name, or the data none that JSON can carry; RangeError when it is too much
   */
  compose(recipient: string, data: object, extra?: object): Posted;
  /** Tells once of a name such as `room:1`, which is a channel with a password, unless the password was given as one. */
  checkMeant(name: string, password?: string): void;
  /**
   * Listens to a channel in the form that is asked for; once the client is closed, not at all.
   *
   * @param stopped told when it has stopped, and why if it could not begin
   * @throws TypeError, RangeError when the name, the listener or an option is none
   */
  listen(
    channel: string,
    listener: MessageListener,
    options?: SubscribeOptions & OwnOptions,
    stopped?: (cause?: unknown) => void,
  ): Unsubscribe;
}

/** Names that look like one of several channels: `room:1`, `house:kitchen:lamp`. */
const numbered = /:(\d*$|.*:)/s;

export function createBase(session: Session, events: Events, clock: Clock, patience: number, maxMessage: number): Base {
  const reported = new Set<string>();
  const warned = new Set<string>();
  const encode = createEncoder();
  /** The recipient of before; at first what equals nothing. */
  let known: unknown = NaN;

  /** Once per key: a program that sends ten times a second should not be told ten times a second. */
  function report(key: string, why: string): void {
    if (reported.has(key)) return;
    reported.add(key);
    events.fault(new OocsiError('invalid', `data.${key} ${why}.`));
  }

  function checkMeant(name: string, password?: string): void {
    const channel = channelOf(name);
    if (password !== undefined || !numbered.test(name) || warned.has(channel)) return;
    warned.add(channel);
    const why = `"${masked(name)}" is the channel "${channel}" with a password: if you mean that, say { password }`;
    events.fault(new OocsiError('invalid', `${why}, else use another character than ":".`));
  }

  return {
    session,
    events,
    clock,
    patience,
    checkMeant,
    ...createLoops(session, events, clock, patience),
    compose(recipient, data, extra) {
      // Most are the one of before.
      if (recipient !== known) checkRecipient('recipient', recipient);
      known = recipient;
      return { outgoing: { recipient, data }, json: encode(data, maxMessage, report, extra) };
    },
    listen(channel, listener, { signal, limit, reliable, readsOnly, ...form } = {}, stopped) {
      checkListener('listener', listener);
      if (reliable && (form.filter || form.transform)) refuse('reliable', reliable, ' with filter or transform');
      const isWithin = createLimit(limit, clock);
      const checking = checkForm(channel, form);
      const stop = session.subscribe(
        wireName(channel, form),
        (message) => isWithin(message.sender) && listener(message),
        { signal, reliable, readsOnly },
        stopped,
      );
      checking?.then(
        (problem) => {
          if (!problem) return;
          if (stopped) stopped(problem);
          else events.fault(new OocsiError('invalid', `Not subscribed: ${problem.message}.`, { cause: problem }));
          stop();
        },
        (thrown) => events.fault(asError(thrown)),
      );
      if (session.isClosed) stop();
      return stop;
    },
  };
}
