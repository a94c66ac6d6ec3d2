import type { Clock } from './clock';

/** Something that is done again and again for as long as somebody needs it. */
export interface Ticker {
  /** Starts or stops; the first tick comes one period after the start. Safe to call when it runs, or rests, already. */
  run(needed: boolean): void;
}

/** @param period in ms */
export function createTicker(clock: Clock, period: number, task: () => void): Ticker {
  let stop: (() => void) | undefined;
  function tick(): void {
    stop = clock.after(period, tick);
    task();
  }
  return {
    run(needed) {
      if (needed) stop ??= clock.after(period, tick);
      else {
        stop?.();
        stop = undefined;
      }
    },
  };
}
