import { letMany } from './abort';
import { checkNoMore } from './check';

/** Stops what returned it. Safe to call twice, and works with `using`. */
export interface Unsubscribe extends Disposable {
  (): void;
}

/** Options of everything that listens. */
export interface ListenOptions {
  /** Aborting it unsubscribes. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of everything that listens to messages. */
export interface BindOptions extends ListenOptions {
  /** Whether messages with numbers are acknowledged for it, and given to it in order. */
  readonly reliable?: boolean | undefined;
}

/** Makes `stop` run at most once: when called, by `using`, and when `signal` aborts or has aborted already. */
export function unsubscriber(stop: () => void, signal?: AbortSignal): Unsubscribe {
  let live = true;
  const once = (): void => {
    if (!live) return;
    live = false;
    signal?.removeEventListener('abort', once);
    stop();
  };
  letMany(signal);
  signal?.addEventListener('abort', once);
  if (signal?.aborted) once();
  return Object.assign(once, { [Symbol.dispose]: once });
}

/** Runs `task` for one thing after the other: what comes while it runs waits for its turn. */
export function oneByOne<A extends unknown[]>(task: (...args: A) => void): (...args: A) => void {
  const waiting: A[] = [];
  return (...args) => {
    if (waiting.push(args) > 1) return;
    try {
      for (const next of waiting) task(...next);
    } finally {
      waiting.length = 0;
    }
  };
}

/** @throws TypeError when `listener` is no function */
export function checkListener(what: string, listener: unknown): void {
  if (typeof listener !== 'function') throw new TypeError(`${what} must be a function`);
}

/** Listeners that are called in the order they were bound. */
export interface Listeners<A extends readonly unknown[]> {
  readonly count: number;
  /** Whether one of them is. */
  readonly isReliable: boolean | undefined;
  /**
   * @param stopped called when the listener was removed
   * @param first what the listener is called with at once
   * @throws TypeError when the listener is no function
   */
  attach(listener: (...args: A) => unknown, options?: BindOptions, stopped?: () => void, first?: A): Unsubscribe;
  tell(...args: A): void;
  /** Removes all of them, and whatever is bound later at once. */
  end(): void;
}

/** `fault` is told what a listener throws or rejects with; the others are called all the same. */
export function createListeners<A extends readonly unknown[]>(fault: (thrown: unknown) => void): Listeners<A> {
  // Replaced, never changed in place: a call that is under way keeps its own list.
  let bound: readonly Entry<A>[] = [];
  let isOver = false;

  function tell({ task }: Entry<A>, ...args: A): void {
    try {
      const result = task?.(...args);
      if (result instanceof Promise) result.catch(fault);
    } catch (thrown) {
      fault(thrown);
    }
  }

  return {
    get count() {
      return bound.length;
    },
    get isReliable() {
      return bound.some(({ isReliable }) => isReliable);
    },
    attach(task, { signal, reliable: isReliable, ...unknown } = {}, stopped, first) {
      checkNoMore(unknown);
      checkListener('listener', task);
      const entry: Entry<A> = { task, isReliable };
      bound = [...bound, entry];
      entry.stop = unsubscriber(() => {
        delete entry.task;
        bound = bound.filter((other) => other !== entry);
        stopped?.();
      }, signal);
      if (first) tell(entry, ...first);
      if (isOver) entry.stop();
      return entry.stop;
    },
    tell(...args) {
      for (const entry of bound) tell(entry, ...args);
    },
    end() {
      isOver = true;
      for (const { stop } of bound) stop?.();
    },
  };
}

interface Entry<A extends readonly unknown[]> {
  task?: (...args: A) => unknown;
  readonly isReliable: boolean | undefined;
  stop?: Unsubscribe;
}
