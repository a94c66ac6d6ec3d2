import { checkOptions } from './validate';

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

/** Told what a listener throws or rejects with, and which one. */
export type Failed = (thrown: unknown, listener: object) => void;

/** Listeners that are called in the order they were bound. */
export class Listeners<A extends readonly unknown[]> {
  /** Whether others get afterwards what is told here: then the last listener is called with a copy, too. */
  isKept: boolean;
  readonly #failed: Failed;
  readonly #copy: ((...args: A) => A) | undefined;
  /** Made with the first listener: most lists never have one. */
  #bound: Set<Binding<A>> | undefined;
  /** The same as a list, made when it is needed: a call that is under way keeps its own. */
  #list: readonly Binding<A>[] | undefined;
  #isOver = false;

  /**
   * @param failed told of listeners that fail; the others are called all the same
   * @param copy makes what each listener but the last is called with, where one may change what it gets
   */
  constructor(failed: Failed, copy?: (...args: A) => A, isKept = false) {
    this.#failed = failed;
    this.#copy = copy;
    this.isKept = isKept;
  }

  get count(): number {
    return this.#bound?.size ?? 0;
  }

  /** Whether one of them is reliable. */
  get isReliable(): boolean {
    return this.#snapshot().some(({ isReliable }) => isReliable);
  }

  /**
   * @param stopped called when the listener was removed
   * @param first what the listener is called with at once
   * @throws TypeError when the listener is no function
   */
  attach(listener: (...args: A) => unknown, options: OwnOptions = {}, stopped?: () => void, first?: A): Unsubscribe {
    const { signal, reliable, readsOnly, ...unknown } = options;
    checkOptions(unknown, ['signal', 'reliable']);
    checkListener('listener', listener);
    const binding: Binding<A> = { listener, isReliable: reliable ?? false, readsOnly: readsOnly ?? false };
    this.#bound ??= new Set();
    this.#bound.add(binding);
    this.#list = undefined;
    const stop = unsubscriber(() => {
      binding.listener = undefined;
      this.#bound?.delete(binding);
      if (this.#bound?.size === 0) this.#bound = undefined;
      this.#list = undefined;
      stopped?.();
    }, signal);
    binding.stop = stop;
    if (first) this.#call(binding, first);
    if (this.#isOver) stop();
    return stop;
  }

  tell(...args: A): void {
    if (!this.#bound) return;
    const list = this.#snapshot();
    const copy = this.#copy;
    const last = copy && this.isKept ? undefined : list.at(-1);
    for (const binding of list) {
      this.#call(binding, copy && binding !== last && !binding.readsOnly ? copy(...args) : args);
    }
  }

  /** Removes all of them, and whatever is bound later at once. */
  end(): void {
    this.#isOver = true;
    for (const { stop } of this.#snapshot()) stop?.();
  }

  #snapshot(): readonly Binding<A>[] {
    this.#list ??= [...(this.#bound ?? [])];
    return this.#list;
  }

  #call({ listener }: Binding<A>, args: A): void {
    if (!listener) return;
    try {
      const result = listener(...args);
      // Not every promise is one of this realm.
      if (isThenable(result)) Promise.resolve(result).catch((thrown) => this.#failed(thrown, listener));
    } catch (thrown) {
      this.#failed(thrown, listener);
    }
  }
}

/** One listener; without one, it was removed. */
interface Binding<A extends readonly unknown[]> {
  listener: ((...args: A) => unknown) | undefined;
  readonly isReliable: boolean;
  readonly readsOnly: boolean;
  stop?: Unsubscribe;
}

function isThenable(it: unknown): it is PromiseLike<unknown> {
  const mayBe = typeof it === 'function' || (typeof it === 'object' && it !== null);
  return mayBe && 'then' in it && typeof it.then === 'function';
}
