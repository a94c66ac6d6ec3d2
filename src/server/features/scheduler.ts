import type { Envelope } from '../../protocol/index';
import type { Clock } from '../../util/index';
import { comeBackWithin, tickEvery } from '../config/index';
import { createDueList } from './due-list';
import { isScheduled } from './timing';

/** A message that waits. */
interface Held {
  readonly envelope: Envelope;
  /** How long its channel is to keep it from when it is delivered, in ms. */
  readonly keepFor: number | undefined;
  /** When its delay is over, by the monotonic clock; undefined when it waits for a date, which is its timestamp. */
  readonly delayedUntil: number | undefined;
  /** Until then it waits for its recipient, too, by the monotonic clock. */
  readonly patientUntil: number;
}

/** A message that waits, for a store. */
export interface Waiting {
  readonly envelope: Envelope;
  readonly keepFor: number | undefined;
  /** When it is to be delivered by the time of day as it is now, ms since 1970. */
  readonly due: number;
}

/** Messages that wait for their time, one for each recipient. */
export interface MessageScheduler {
  /** How many wait. */
  readonly size: number;
  /** Whether one waits for this recipient. */
  has(recipient: string): boolean;
  /** How many of an owner wait, such as `client lamp`. */
  countOf(owner: string): number;
  /** Holds a message until its timestamp; another one for the same recipient is given up. */
  hold(envelope: Envelope, keepFor: number | undefined): void;
  clear(): void;
  /** All that wait. */
  entries(): Waiting[];
  /** Holds a message that waited before the server was stopped; one that fell due meanwhile waits for its recipient, too. */
  restore(envelope: Envelope, keepFor: number | undefined): void;
}

/** What the messages are delivered by. */
export interface Delivery {
  /** Delivers a message whose time has come. */
  release(envelope: Envelope, keepFor: number | undefined): void;
  /** Whether somebody would get it. */
  reaches(recipient: string): boolean;
  /** Something waits, or waits no longer. */
  changed(): void;
}

export function createMessageScheduler(clock: Clock, { release, reaches, changed }: Delivery): MessageScheduler {
  const held = createDueList<Held>(clock, {
    fallDue: ({ envelope, keepFor }) => release(envelope, keepFor),
    postpone(item, recipient) {
      const rest = item.delayedUntil === undefined ? restUntil(item.envelope.timestamp) : 0;
      if (rest > 0) return rest;
      return clock.monotonic() < item.patientUntil && !reaches(recipient) ? tickEvery : 0;
    },
    ownersOf: ({ envelope }) => envelope.owners,
    changed,
  });

  /** How long to wait for a date, in ms: the time of day can be set forward meanwhile, so it is looked at often. */
  function restUntil(date: number): number {
    return Math.min(date - clock.now(), tickEvery);
  }

  function add(envelope: Envelope, keepFor: number | undefined, patience: number): void {
    const now = clock.monotonic();
    const { recipient, timestamp, data } = envelope;
    const delayedUntil = isScheduled(data) ? undefined : now + timestamp - clock.now();
    const due = delayedUntil ?? now + restUntil(timestamp);
    held.set(recipient, due, { envelope, keepFor, delayedUntil, patientUntil: now + patience });
  }

  return {
    get size() {
      return held.size;
    },
    has: held.has,
    countOf: held.countOf,
    hold: (envelope, keepFor) => add(envelope, keepFor, 0),
    clear() {
      held.clear();
    },
    entries() {
      const offset = clock.now() - clock.monotonic();
      return held.entries().map(({ item: { envelope, keepFor, delayedUntil } }) => {
        const due = delayedUntil === undefined ? envelope.timestamp : Math.round(delayedUntil + offset);
        return { envelope, keepFor, due };
      });
    },
    // Clients that lost this server take a while to come back.
    restore: (envelope, keepFor) => add(envelope, keepFor, comeBackWithin),
  };
}
