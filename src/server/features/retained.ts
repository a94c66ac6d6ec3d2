import type { Envelope } from '../../protocol/index';
import type { Clock } from '../../util/index';
import { keptAtMost } from '../config/index';
import { createDueList, type Entry } from './due-list';

/** The messages that channels keep for whoever subscribes later, one each. */
export interface RetainedMessages {
  /** How many channels keep one. */
  readonly size: number;
  /** Whether a channel keeps one. */
  has(channel: string): boolean;
  /** How many are kept of an owner, such as `client lamp`. */
  countOf(owner: string): number;
  /** What a channel keeps, unless its time is over. */
  get(channel: string): Envelope | undefined;
  /** A new message takes the place of the old one, or ends it; `keepFor` is in ms. */
  follow(channel: string, envelope: Envelope, keepFor: number | undefined): void;
  clear(): void;
  /** What all channels keep, and until when by the monotonic clock. */
  entries(): Entry<Envelope>[];
  /** Keeps a message for so many ms more, as it did before the server was stopped. */
  restore(channel: string, envelope: Envelope, keepFor: number): void;
}

/**
 * @param ended called when a channel keeps nothing any more
 * @param changed called when a channel keeps something else
 */
export function createRetainedMessages(
  clock: Clock,
  ended: (channel: string) => void,
  changed?: () => void,
): RetainedMessages {
  const kept = createDueList<Envelope>(clock, {
    fallDue: (_envelope, channel) => ended(channel),
    ownersOf: ({ owners }) => owners,
    changed,
  });
  return {
    get size() {
      return kept.size;
    },
    has: kept.has,
    countOf: kept.countOf,
    get: kept.get,
    follow(channel, envelope, keepFor) {
      if (keepFor !== undefined) kept.set(channel, clock.monotonic() + keepFor, envelope);
      else if (kept.delete(channel)) ended(channel);
    },
    clear() {
      for (const channel of kept.clear()) ended(channel);
    },
    entries: kept.entries,
    restore: (channel, envelope, keepFor) =>
      kept.set(channel, clock.monotonic() + Math.min(keepFor, keptAtMost), envelope),
  };
}
