import type { Clock } from '../../util/index';
import { checkNumbers, checkOptions, checkWord } from '../../util/index';

/** How many messages may come in within a time; more are left out. */
export interface Limit {
  /** So many messages … */
  readonly rate: number;
  /** … in so many ms. */
  readonly per: number;
  /** Whether all senders share the limit, or each has its own. @default 'channel' */
  readonly each?: 'channel' | 'sender' | undefined;
}

/**
 * Tells of each message whether it is within the limit, as the Java client counts: in windows, and a window begins with
 * the first message after the one before is over.
 *
 * @throws RangeError, TypeError when the limit cannot be meant
 */
export function createLimit(limit: Limit | undefined, clock: Clock): (sender: string) => boolean {
  if (!limit) return () => true;
  checkOptions(limit, ['rate', 'per', 'each'], 'limit');
  const { rate, per, each = 'channel' } = limit;
  checkNumbers({ rate: rate ?? 0, per: per ?? 0 }, 1);
  checkWord('each', each, ['channel', 'sender']);
  const counts = new Map<string, number>();
  let start = clock.monotonic();
  return (sender) => {
    const now = clock.monotonic();
    if (now - start > per) {
      start = now;
      counts.clear();
    }
    const who = each === 'sender' ? sender : '';
    const count = (counts.get(who) ?? 0) + 1;
    counts.set(who, count);
    return count <= rate;
  };
}
