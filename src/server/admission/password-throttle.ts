import type { Clock } from '../../util/index';
import { groupsOf } from '../../util/index';

/** Wrong passwords, by address. */
export interface PasswordThrottle {
  /** Whether an address may not try again yet. */
  isSpent(address: string): boolean;
  failed(address: string): void;
}

/** How long a wrong password counts, in ms. */
const remembered = 60_000;
/** So many groups of addresses are remembered before old ones are looked for. */
const tidyAt = 1_000;

export function createPasswordThrottle(clock: Clock, atMost: number): PasswordThrottle {
  /** When the last ones of each group of addresses were, by the monotonic clock; oldest first. */
  const failures = new Map<string, readonly number[]>();
  let tidyNext = tidyAt;

  function recent(group: string): readonly number[] {
    const since = clock.monotonic() - remembered;
    return (failures.get(group) ?? []).filter((time) => time > since);
  }

  function tidy(): void {
    for (const group of failures.keys()) if (recent(group).length === 0) failures.delete(group);
    // Where very many are new, to look at all of them again for each would take longer and longer.
    tidyNext = Math.max(tidyAt, 2 * failures.size);
  }

  return {
    isSpent: (address) => groupsOf(address).some(({ name, times }) => recent(name).length >= atMost * times),
    failed(address) {
      if (failures.size >= tidyNext) tidy();
      for (const { name } of groupsOf(address)) failures.set(name, [...recent(name), clock.monotonic()]);
    },
  };
}
