import type { Clock } from '../../util/index';
import { tickEvery } from '../config/index';

/** A thing and when it falls due, in ms by the monotonic clock. */
export interface Entry<T> {
  readonly name: string;
  readonly due: number;
  readonly item: T;
}

/** What a list asks and tells when something falls due. */
export interface DueListEvents<T> {
  /** Called for each thing on the first check after it is due. */
  fallDue(item: T, name: string): void;
  /** How many ms more a thing is to wait that would fall due now; 0 for not at all. @default none waits */
  postpone?(item: T, name: string): number;
  /** The owners that a thing belongs to. */
  ownersOf(item: T): readonly string[];
  /** Called whenever something was set or deleted, or fell due. */
  changed?: (() => void) | undefined;
}

/**
 * Things that fall due, one under each name. However many there are, one timer is set, and it checks all of them once a
 * second at most.
 */
export class DueList<T> {
  readonly #clock: Clock;
  readonly #events: DueListEvents<T>;
  readonly #items = new Map<string, { readonly due: number; readonly item: T }>();
  readonly #countByOwner = new Map<string, number>();
  #earliestCheck = 0;
  #nextCheck = Number.POSITIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock, events: DueListEvents<T>) {
    this.#clock = clock;
    this.#events = events;
  }

  /** How many there are. */
  get size(): number {
    return this.#items.size;
  }

  has(name: string): boolean {
    return this.#items.has(name);
  }

  /** How many belong to an owner. */
  countOf(owner: string): number {
    return this.#countByOwner.get(owner) ?? 0;
  }

  /** Takes the place of what was there under that name; `due` is by the monotonic clock. */
  set(name: string, due: number, item: T): void {
    // What is set last comes last, also under a name that was there before.
    this.#remove(name);
    this.#items.set(name, { due, item });
    this.#count(item, 1);
    this.#events.changed?.();
    this.#planCheck(due);
  }

  /** What is there, unless it is due. */
  get(name: string): T | undefined {
    const found = this.#items.get(name);
    return found && found.due > this.#clock.monotonic() ? found.item : undefined;
  }

  /** Whether there was something to delete. */
  delete(name: string): boolean {
    if (!this.#remove(name)) return false;
    this.#events.changed?.();
    if (this.#items.size === 0) this.#stopTimer();
    return true;
  }

  /** Gives the names that there were. */
  clear(): string[] {
    const names = [...this.#items.keys()];
    this.#items.clear();
    this.#countByOwner.clear();
    this.#stopTimer();
    return names;
  }

  /** All that is there, in the order in which it was set. */
  entries(): Entry<T>[] {
    return [...this.#items].map(([name, { due, item }]) => ({ name, due, item }));
  }

  #count(item: T, change: 1 | -1): void {
    for (const owner of this.#events.ownersOf(item)) {
      const count = this.countOf(owner) + change;
      if (count > 0) this.#countByOwner.set(owner, count);
      else this.#countByOwner.delete(owner);
    }
  }

  #remove(name: string): boolean {
    const found = this.#items.get(name);
    if (!found) return false;
    this.#items.delete(name);
    this.#count(found.item, -1);
    return true;
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#nextCheck = Number.POSITIVE_INFINITY;
  }

  #planCheck(due: number): void {
    const at = Math.max(due, this.#earliestCheck);
    if (at >= this.#nextCheck) return;
    this.#stopTimer();
    this.#nextCheck = at;
    this.#cancelTimer = this.#clock.after(at - this.#clock.monotonic(), () => this.#check());
  }

  #check(): void {
    // A timer may come a little early; what it was set for is due all the same, or it would wait for the next check.
    const now = Math.max(this.#clock.monotonic(), this.#nextCheck);
    this.#earliestCheck = now + tickEvery;
    this.#stopTimer();
    for (const [name, { due, item }] of this.#items) if (due <= now) this.#fallDue(name, item, now);
    let soonest = Number.POSITIVE_INFINITY;
    for (const { due } of this.#items.values()) soonest = Math.min(soonest, due);
    this.#planCheck(soonest);
  }

  #fallDue(name: string, item: T, now: number): void {
    const more = this.#events.postpone?.(item, name) ?? 0;
    if (more > 0) {
      this.#items.set(name, { due: now + more, item });
      return;
    }
    this.#remove(name);
    this.#events.changed?.();
    this.#events.fallDue(item, name);
  }
}
