import type { Anything, Message } from '../../protocol/index';
import { channelOf, OocsiError, textOf } from '../../protocol/index';
import type { ClientContext } from '../messaging/index';

/** Answers calls with an object, now or later, or with nothing. */
export type AnyResponder = (data: Anything, request: Message<Anything>) => unknown;

/** A function of this client that others can call. */
export interface Responder {
  readonly channel: string;
  readonly name: string;
  readonly run: AnyResponder;
}

/** A call of another client. */
export interface ReceivedCall {
  readonly message: Message;
  /** Undefined when the caller wants no answer. */
  readonly id: unknown;
  /** The longest random wait that the caller asks for, in ms. */
  readonly spread: unknown;
}

/** How long a responder waits at most because it was asked to, in ms. */
const longestSpread = 1_000;

/** The responders of one client. */
export class Responders {
  readonly #context: ClientContext;
  /** By name, then by channel, in the order in which they were registered. */
  readonly #byName = new Map<unknown, Map<string, Responder>>();

  constructor(context: ClientContext) {
    this.#context = context;
  }

  /** The responder of that name on the channel; without a channel, the one that was registered first. */
  find(name: unknown, channel?: string): Responder | undefined {
    const byChannel = this.#byName.get(name);
    if (channel !== undefined) return byChannel?.get(channelOf(channel));
    const [first] = byChannel?.values() ?? [];
    return first;
  }

  add(responder: Responder): void {
    const byChannel = this.#byName.get(responder.name) ?? new Map();
    this.#byName.set(responder.name, byChannel.set(responder.channel, responder));
  }

  /** Removes this very responder; another one may have its name and channel by now. */
  delete(responder: Responder): void {
    const { name, channel } = responder;
    const byChannel = this.#byName.get(name);
    if (byChannel?.get(channel) !== responder) return;
    byChannel.delete(channel);
    if (byChannel.size === 0) this.#byName.delete(name);
  }

  async answer({ name, run }: Responder, call: ReceivedCall): Promise<void> {
    const { events } = this.#context;
    const { message } = call;
    await this.#wait(call.spread);
    try {
      this.#reply(call, (await run(message.data, message)) ?? {});
    } catch (cause) {
      const why = textOf(cause);
      events.error(new OocsiError('invalid', `"${name}" failed: ${why}`, { cause }));
      // A text that is too long would cost the connection.
      this.#reply(call, {}, { _MESSAGE_ERROR: why.slice(0, 999) });
    }
  }

  #reply({ message, id }: ReceivedCall, data: object, extra?: object): void {
    const posted = this.#context.compose(message.sender, data, { _MESSAGE_ID: id, ...extra });
    if (id !== undefined) this.#context.session.outbound.post(posted, 'keep');
  }

  /** Only a number can be meant, and no caller makes this client wait for long. */
  async #wait(spread: unknown): Promise<void> {
    const { clock } = this.#context;
    const wait = Math.min(longestSpread, Number(spread) || 0) * clock.random();
    if (wait > 0) await new Promise<void>((resolve) => clock.after(wait, resolve));
  }
}
