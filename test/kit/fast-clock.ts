import type { Clock } from '../../src/index';
import { systemClock } from '../../src/util/clock';

/** The machine's clock, but so many times faster: for minutes over real sockets. */
export function createFastClock(speed: number): Clock {
  const [epoch, began] = [Date.now(), performance.now()];
  return {
    now: () => epoch + (performance.now() - began) * speed,
    monotonic: () => (performance.now() - began) * speed,
    random: systemClock.random,
    after: (ms, task) => systemClock.after(ms / speed, task),
  };
}
