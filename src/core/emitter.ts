/** Stops what returned it. Safe to call twice, and works with `using`. */
export interface Unsubscribe extends Disposable {
  (): void;
}

/** Options of everything that listens. */
export interface ListenOptions {
  /** Aborting it unsubscribes. */
  readonly signal?: AbortSignal | undefined;
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
  signal?.addEventListener('abort', once);
  if (signal?.aborted) once();
  return Object.assign(once, { [Symbol.dispose]: once });
}

/** Listeners that are called in the order they were bound. */
export interface Listeners<A extends readonly unknown[]> {
  readonly size: number;
  /**
   * @param stopped called when the listener was removed
   * @throws TypeError when the listener is no function
   */
  add(listener: (...args: A) => unknown, options?: ListenOptions, stopped?: () => void): Unsubscribe;
  call(...args: A): void;
}

/** `fault` is told what a listener throws or rejects with; the others are called all the same. */
export function createListeners<A extends readonly unknown[]>(fault: (thrown: unknown) => void): Listeners<A> {
  // Replaced, never changed in place: a call that is under way keeps its own list.
  let bound: readonly { listener?: (...args: A) => unknown }[] = [];
  return {
    get size() {
      return bound.length;
    },
    add(listener, { signal } = {}, stopped = () => {}) {
      if (typeof listener !== 'function') throw new TypeError('listener must be a function');
      const entry: (typeof bound)[number] = { listener };
      bound = [...bound, entry];
      return unsubscriber(() => {
        delete entry.listener;
        bound = bound.filter((other) => other !== entry);
        stopped();
      }, signal);
    },
    call(...args) {
      for (const { listener } of bound) {
        try {
          const result = listener?.(...args);
          if (result instanceof Promise) result.catch(fault);
        } catch (thrown) {
          fault(thrown);
        }
      }
    },
  };
}
