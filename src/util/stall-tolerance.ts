import type { Clock } from './clock';

/** A timer that is so late tells that the whole program stood still, in ms. */
const late = 100;
/** Time to read what came in meanwhile, in ms. */
const catchUp = 50;

/** Whether what was due at `due`, by the monotonic clock, comes so late that clients may have said things that nobody has read yet. */
export function wasHeldUp(clock: Clock, due: number): boolean {
  return clock.monotonic() - due >= late;
}

/**
 * Calls `task` after `ms`, but not before what came in until then was read: a client must not be judged by what a server
 * that stood still did not hear. The returned function cancels it.
 */
export function afterHearing(clock: Clock, ms: number, task: () => void): () => void {
  const due = clock.monotonic() + ms;
  let cancel = clock.after(ms, () => {
    if (wasHeldUp(clock, due)) cancel = clock.after(catchUp, task);
    else task();
  });
  return () => cancel();
}
