import type { Clock } from '../core/clock';
import { createAgenda } from './agenda';
import type { Envelope } from './envelope';

/** The messages that channels keep for whoever subscribes later, one each. */
export interface Retained {
  /** How many channels keep one. */
  readonly size: number;
  /** Whether a channel keeps one. */
  has(channel: string): boolean;
  /** What a channel keeps, unless its time is over. */
  get(channel: string): Envelope | undefined;
  /** A new message takes the place of the old one, or ends it; `keepFor` is in ms. */
  follow(channel: string, envelope: Envelope, keepFor: number | undefined): void;
  clear(): void;
}

/** @param ended called when a channel keeps nothing any more */
export function createRetained(clock: Clock, ended: (channel: string) => void): Retained {
  const kept = createAgenda<Envelope>(clock, (_envelope, channel) => ended(channel));
  return {
    get size() {
      return kept.size;
    },
    has: kept.has,
    get: kept.get,
    follow(channel, envelope, keepFor) {
      if (keepFor !== undefined) kept.set(channel, clock.now() + keepFor, envelope);
      else if (kept.delete(channel)) ended(channel);
    },
    clear() {
      for (const channel of kept.clear()) ended(channel);
    },
  };
}
