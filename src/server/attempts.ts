import type { Clock } from '../core/clock';

/** Wrong passwords, by address. */
export interface Attempts {
  /** Whether an address may not try again yet. */
  isSpent(address: string): boolean;
  failed(address: string): void;
}

/** How long a wrong password counts, in ms. */
const remembered = 60_000;
/** So many addresses are remembered before old ones are looked for. */
const tidyAt = 1_000;

export function createAttempts(clock: Clock, atMost: number): Attempts {
  /** When the last ones of each address were, by the monotonic clock; oldest first. */
  const failures = new Map<string, readonly number[]>();

  function recent(address: string): readonly number[] {
    const since = clock.monotonic() - remembered;
    return (failures.get(address) ?? []).filter((time) => time > since);
  }

  function tidy(): void {
    for (const address of failures.keys()) if (recent(address).length === 0) failures.delete(address);
  }

  return {
    isSpent: (address) => failures.has(address) && recent(address).length >= atMost,
    failed(address) {
      if (failures.size >= tidyAt) tidy();
      failures.set(address, [...recent(address), clock.monotonic()]);
    },
  };
}
