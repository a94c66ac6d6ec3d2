import type { Clock } from '../core/clock';
import { tickEvery } from './limits';

/** Things that fall due, one under each name. */
export interface Agenda<T> {
  /** How many there are. */
  readonly size: number;
  has(name: string): boolean;
  /** Takes the place of what was there under that name; `due` is in ms since 1970. */
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

/** A thing and when it falls due, in ms since 1970. */
export interface Entry<T> {
  readonly name: string;
  readonly due: number;
  readonly item: T;
}

/**
 * Calls `fallDue` for each thing on the first look after it is due. However many there are, one timer is set, and it
 * looks at all of them once a second at most.
 *
 * @param changed called whenever something was set or deleted, or fell due
 */
export function createAgenda<T>(
  clock: Clock,
  fallDue: (item: T, name: string) => void,
  changed = (): void => undefined,
): Agenda<T> {
  const items = new Map<string, { readonly due: number; readonly item: T }>();
  let earliest = 0;
  let next = Number.POSITIVE_INFINITY;
  let cancel: (() => void) | undefined;

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
    cancel = clock.after(next - clock.now(), look);
  }

  function look(): void {
    const now = clock.now();
    earliest = now + tickEvery;
    rest();
    for (const [name, { due, item }] of items) {
      if (due > now) continue;
      items.delete(name);
      changed();
      fallDue(item, name);
    }
    let soonest = Number.POSITIVE_INFINITY;
    for (const { due } of items.values()) soonest = Math.min(soonest, due);
    plan(soonest);
  }

  return {
    get size() {
      return items.size;
    },
    has: (name) => items.has(name),
    set(name, due, item) {
      // What is set last comes last, also under a name that was there before.
      items.delete(name);
      items.set(name, { due, item });
      changed();
      plan(due);
    },
    get(name) {
      const found = items.get(name);
      return found && found.due > clock.now() ? found.item : undefined;
    },
    delete(name) {
      if (!items.delete(name)) return false;
      changed();
      if (items.size === 0) rest();
      return true;
    },
    clear() {
      const names = [...items.keys()];
      items.clear();
      rest();
      return names;
    },
    entries: () => [...items].map(([name, { due, item }]) => ({ name, due, item })),
  };
}
