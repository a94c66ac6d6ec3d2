import type { Clock } from '../../util/index';
import type { ServerLimits } from '../config/index';
import type { Peer } from '../domain/index';

/** Lets a client send no faster than the limits allow: the server reads no more until the time for what it read is over. */
export interface RateLimiter {
  /** Whether the client is not read at the moment. */
  readonly holds: boolean;
  /** A line of so many characters came in. */
  count(length: number): void;
  stop(): void;
}

/** So much may come at once, in ms of the rate. */
const burst = 1_000;

/**
 * Undefined where no rate is set, or the link cannot be held.
 *
 * @param released called when the client is read again
 */
export function createRateLimiter(
  clock: Clock,
  limits: ServerLimits,
  peer: Peer,
  released: () => void,
): RateLimiter | undefined {
  const { messageRate, byteRate } = limits;
  if ((messageRate === Infinity && byteRate === Infinity) || !peer.hold) return undefined;
  /** Until when what came in so far takes at the rate, by the monotonic clock. */
  let paidUntil = clock.monotonic();
  let cancel: (() => void) | undefined;

  function release(): void {
    cancel = undefined;
    peer.release?.();
    released();
  }

  function wait(ms: number): void {
    cancel = clock.after(ms, () => {
      // What was on its way when the client was held counts, too.
      const rest = paidUntil - clock.monotonic() - burst;
      if (rest > 0) wait(rest);
      else release();
    });
  }

  return {
    get holds() {
      return cancel !== undefined;
    },
    count(length) {
      const now = clock.monotonic();
      const time = 1_000 * Math.max(1 / messageRate, (length + 1) / byteRate);
      paidUntil = Math.max(paidUntil, now) + time;
      if (cancel || paidUntil - now <= burst) return;
      peer.hold?.();
      wait(paidUntil - now - burst);
    },
    stop() {
      if (!cancel) return;
      cancel();
      cancel = undefined;
      peer.release?.();
    },
  };
}
