import { setMaxListeners } from 'node:events';

/** Lets many listen to one signal: that is what signals are for, but Node warns of a leak from the eleventh on. */
export function letMany(signal: AbortSignal | undefined): void {
  if (signal instanceof AbortSignal) setMaxListeners(0, signal);
}
