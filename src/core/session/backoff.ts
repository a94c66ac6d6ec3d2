import { isNear } from '../../protocol/index';
import type { Clock } from '../../util/index';
import type { Events } from './events';
import { isOffline } from './page-lifecycle';

/** The longest that a client waits before it dials again, in ms. */
const longestWait = 20_000;
/** The same for a server on the machine itself or in its own network, in ms. */
const longestWaitNear = 2_000;
/** The least that a client waits before it dials again, in ms. */
const shortestWait = 50;

/**
 * How long to wait before dialling again, in ms: "full jitter", so that the clients of a server that restarts do not
 * come back all at once. The limit doubles with each failure, from 0.5 s up to `longest`.
 *
 * @param failures in a row, from 1
 * @param chance from 0 up to 1
 * @example
 * backoff(3, 0.5); //=> 1000
 */
export function backoff(failures: number, chance: number, longest = longestWait): number {
  return chance * Math.min(longest, 500 * 2 ** (failures - 1));
}

/** How often, and after which waits, a client dials again. */
export class ReconnectPolicy {
  /** How many attempts in a row may fail before the session ends. */
  readonly attempts: number;
  /** Whether a first attempt that fails ends the session. */
  readonly once: boolean;
  /** Where the client dialled last. */
  address = '';
  /** When the attempt was due, by the monotonic clock, that the user cut the wait for short: if the early one fails, that remains. */
  planned = 0;
  readonly #given: ((losses: number) => number) | undefined;
  readonly #clock: Clock;
  readonly #events: Events;

  /** @param given the wait as the user wants it, in ms after so many losses in a row */
  constructor(
    { attempts, once, delay }: { attempts: number; once: boolean; delay: ((losses: number) => number) | undefined },
    clock: Clock,
    events: Events,
  ) {
    this.attempts = attempts;
    this.once = once;
    this.#given = delay;
    this.#clock = clock;
    this.#events = events;
  }

  /** How long to wait, in ms, after so many losses in a row. */
  delay(losses: number): number {
    const rest = this.planned - this.#clock.monotonic();
    this.planned = 0;
    if (rest > 0) return rest;
    if (isOffline(this.address)) return longestWait;
    return Math.max(shortestWait, this.#given ? this.#ask(this.#given, losses) : this.#usual(losses));
  }

  #usual(losses: number): number {
    return backoff(losses, this.#clock.random(), isNear(this.address) ? longestWaitNear : longestWait);
  }

  #ask(given: (losses: number) => number, losses: number): number {
    try {
      return given(losses) || 0;
    } catch (thrown) {
      this.#events.failed(thrown, given);
      return shortestWait;
    }
  }
}
