import type { Envelope } from '../../protocol/index';
import type { Clock } from '../../util/index';
import { keptAtMost } from '../config/index';
import { DueList, type Entry } from './due-list';

/** The messages that channels keep for clients that subscribe later, one each. */
export class RetainedMessages {
  readonly #clock: Clock;
  readonly #ended: (channel: string) => void;
  readonly #kept: DueList<Envelope>;

  /**
   * @param ended called when a channel keeps nothing any more
   * @param changed called when a channel keeps something else
   */
  constructor(clock: Clock, ended: (channel: string) => void, changed?: () => void) {
    this.#clock = clock;
    this.#ended = ended;
    this.#kept = new DueList(clock, {
      fallDue: (_envelope, channel) => ended(channel),
      ownersOf: ({ owners }) => owners,
      changed,
    });
  }

  /** How many channels keep a message. */
  get size(): number {
    return this.#kept.size;
  }

  /** Whether a channel keeps a message. */
  has(channel: string): boolean {
    return this.#kept.has(channel);
  }

  /** How many messages of an owner, such as `client lamp`, are kept. */
  countOf(owner: string): number {
    return this.#kept.countOf(owner);
  }

  /** What a channel keeps, unless its time is over. */
  get(channel: string): Envelope | undefined {
    return this.#kept.get(channel);
  }

  /** A new message takes the place of the old one, or ends it; `keepFor` is in ms. */
  update(channel: string, envelope: Envelope, keepFor: number | undefined): void {
    if (keepFor !== undefined) this.#kept.set(channel, this.#clock.monotonic() + keepFor, envelope);
    else if (this.#kept.delete(channel)) this.#ended(channel);
  }

  clear(): void {
    for (const channel of this.#kept.clear()) this.#ended(channel);
  }

  /** What all channels keep, and until when by the monotonic clock. */
  entries(): Entry<Envelope>[] {
    return this.#kept.entries();
  }

  /** Keeps a message for so many ms more, as it did before the server was stopped. */
  restore(channel: string, envelope: Envelope, keepFor: number): void {
    this.#kept.set(channel, this.#clock.monotonic() + Math.min(keepFor, keptAtMost), envelope);
  }
}
