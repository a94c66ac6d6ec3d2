import { checkNoMore } from './validate';

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

/** What a signal stops here, and its listener. */
interface Watched {
  readonly stops: Set<() => void>;
  abort(): void;
}

/**
 * However much a signal stops, it has one listener: platforms look through all listeners of a signal for each one that is
 * added, and Node warns of the eleventh.
 */
const watchedSignals = new WeakMap<AbortSignal, Watched>();

function watch(signal: AbortSignal): Watched {
  const stops = new Set<() => void>();
  function abort(): void {
    for (const stop of stops) stop();
  }
  const watched = { stops, abort };
  watchedSignals.set(signal, watched);
  signal.addEventListener('abort', abort);
  return watched;
}

/** Calls `task` when the signal aborts; the returned function takes that back. */
function onAbort(signal: AbortSignal, task: () => void): () => void {
  const { stops, abort } = watchedSignals.get(signal) ?? watch(signal);
  stops.add(task);
  return () => {
    stops.delete(task);
    if (stops.size > 0) return;
    watchedSignals.delete(signal);
    signal.removeEventListener('abort', abort);
  };
}

/** The same for listeners of our own. */
export interface OwnOptions extends BindOptions {
  /** Whether it changes nothing of what it is called with, and so needs no copy. */
  readonly readsOnly?: boolean | undefined;
}

/** Makes `stop` run at most once: when called, by `using`, and when `signal` aborts or has aborted already. */
export function unsubscriber(stop: () => void, signal?: AbortSignal): Unsubscribe {
  let isLive = true;
  const forget = signal && onAbort(signal, once);
  function once(): void {
    if (!isLive) return;
    isLive = false;
    forget?.();
    stop();
  }
  if (signal?.aborted) once();
  return Object.assign(once, { [Symbol.dispose]: once });
}

/** Why a signal has aborted; not every kind of signal tells it. */
export function reasonOf(signal: AbortSignal | undefined): unknown {
  return signal?.reason ?? new DOMException('This was aborted.', 'AbortError');
}

/** @throws the reason of a signal that has aborted */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw reasonOf(signal);
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
  attach(listener: (...args: A) => unknown, options?: OwnOptions, stopped?: () => void, first?: A): Unsubscribe;
  tell(...args: A): void;
  /** Removes all of them, and whatever is bound later at once. */
  end(): void;
}

/** Told what a listener throws or rejects with, and which one. */
export type Failed = (thrown: unknown, listener: object) => void;

/**
 * @param failed told of listeners that fail; the others are called all the same
 * @param copy makes what each listener but the last is called with, where one may change what it gets
 * @param isKept whether others get afterwards what is told here: then the last one is called with a copy, too
 */
export function createListeners<A extends readonly unknown[]>(
  failed: Failed,
  copy?: (...args: A) => A,
  isKept?: () => boolean,
): Listeners<A> {
  const bound = new Set<Entry<A>>();
  /** The same as a list, made when it is needed: a call that is under way keeps its own. */
  let list: readonly Entry<A>[] | undefined;
  let isOver = false;

  function call({ task }: Entry<A>, args: A): void {
    if (!task) return;
    try {
      const result = task(...args);
      // Not every promise is one of this realm.
      if (isThenable(result)) Promise.resolve(result).catch((thrown) => failed(thrown, task));
    } catch (thrown) {
      failed(thrown, task);
    }
  }

  return {
    get count() {
      return bound.size;
    },
    get isReliable() {
      return [...bound].some(({ isReliable }) => isReliable);
    },
    attach(task, { signal, reliable: isReliable, readsOnly, ...unknown } = {}, stopped, first) {
      checkNoMore(unknown);
      checkListener('listener', task);
      const entry: Entry<A> = { task, isReliable, readsOnly };
      bound.add(entry);
      list = undefined;
      entry.stop = unsubscriber(() => {
        entry.task = undefined;
        bound.delete(entry);
        list = undefined;
        stopped?.();
      }, signal);
      if (first) call(entry, first);
      if (isOver) entry.stop();
      return entry.stop;
    },
    tell(...args) {
      list ??= [...bound];
      const last = copy && isKept?.() ? undefined : list.at(-1);
      for (const entry of list) call(entry, copy && entry !== last && !entry.readsOnly ? copy(...args) : args);
    },
    end() {
      isOver = true;
      for (const { stop } of bound) stop?.();
    },
  };
}

interface Entry<A extends readonly unknown[]> {
  task: ((...args: A) => unknown) | undefined;
  readonly isReliable: boolean | undefined;
  readonly readsOnly: boolean | undefined;
  stop?: Unsubscribe;
}

function isThenable(it: unknown): it is PromiseLike<unknown> {
  const mayBe = typeof it === 'function' || (typeof it === 'object' && it !== null);
  return mayBe && 'then' in it && typeof it.then === 'function';
}
