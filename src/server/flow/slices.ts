import type { Scheduler } from './fair-scheduler';

/**
 * Does work that may take long: as many steps as there is time for now, the others in later turns of the event loop, so
 * that nobody waits for all of it. `done` is called behind the last step.
 */
export function workInSlices(scheduler: Scheduler, steps: Iterator<unknown>, done: () => void = () => undefined): void {
  do {
    if (steps.next().done) return done();
  } while (scheduler.hasTime());
  scheduler.wait(() => {
    scheduler.begin();
    workInSlices(scheduler, steps, done);
  });
}

/** For a broker without a network: nobody else waits for its time. */
export const unlimitedTime: Scheduler = {
  begin: () => undefined,
  hasTime: () => true,
  now: () => 0,
  isOpen: true,
  isOver: false,
  wait: (goOn) => goOn(),
};
