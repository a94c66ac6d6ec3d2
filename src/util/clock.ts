/** Time and chance, handed in so that a test can own them. */
export interface Clock {
  /**
   * The time of day in milliseconds since 1970, for timestamps and dates. People and time servers set it forward and
   * back: never measure a duration with it.
   */
  now(): number;
  /** Milliseconds, with a fraction, since some moment in the past, for durations: it only ever goes on. */
  monotonic(): number;
  /** A number from 0 up to, not including, 1. */
  random(): number;
  /**
   * Calls `task` once when `ms` milliseconds are over by {@link Clock.monotonic}, never earlier, and never at all after
   * Infinity; the returned function cancels it.
   */
  after(ms: number, task: () => void): () => void;
}

/** The longest time that a timer of the platform knows, in ms: 31 bits, 24.8 days. It runs at once beyond that. */
const longestTimer = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: () => Math.random(),
  after(ms, task) {
    if (ms === Infinity) return () => {};
    const due = performance.now() + ms;
    let timer = start(ms);

    function start(rest: number): ReturnType<typeof setTimeout> {
      return setTimeout(look, Math.min(Math.ceil(rest), longestTimer));
    }
    function look(): void {
      // Timers of Node come up to 1 ms early, and long times take several of them.
      const rest = due - performance.now();
      if (rest > 0) timer = start(rest);
      else task();
    }
    return () => clearTimeout(timer);
  },
};
