import { type Posted, retention, withPassword } from '../../protocol/index';
import { checkNumbers, checkOptions, checkWord, refuse } from '../../util/index';
import type { Sent, WhenOffline } from '../session/index';
import type { Ack, AckOptions, SendAcked } from './acknowledgement';
import type { ClientContext } from './context';
import type { Outgoing } from './typing';

/** Options of `send`. */
export interface SendOptions {
  /**
   * How long the server keeps the message for clients that subscribe later, in s, at most two days. It keeps the newest
   * message of a channel only: the next one, of whomever, erases it. The channel must have a subscriber.
   */
  readonly retain?: number | undefined;
  /**
   * How long the message is held back, in s. Over TCP the server holds it, whole seconds only, rounded up; over WebSocket
   * the client does, so it is lost when the client closes before. Only one message per recipient is held: a newer one
   * takes its place, and `dropped` tells of it if this client sent both. Our server holds none for more than a day, unless
   * its `limits` say so: it drops such a message, which `send` calls `queued` all the same, and the event `error` tells.
   */
  readonly delay?: number | undefined;
  /** When to deliver the message; sent as a delay, because the server's clock is not known. In the past: at once. */
  readonly schedule?: Date | undefined;
  /**
   * What to do while there is no connection: `queue` it, keep only the `latest` with the same recipient and keys, or
   * `drop` it. @default 'queue'
   */
  readonly whenOffline?: WhenOffline | undefined;
  /** See {@link AckedOptions}. @default false */
  readonly ack?: false | undefined;
  /** The password of the channel. */
  readonly password?: string | undefined;
}

/** Options of `send` for a message that is acknowledged. */
export interface AckedOptions extends Pick<SendOptions, 'retain' | 'password'> {
  /**
   * `send` then gives a promise that resolves when clients have the message that are subscribed with `reliable: true`: by
   * default one of them within 30 s, else it rejects with `timeout`. Until then it is sent again, over reconnects, too.
   */
  readonly ack: true | AckOptions;
}

/** `send` of a client whose channels are `C`. */
export interface SendTo<C extends object> {
  <K extends string>(recipient: K | (keyof C & string), data: Outgoing<C, K>, options: AckedOptions): Promise<Ack>;
  <K extends string>(recipient: K | (keyof C & string), data: Outgoing<C, K>, options?: SendOptions): Sent;
  <K extends string>(
    recipient: K | (keyof C & string),
    data: Outgoing<C, K>,
    options?: SendOptions | AckedOptions,
  ): Sent | Promise<Ack>;
}

/** `send` of one channel. */
export interface SendData<In extends object> {
  (data: In, options: AckedOptions): Promise<Ack>;
  (data: In, options?: SendOptions): Sent;
  (data: In, options?: SendOptions | AckedOptions): Sent | Promise<Ack>;
}

const ackedOptions: readonly (keyof AckedOptions)[] = ['ack', 'retain', 'password'];
const sendOptions: readonly (keyof SendOptions)[] = [...ackedOptions, 'delay', 'schedule', 'whenOffline'];

type Options = Omit<SendOptions, 'ack'> & { readonly ack?: boolean | AckOptions | undefined };

/** A message that is not delivered yet. */
interface Held {
  readonly posted: Posted;
  /** Whether it is held here and not by the server. */
  readonly isHere: boolean;
  /** Takes it back, or forgets it. */
  cancel(): void;
}

/** Sends messages, now or later. */
export class Sender {
  readonly #context: ClientContext;
  readonly #sendAcked: SendAcked;
  /** One a recipient, as at the server. Made with the first message that is held back. */
  #held: Map<string, Held> | undefined;

  constructor(context: ClientContext, sendAcked: SendAcked) {
    this.#context = context;
    this.#sendAcked = sendAcked;
  }

  send(recipient: string, data: object, options: AckedOptions): Promise<Ack>;
  send(recipient: string, data: object, options?: SendOptions): Sent;
  send(recipient: string, data: object, options?: SendOptions | AckedOptions): Sent | Promise<Ack>;
  send(recipient: string, data: object, options?: Options): Sent | Promise<Ack> {
    const context = this.#context;
    context.checkMeant(recipient, options?.password);
    // Most messages are of this kind, and some programs send very many.
    if (!options) return this.#post(context.compose(recipient, data), 'queue');
    const { ack, retain, ...more } = options;
    checkOptions(options, ack ? ackedOptions : sendOptions);
    // What only makes sense without an acknowledgement is refused as unknown.
    if (ack) return this.#sendAcked(withPassword(recipient, more), data, ack, retention(retain));
    const { delay, schedule, whenOffline = 'queue', ...form } = more;
    const to = withPassword(recipient, form);
    checkWord('whenOffline', whenOffline, ['queue', 'latest', 'drop']);
    checkNumbers({ retain });
    const wait = waitOf({ delay, schedule }, context.clock.now());
    if (wait > 0 && !context.session.isClosed) return this.#sendLater(to, data, { wait, retain, whenOffline });
    return this.#post(context.compose(to, data, retention(retain)), whenOffline);
  }

  /** The server holds the message back where it knows of delays, else the client does. */
  #sendLater(to: string, data: object, { wait, retain, whenOffline }: LaterOptions): Sent {
    const { session, events, clock } = this.#context;
    // Only the line dialect has questions, and only there servers know of delays.
    const isHere = !session.canAsk;
    const seconds = Math.min(2 ** 31, Math.ceil(wait / 1_000));
    const posted = this.#context.compose(to, data, { ...retention(retain), ...(!isHere && { _DELAY: seconds }) });
    this.#held ??= this.#startHolding();
    const held = this.#held;
    const old = held.get(to);
    old?.cancel();
    if (old && (old.isHere || !isHere)) events.emit('dropped', old.posted.outgoing, 'replaced');
    const cancel = clock.after(isHere ? wait : seconds * 1_000, () => {
      held.delete(to);
      if (isHere) this.#post(posted, whenOffline);
    });
    held.set(to, { posted, isHere, cancel });
    if (isHere) return 'queued';
    // Handed over, it still waits for its time, at the server.
    const sent = this.#post(posted, whenOffline);
    return sent === 'sent' ? 'queued' : sent;
  }

  #startHolding(): Map<string, Held> {
    const held = new Map<string, Held>();
    const { events } = this.#context;
    events.when('closed', () => {
      for (const { posted, isHere, cancel } of held.values()) {
        cancel();
        if (isHere) events.emit('dropped', posted.outgoing, 'closed');
      }
    });
    return held;
  }

  #post(posted: Posted, mode: WhenOffline): Sent {
    const { session, events } = this.#context;
    if (!session.isClosed) return session.outbound.post(posted, mode);
    events.emit('dropped', posted.outgoing, 'closed');
    return 'dropped';
  }
}

interface LaterOptions extends Pick<SendOptions, 'retain'> {
  /** ms */
  readonly wait: number;
  readonly whenOffline: WhenOffline;
}

/**
 * How long a message is held back, in ms.
 *
 * @throws RangeError, TypeError when that cannot be meant
 */
function waitOf({ delay = 0, schedule }: Pick<SendOptions, 'delay' | 'schedule'>, now: number): number {
  checkNumbers({ delay });
  if (!schedule) return delay * 1_000;
  const due = Number(schedule);
  if (Number.isNaN(due)) refuse('schedule', schedule, ': use a Date');
  if (delay) refuse('delay', delay, ' with schedule: use one of them');
  return due - now;
}
