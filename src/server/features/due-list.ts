import type { Clock } from '../../util/index';
import { tickEvery } from '../config/index';

/** Things that fall due, one under each name. */
export interface DueList<T> {
  /** How many there are. */
  readonly size: number;
  has(name: string): boolean;
  /** How many belong to an owner. */
  countOf(owner: string): number;
  /** Takes the place of what was there under that name; `due` is by the monotonic clock. */
  set(name: string, due: number, item: T): void;
  /** What is there, unless it is due. */
  get(name: string): T | undefined;
  /** Whether there was something to delete. */
  delete(name: string): boolean;
  /** Gives the names that there were. */
  clear(): string[];
  /** All that is there, in the order in which it was set. */
  entries(): Entry<T>[];
}

/** A thing and when it falls due, in ms by the monotonic clock. */
export interface Entry<T> {
  readonly name: string;
  readonly due: number;
  readonly item: T;
}

/** What an agenda does when something falls due. */
export interface DueListEvents<T> {
  /** Called for each thing on the first look after it is due. */
  fallDue(item: T, name: string): void;
  /** How many ms more a thing is to wait that would fall due now; 0 for not at all. @default none waits */
  postpone?(item: T, name: string): number;
  /** Whom a thing belongs to. */
  ownersOf(item: T): readonly string[];
  /** Called whenever something was set or deleted, or fell due. */
  changed?: (() => void) | undefined;
}

/** However many things there are, one timer is set, and it looks at all of them once a second at most. */
export function createDueList<T>(clock: Clock, { fallDue, postpone, ownersOf, changed }: DueListEvents<T>): DueList<T> {
  const items = new Map<string, { readonly due: number; readonly item: T }>();
  const counts = new Map<string, number>();
  let earliest = 0;
  let next = Number.POSITIVE_INFINITY;
  let cancel: (() => void) | undefined;

  function count(item: T, change: 1 | -1): void {
    for (const owner of ownersOf(item)) {
      const number = (counts.get(owner) ?? 0) + change;
      if (number > 0) counts.set(owner, number);
      else counts.delete(owner);
    }
  }

  function drop(name: string): boolean {
    const found = items.get(name);
    if (!found) return false;
    items.delete(name);
    count(found.item, -1);
    return true;
  }

  function rest(): void {
    cancel?.();
    cancel = undefined;
    next = Number.POSITIVE_INFINITY;
  }

  function plan(due: number): void {
    const at = Math.max(due, earliest);
    if (at >= next) return;
    rest();
    next = at;
    cancel = clock.after(next - clock.monotonic(), look);
  }

  function look(): void {
    // A timer may come a little early; what it was set for is due all the same, or it would wait for the next look.
    const now = Math.max(clock.monotonic(), next);
    earliest = now + tickEvery;
    rest();
    for (const [name, { due, item }] of items) if (due <= now) take(name, item, now);
    let soonest = Number.POSITIVE_INFINITY;
    for (const { due } of items.values()) soonest = Math.min(soonest, due);
    plan(soonest);
  }

  function take(name: string, item: T, now: number): void {
    const more = postpone?.(item, name) ?? 0;
    if (more > 0) {
      items.set(name, { due: now + more, item });
      return;
    }
    drop(name);
    changed?.();
    fallDue(item, name);
  }

  return {
    get size() {
      return items.size;
    },
    has: (name) => items.has(name),
    countOf: (owner) => counts.get(owner) ?? 0,
    set(name, due, item) {
      // What is set last comes last, also under a name that was there before.
      drop(name);
      items.set(name, { due, item });
      count(item, 1);
      changed?.();
      plan(due);
    },
    get(name) {
      const found = items.get(name);
      return found && found.due > clock.monotonic() ? found.item : undefined;
    },
    delete(name) {
      if (!drop(name)) return false;
      changed?.();
      if (items.size === 0) rest();
      return true;
    },
    clear() {
      const names = [...items.keys()];
      items.clear();
      counts.clear();
      rest();
      return names;
    },
    entries: () => [...items].map(([name, { due, item }]) => ({ name, due, item })),
  };
}
