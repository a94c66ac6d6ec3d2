import type { Envelope } from '../../protocol/index';
import type { Clock } from '../../util/index';
import { comeBackWithin, tickEvery } from '../config/index';
import { DueList } from './due-list';
import { isScheduled } from './timing';

/** A message that waits. */
interface ScheduledMessage {
  readonly envelope: Envelope;
  /** How long its channel is to keep it from when it is delivered, in ms. */
  readonly keepFor: number | undefined;
  /** When its delay is over, by the monotonic clock; undefined when it waits for a date, which is its timestamp. */
  readonly delayedUntil: number | undefined;
  /** Until then it waits for its recipient, too, by the monotonic clock. */
  readonly recipientAwaitedUntil: number;
}

/** A message that waits, for a store. */
export interface WaitingMessage {
  readonly envelope: Envelope;
  readonly keepFor: number | undefined;
  /** When it is to be delivered by the time of day as it is now, ms since 1970. */
  readonly due: number;
}

/** What a scheduler asks and tells. */
export interface MessageSchedulerEvents {
  /** Delivers a message whose time has come. */
  release(envelope: Envelope, keepFor: number | undefined): void;
  /** Whether a message to this recipient would be delivered. */
  reaches(recipient: string): boolean;
  /** Something waits, or waits no longer. */
  changed(): void;
}

/** Messages that wait for their time, one for each recipient. */
export class MessageScheduler {
  readonly #clock: Clock;
  readonly #events: MessageSchedulerEvents;
  readonly #waiting: DueList<ScheduledMessage>;

  constructor(clock: Clock, events: MessageSchedulerEvents) {
    this.#clock = clock;
    this.#events = events;
    this.#waiting = new DueList(clock, {
      fallDue: ({ envelope, keepFor }) => events.release(envelope, keepFor),
      postpone: (message, recipient) => this.#postpone(message, recipient),
      ownersOf: ({ envelope }) => envelope.owners,
      changed: events.changed,
    });
  }

  /** How many messages wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Whether a message waits for this recipient. */
  has(recipient: string): boolean {
    return this.#waiting.has(recipient);
  }

  /** How many messages of an owner, such as `client lamp`, wait. */
  countOf(owner: string): number {
    return this.#waiting.countOf(owner);
  }

  /** Holds a message until its timestamp; another one for the same recipient is given up. */
  hold(envelope: Envelope, keepFor: number | undefined): void {
    this.#add(envelope, keepFor, 0);
  }

  clear(): void {
    this.#waiting.clear();
  }

  /** All messages that wait. */
  entries(): WaitingMessage[] {
    const offset = this.#clock.now() - this.#clock.monotonic();
    return this.#waiting.entries().map(({ item: { envelope, keepFor, delayedUntil } }) => {
      const due = delayedUntil === undefined ? envelope.timestamp : Math.round(delayedUntil + offset);
      return { envelope, keepFor, due };
    });
  }

  /** Holds a message that waited before the server was stopped; one that fell due meanwhile waits for its recipient, too. */
  restore(envelope: Envelope, keepFor: number | undefined): void {
    // Clients that lost this server take a while to come back.
    this.#add(envelope, keepFor, comeBackWithin);
  }

  #add(envelope: Envelope, keepFor: number | undefined, awaitRecipientFor: number): void {
    const now = this.#clock.monotonic();
    const { recipient, timestamp, data } = envelope;
    const delayedUntil = isScheduled(data) ? undefined : now + timestamp - this.#clock.now();
    const due = delayedUntil ?? now + this.#waitForDate(timestamp);
    const recipientAwaitedUntil = now + awaitRecipientFor;
    this.#waiting.set(recipient, due, { envelope, keepFor, delayedUntil, recipientAwaitedUntil });
  }

  #postpone({ envelope, delayedUntil, recipientAwaitedUntil }: ScheduledMessage, recipient: string): number {
    const wait = delayedUntil === undefined ? this.#waitForDate(envelope.timestamp) : 0;
    if (wait > 0) return wait;
    const isAwaited = this.#clock.monotonic() < recipientAwaitedUntil && !this.#events.reaches(recipient);
    return isAwaited ? tickEvery : 0;
  }

  /** How long to wait for a date, in ms: the time of day can be set forward meanwhile, so it is looked at often. */
  #waitForDate(date: number): number {
    return Math.min(date - this.#clock.now(), tickEvery);
  }
}
