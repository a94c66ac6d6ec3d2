import type { Shifts } from './fair-scheduler';

/**
 * Does work that may take long: as many steps as there is time for now, the others in later turns of the event loop, so
 * that nobody waits for all of it. `done` is called behind the last step.
 */
export function workInSlices(shifts: Shifts, steps: Iterator<unknown>, done: () => void = () => undefined): void {
  do {
    if (steps.next().done) return done();
  } while (shifts.hasTime());
  shifts.wait(() => {
    shifts.begin();
    workInSlices(shifts, steps, done);
  });
}

/** For a broker without a network, which nobody else waits for. */
export const allTime: Shifts = {
  begin: () => undefined,
  hasTime: () => true,
  now: () => 0,
  isOpen: true,
  isOver: false,
  wait: (goOn) => goOn(),
};
