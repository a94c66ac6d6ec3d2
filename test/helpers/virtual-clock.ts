import type { Clock } from '../../src/core/clock';

/** A clock that stands still until it is told to go on. */
export interface VirtualClock extends Clock {
  /** Lets `ms` milliseconds pass: what is due runs, in order, each after the promises of the one before have settled. */
  advance(ms: number): Promise<void>;
  /** Lets `ms` milliseconds pass in which nothing runs, as while a machine sleeps: timers come late. */
  sleep(ms: number): void;
  /** How many timers are set. */
  readonly timers: number;
  /** What `random` gives. */
  chance: number;
}

export function createVirtualClock(): VirtualClock {
  let time = 1_000_000;
  let timers: readonly { readonly at: number; readonly task: () => void }[] = [];
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    chance: 0.5,
    now: () => time,
    random() {
      return this.chance;
    },
    after(ms, task) {
      if (ms === Infinity) return () => {};
      const timer = { at: time + Math.max(0, ms), task };
      timers = [...timers, timer];
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async advance(ms) {
      const until = time + ms;
      await settle();
      for (;;) {
        const [due] = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
        if (!due) break;
        timers = timers.filter((other) => other !== due);
        time = Math.max(time, due.at);
        due.task();
        await settle();
      }
      time = until;
      await settle();
    },
    sleep(ms) {
      time += ms;
    },
    get timers() {
      return timers.length;
    },
  };
}
