/** Time and chance, handed in so that a test can own them. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** A number from 0 up to, not including, 1. */
  random(): number;
  /** Calls `task` once after `ms` milliseconds, never after Infinity; the returned function cancels it. */
  after(ms: number, task: () => void): () => void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(ms, task) {
    // A timer of the platform takes 31 bits, and runs at once beyond that.
    const timer = ms < Infinity ? setTimeout(task, Math.min(ms, 2 ** 31 - 1)) : undefined;
    return () => clearTimeout(timer);
  },
};
