import type { Clock } from '../../util/index';

/** At least so many sessions are ended at once; their clients all come back at about the same time. */
const minBatch = 25;
/** How long it takes to end very many sessions, in ms. */
const spread = 2_000;
/** The time from one batch to the next, in ms. */
const pause = 50;

/** Ends all sessions, also those that come meanwhile: in batches of 25, and of more where it would take more than 2 s. */
export async function endAll<T>(clock: Clock, sessions: ReadonlySet<T>, end: (session: T) => void): Promise<void> {
  const batch = Math.max(minBatch, Math.ceil((sessions.size * pause) / spread));
  for (;;) {
    for (const session of [...sessions].slice(0, batch)) end(session);
    if (sessions.size === 0) return;
    await new Promise<void>((resolve) => clock.after(pause, resolve));
  }
}
