import { type OutgoingMessage, type Posted, retention } from '../../protocol/index';
import type { ClientContext } from '../messaging/index';
import { type ChannelVariable, dataOf, type VariableChannel } from './variable-channel';
import { setKey } from './versions';

/** How long a client waits before it sends its value again because an older one came after it, in ms. */
const settleTime = 250;

export interface SenderOptions {
  /** The least time between two sends, in ms. */
  readonly interval: number;
  readonly isRetained: boolean;
}

/** Sends the values of one variable. */
export class VariableSender {
  readonly #context: ClientContext;
  readonly #channel: VariableChannel;
  readonly #variable: ChannelVariable;
  readonly #options: SenderOptions;
  /** The message that was posted last. */
  #posted: Posted | undefined;
  /** Whether a value waits for the interval to be over. */
  #isDue = false;
  #isAhead = false;
  #stopInterval: (() => void) | undefined;
  #stopSettling: (() => void) | undefined;

  constructor(channel: VariableChannel, variable: ChannelVariable, options: SenderOptions) {
    this.#context = channel.host.context;
    this.#channel = channel;
    this.#variable = variable;
    this.#options = options;
  }

  /** Whether a value is still to leave. */
  get isWaiting(): boolean {
    return this.#isDue || this.#context.session.outbound.holds(this.#posted);
  }

  /** Whether the server may still give a retained value that is older than what was set here. */
  get isAhead(): boolean {
    return this.#isAhead;
  }

  /** Sends the current value now, or when the interval is over. */
  send(): void {
    this.#isDue = true;
    this.#channel.lead(this.#variable);
    if (!this.#stopInterval) this.#endInterval();
  }

  /** Sends the same write again: the server, and clients that know no stamps, may have taken an older one for the newer one. */
  sendAgain(): void {
    if (!this.#posted || this.#isAhead) return;
    const { interval } = this.#options;
    this.#stopSettling ??= this.#after(Math.max(settleTime, interval), () => {
      this.#stopSettling = undefined;
      if (!this.#variable.version.isOwn || this.isWaiting) return;
      this.#publish(true);
      if (interval) this.#stopInterval ??= this.#after(interval, () => this.#endInterval());
    });
  }

  /** Sends at once what waits for the interval. */
  drain(): void {
    if (this.#isDue) this.#publish();
  }

  /** Takes back what has not left yet. */
  withdraw(): void {
    this.#isDue = false;
    this.#context.session.outbound.withdraw(this.#posted);
  }

  stop(): void {
    this.#stopInterval?.();
    this.#stopSettling?.();
  }

  #after(ms: number, task: () => void): () => void {
    return this.#context.clock.after(ms, task);
  }

  #endInterval(): void {
    this.#stopInterval = undefined;
    if (!this.#isDue) return;
    const { interval } = this.#options;
    this.#publish();
    if (interval) this.#stopInterval = this.#after(interval, () => this.#endInterval());
  }

  /** @param isAgain whether it is the write that counts already */
  #publish(isAgain = false): void {
    const { outbound } = this.#context.session;
    const { key, current, keptFor } = this.#variable;
    this.#isDue = false;
    this.#channel.lead(this.#variable);
    outbound.withdraw(this.#posted);
    // A server keeps one message per channel, so each message must carry all that is to be kept.
    const others = this.#others();
    const keepFor = Math.max(this.#options.isRetained ? keptFor : 0, ...others.map((other) => other.keptFor));
    const outgoing = { recipient: this.#channel.wireName, data: { ...dataOf(others), [key]: current } };
    this.#posted = new VariableMessage(outgoing, () => this.#encode(keepFor, isAgain));
    outbound.post(this.#posted, 'keep');
    if (this.#options.isRetained && !this.#isAhead && outbound.holds(this.#posted)) this.#waitForServer();
  }

  #encode(keepFor: number, isAgain: boolean): string {
    const extra = { ...retention(keepFor), [setKey]: this.#timeOf(isAgain) };
    return this.#channel.encode(this.#variable, this.#others(), extra);
  }

  #timeOf(isAgain: boolean): number {
    const { version } = this.#variable;
    const stamp = isAgain ? version.stamp : undefined;
    const [time] = stamp ?? version.renew(this.#context.session.ownHandle);
    return time;
  }

  /** The other variables of this channel that the server is to keep together with this one. */
  #others(): ChannelVariable[] {
    return this.#options.isRetained ? this.#channel.keptBeside(this.#variable.key) : [];
  }

  /** Until the server has dealt with the message, what it kept is older than it. A lost connection ends that, too. */
  #waitForServer(): void {
    this.#isAhead = true;
    const end = (): void => {
      this.#isAhead = false;
    };
    this.#channel.host.flush({ timeout: Infinity }).then(end, end);
  }
}

/** A message that is put into words as it leaves: what waits is newer than all that comes meanwhile. */
class VariableMessage implements Posted {
  readonly outgoing: OutgoingMessage;
  readonly #encode: () => string;
  #json: string | undefined;

  constructor(outgoing: OutgoingMessage, encode: () => string) {
    this.outgoing = outgoing;
    this.#encode = encode;
  }

  get json(): string {
    this.#json ??= this.#encode();
    return this.#json;
  }
}
