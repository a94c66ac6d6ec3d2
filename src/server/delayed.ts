import type { Clock } from '../core/clock';
import { createAgenda, type Entry } from './agenda';
import type { Envelope } from './envelope';
import { comeBackWithin, tickEvery } from './limits';

/** A message that waits. */
export interface Held {
  readonly envelope: Envelope;
  /** How long its channel is to keep it from when it is delivered, in ms. */
  readonly keepFor: number | undefined;
  /** Until then it waits for its recipient, too, in ms since 1970. */
  readonly patientUntil: number;
}

/** Messages that wait for their time, one for each recipient. */
export interface Delayed {
  /** How many wait. */
  readonly size: number;
  /** Whether one waits for this recipient. */
  has(recipient: string): boolean;
  /** Holds a message until its timestamp; another one for the same recipient is given up. */
  hold(envelope: Envelope, keepFor: number | undefined): void;
  clear(): void;
  /** All that wait. */
  entries(): Entry<Held>[];
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

export function createDelayed(clock: Clock, { release, reaches, changed }: Delivery): Delayed {
  const held = createAgenda<Held>(clock, fallDue, changed);

  function fallDue(item: Held, recipient: string): void {
    const now = clock.now();
    if (now < item.patientUntil && !reaches(recipient)) held.set(recipient, now + tickEvery, item);
    else release(item.envelope, item.keepFor);
  }

  return {
    get size() {
      return held.size;
    },
    has: held.has,
    hold: (envelope, keepFor) =>
      held.set(envelope.recipient, envelope.timestamp, { envelope, keepFor, patientUntil: 0 }),
    clear() {
      held.clear();
    },
    entries: held.entries,
    restore(envelope, keepFor) {
      // Clients that lost this server take a while to come back.
      const patientUntil = clock.now() + comeBackWithin;
      held.set(envelope.recipient, envelope.timestamp, { envelope, keepFor, patientUntil });
    },
  };
}
