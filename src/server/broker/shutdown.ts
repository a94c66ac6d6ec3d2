import type { Clock } from '../../util/index';

/** So many clients are sent away at once; they all come back at about the same time. */
const handful = 25;
/** How long it takes to send away very many, in ms. */
const spread = 2_000;
/** The time from one handful to the next, in ms. */
const pause = 50;

/**
 * Ends all connections, also those that come meanwhile: a handful at once, more of them a handful after the other, and very
 * many within 2 s.
 */
export async function sayFarewell<T>(clock: Clock, connections: ReadonlySet<T>, end: (each: T) => void): Promise<void> {
  const batch = Math.max(handful, Math.ceil((connections.size * pause) / spread));
  for (;;) {
    for (const each of [...connections].slice(0, batch)) end(each);
    if (connections.size === 0) return;
    await new Promise<void>((resolve) => clock.after(pause, resolve));
  }
}
