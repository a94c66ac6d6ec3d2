import type { Clock } from '../../util/index';
import { groupsOf } from '../../util/index';

/** How long a wrong password counts, in ms. */
const countsFor = 60_000;
/** With so many groups of addresses, old ones are looked for and forgotten. */
const tidyFrom = 1_000;

/** Counts wrong passwords by address, and blocks addresses that had too many. */
export class PasswordThrottle {
  /** When the last wrong passwords of each group of addresses came, by the monotonic clock; oldest first. */
  readonly #wrong = new Map<string, readonly number[]>();
  #tidyAt = tidyFrom;

  constructor(
    private readonly clock: Clock,
    private readonly maxWrong: number,
  ) {}

  /** Whether an address may not try again yet. */
  isBlocked(address: string): boolean {
    return groupsOf(address).some(({ name, times }) => this.#recent(name).length >= this.maxWrong * times);
  }

  countWrong(address: string): void {
    if (this.#wrong.size >= this.#tidyAt) this.#tidy();
    for (const { name } of groupsOf(address)) {
      this.#wrong.set(name, [...this.#recent(name), this.clock.monotonic()]);
    }
  }

  #recent(group: string): readonly number[] {
    const since = this.clock.monotonic() - countsFor;
    return (this.#wrong.get(group) ?? []).filter((time) => time > since);
  }

  #tidy(): void {
    for (const group of this.#wrong.keys()) if (this.#recent(group).length === 0) this.#wrong.delete(group);
    // Where very many are new, to look at all of them again for each would take longer and longer.
    this.#tidyAt = Math.max(tidyFrom, 2 * this.#wrong.size);
  }
}
