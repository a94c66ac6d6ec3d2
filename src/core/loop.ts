import { checkNumbers } from './check';
import type { Clock } from './clock';
import { type ListenOptions, unsubscriber } from './emitter';
import { OocsiError } from './errors';
import type { Events } from './events';
import { masked } from './handle';
import type { Session } from './session';

/** Options of everything that waits for something to come. */
export interface WaitOptions extends ListenOptions {
  /** How long to wait, in ms. */
  readonly timeout?: number | undefined;
}

/** Options of a loop. */
export interface LoopOptions extends ListenOptions {
  /** How many items wait for the loop at most, 1,000 by default; beyond that the oldest go, and `error` says so. */
  readonly buffer?: number | undefined;
}

/** Starts what pushes items; the returned function stops it. After `end` no more items count. */
export type Start<T> = (push: (item: T) => void, end: (cause?: unknown) => void) => () => void;

export interface Loops {
  /**
   * A loop over what is pushed, with a bounded line in between. It ends when it is left, when the signal aborts, when the
   * client closes and when the time is over; then what pushes has been stopped, and the loop still gets what is left. It
   * throws the fault that ended it, if there was one.
   *
   * @param what the loop is over, for messages
   * @param late what is wrong when the time is over, if that is a fault: `No message on colour`
   */
  loop<T>(
    what: string,
    options: LoopOptions & WaitOptions,
    start: Start<T>,
    late?: string,
  ): AsyncIterableIterator<T, undefined>;
  /**
   * The first item that is pushed. Rejects with `timeout`, with the reason of an aborted signal, with `closed` when the
   * client closes, and with the fault that ends it.
   */
  first<T>(late: string, options: WaitOptions, start: Start<T>): Promise<T>;
}

export function createLoops(session: Session, events: Events, clock: Clock): Loops {
  /** Lets `start` run until one of the many ends comes; `over` is told which, once. */
  function run<T>(
    { signal, timeout = Infinity }: WaitOptions,
    start: Start<T>,
    push: (item: T) => void,
    over: (cause: unknown) => void,
    late?: string,
  ): () => void {
    checkNumbers({ timeout });
    let isOver = false;
    let cause: unknown;
    const stops: (() => void)[] = [];
    function halt(): void {
      for (const one of stops.splice(0)) one();
    }
    const stop = unsubscriber(() => {
      isOver = true;
      halt();
      over(cause);
    }, signal);
    function end(why?: unknown): void {
      if (!isOver) cause = why;
      stop();
    }
    function expire(): void {
      end(late && new OocsiError('timeout', `${late} within ${timeout} ms.`));
    }
    if (isOver) return stop;
    try {
      stops.push(
        start((item) => isOver || push(item), end),
        events.when('closed', end),
        clock.after(timeout, expire),
      );
    } catch (thrown) {
      end(thrown);
      throw thrown;
    }
    // It may be over as it starts.
    if (isOver) halt();
    return stop;
  }

  function loop<T>(
    what: string,
    { buffer = 1_000, ...options }: LoopOptions & WaitOptions,
    start: Start<T>,
    late?: string,
  ): AsyncIterableIterator<T, undefined> {
    checkNumbers({ buffer }, 1);
    // A Set keeps order and lets the oldest go in constant time, however long the line is.
    const items = new Set<{ readonly value: T }>();
    let missed = 0;
    let ended: { readonly cause: unknown } | undefined;
    let wake = (): void => {};

    function push(value: T): void {
      items.add({ value });
      const [oldest] = items;
      if (items.size > buffer && oldest && items.delete(oldest)) missed++;
      wake();
    }

    async function* take(): AsyncGenerator<T, undefined> {
      for (;;) {
        if (missed) {
          const why = `The loop over ${masked(what)} missed ${missed} messages: enlarge its buffer`;
          events.fault(new OocsiError('invalid', why));
        }
        missed = 0;
        const [item] = items;
        if (item) {
          items.delete(item);
          yield item.value;
        } else if (ended) {
          if (ended.cause) throw ended.cause;
          return undefined;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    }

    const stop = run(
      options,
      start,
      push,
      (cause) => {
        ended = { cause };
        wake();
      },
      late,
    );
    const taken = take();
    const finish = taken.return;
    // A loop that waits for its next item would not notice that it is left: stopping wakes it to end.
    taken.return = (value) => {
      stop();
      items.clear();
      return finish.call(taken, value);
    };
    return taken;
  }

  async function first<T>(late: string, options: WaitOptions, start: Start<T>): Promise<T> {
    try {
      return await new Promise<T>((resolve, reject) => {
        const toItem: Start<T> = (push, end) =>
          start((item) => {
            push(item);
            end();
          }, end);
        run(options, toItem, resolve, reject, late);
      });
    } catch (cause) {
      options.signal?.throwIfAborted();
      session.check(cause);
      throw cause;
    }
  }

  return { loop, first };
}
