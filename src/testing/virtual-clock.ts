import type { Clock } from '../util/index';

/** A clock that stands still until it is told to go on. */
export interface VirtualClock extends Clock {
  /** Lets `ms` milliseconds pass: what is due runs, in order, each after the promises of the one before have settled. */
  advance(ms: number): Promise<void>;
  /** Lets `ms` milliseconds pass in which nothing runs, as while a machine sleeps: timers come late. */
  sleep(ms: number): void;
  /**
   * Sets the time of day forward by `ms`, or back, as people and time servers do: `now` changes, `monotonic` and timers do
   * not.
   */
  setForward(ms: number): void;
  /** How many timers are set. */
  readonly timers: number;
  /** What `random` gives, from 0 up to, not including, 1. @default 0.5 */
  chance: number;
}

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/**
 * A clock for tests of minutes that run in milliseconds; give it to clients and servers as the option `clock`.
 *
 * @example
 * const clock = createVirtualClock();
 * const oocsi = createClient(server.adapter, { clock });
 * await clock.advance(20_000); // whatever happens within 20 s has happened
 */
export function createVirtualClock(): VirtualClock {
  // Far apart, so that a test that mixes them up fails.
  let time = 1_000;
  let startedAt = 999_000;
  const timers = new Set<Timer>();

  function nextUntil(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of timers) if (timer.at <= end && (!next || timer.at < next.at)) next = timer;
    return next;
  }

  const clock: VirtualClock = {
    chance: 0.5,
    now: () => startedAt + time,
    monotonic: () => time,
    random: () => clock.chance,
    after(ms, task) {
      if (ms === Infinity) return () => {};
      const timer = { at: time + Math.max(0, ms), task };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const end = time + ms;
      await settled();
      for (let due = nextUntil(end); due; due = nextUntil(end)) {
        timers.delete(due);
        time = Math.max(time, due.at);
        due.task();
        await settled();
      }
      time = Math.max(time, end);
      await settled();
    },
    sleep(ms) {
      time += ms;
    },
    setForward(ms) {
      startedAt += ms;
    },
    get timers() {
      return timers.size;
    },
  };
  return clock;
}

/** Resolves when promises that could settle by themselves have done so. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
