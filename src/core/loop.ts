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
   * @param late gives the fault of a loop whose time is over, if that is one
   */
  loop<T>(
    what: string,
    options: LoopOptions & WaitOptions,
    start: Start<T>,
    late?: () => unknown,
  ): AsyncIterableIterator<T, undefined>;
  /**
   * The first item that is pushed. Rejects with `timeout`, with the reason of an aborted signal, with `closed` when the
   * client closes, and with the fault that ends it.
   */
  first<T>(late: string, options: WaitOptions, start: Start<T>): Promise<T>;
}

export function createLoops(session: Session, events: Events, clock: Clock): Loops {
  function loop<T>(
    what: string,
    { buffer = 1_000, signal, timeout = Infinity }: LoopOptions & WaitOptions,
    start: Start<T>,
    late = (): unknown => undefined,
  ): AsyncIterableIterator<T, undefined> {
    checkNumbers({ buffer }, 1);
    checkNumbers({ timeout });
    // A Set keeps order and lets the oldest go in constant time, however long the line is.
    const items = new Set<{ readonly value: T }>();
    let missed = 0;
    let isOver = false;
    let cause: unknown;
    let wake = (): void => {};

    function push(value: T): void {
      if (isOver) return;
      items.add({ value });
      const [oldest] = items;
      if (items.size > buffer && oldest && items.delete(oldest)) missed++;
      wake();
    }

    function end(why?: unknown): void {
      if (!isOver) cause = why;
      stop();
    }

    async function* take(): AsyncGenerator<T, undefined> {
      for (;;) {
        if (missed)
          events.fault(
            new OocsiError('invalid', `The loop over ${masked(what)} missed ${missed} messages: enlarge its buffer`),
          );
        missed = 0;
        const [item] = items;
        if (item) {
          items.delete(item);
          yield item.value;
        } else if (isOver) {
          if (cause !== undefined) throw cause;
          return undefined;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    }

    const stops: (() => void)[] = [];
    const stop = unsubscriber(() => {
      isOver = true;
      for (const one of stops) one();
      wake();
    }, signal);
    try {
      if (!isOver) stops.push(start(push, end));
    } catch (thrown) {
      stop();
      throw thrown;
    }
    // It may be over as it starts.
    if (!isOver)
      stops.push(
        events.when('closed', end),
        clock.after(timeout, () => end(late())),
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
    let cause: unknown;
    try {
      for await (const item of loop('', options, start, () => new OocsiError('timeout', late))) return item;
    } catch (thrown) {
      cause = thrown;
    }
    options.signal?.throwIfAborted();
    session.check(cause);
    throw cause;
  }

  return { loop, first };
}
