import { echoKey, type Incoming, longestFrame, type Posted, type Speech, type Wire } from '../../protocol/index';
import type { Events } from './events';

const nothing = (): void => {};

/** One open link to the server, and what is said on it in its dialect. */
export class Connection {
  readonly #link: Speech;
  readonly #wire: Wire;
  readonly #log: Events['log'];
  /** The size of the longest frame that left. */
  #longestSent = 0;
  /** What waits for each question whether the server is there, in the order asked; only where there are no other questions. */
  #echoes: (() => void)[] | undefined;

  constructor(link: Speech, wire: Wire, log: Events['log']) {
    this.#link = link;
    this.#wire = wire;
    this.#log = log;
  }

  /** Bytes handed over that have not left yet. */
  get buffered(): number {
    return this.#link.buffered;
  }

  /** Whether the dialect has questions. */
  get canAsk(): boolean {
    return this.#link.ask !== undefined;
  }

  /** See {@link Speech.ask}. */
  ask(question: string, answered: (line: string) => void, failed: (cause: unknown) => void): (() => void) | undefined {
    return this.#link.ask?.(question, answered, failed);
  }

  command(verb: string, recipient: string): void {
    this.#log?.(verb, { recipient });
    this.#send(this.#wire.command(`${verb} ${recipient}`));
  }

  send({ outgoing, json }: Posted): void {
    this.#log?.('send', outgoing);
    this.#send(this.#wire.words(outgoing.recipient, json));
  }

  /** Calls `done` once the server has dealt with all that was handed over so far. */
  prove(ownHandle: string | undefined, done: () => void): void {
    // Where there are no questions, a message to oneself comes back.
    if (this.ask('', done, nothing) || ownHandle === undefined) return;
    this.#echoes ??= [];
    this.#echoes.push(done);
    this.#link.send(this.#wire.words(ownHandle, `{"${echoKey}":1}`));
  }

  /** Whether a frame of the server is part of an answer. */
  isAnswer(frame: string): boolean {
    return this.#link.hear?.(frame) === true;
  }

  /**
   * The message in a frame of the server, if it is one.
   *
   * @throws what makes no sense, or an error that the server tells
   */
  read(frame: string): Incoming | undefined {
    if (frame.length > longestFrame) throw new Error('more than 1 MiB');
    const incoming = this.#wire.readMessage(frame);
    if (incoming instanceof Error) throw incoming;
    if (!incoming) this.#echoes?.shift()?.();
    return incoming;
  }

  /** See `tooLong` of the session. */
  messageBeyond({ outgoing, json }: Posted, longest: number): number | undefined {
    return this.#sizeBeyond(this.#wire.words(outgoing.recipient, json), longest);
  }

  /** The same for the command that subscribes to a channel. */
  subscriptionBeyond(wireName: string, longest: number): number | undefined {
    return this.#sizeBeyond(this.#wire.command(`subscribe ${wireName}`), longest);
  }

  #send(frame: string): void {
    if (frame.length > this.#longestSent) this.#longestSent = frame.length;
    this.#link.send(frame);
  }

  #sizeBeyond(frame: string, longest: number): number | undefined {
    const size = this.#wire.sizeOf(frame);
    const isTooLong = longest ? size > longest : frame.length >= this.#longestSent;
    return isTooLong ? size : undefined;
  }
}
