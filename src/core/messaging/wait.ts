import { masked, OocsiError } from '../../protocol/index';
import type { Clock } from '../../util/index';
import { checkNumbers, checkSignal, type ListenOptions, unsubscriber } from '../../util/index';
import type { Events, Session } from '../session/index';

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

/**
 * Starts what pushes items; the returned function stops it. After `end` no more items count. Whatever listens can be
 * started so.
 *
 * @param form what is left of the options
 */
export type Start<T> = (push: (item: T) => unknown, form: object, end: (cause?: unknown) => void) => () => void;

export interface Loops {
  /**
   * A loop over what is pushed, with a bounded line in between. It ends when it is left, when the signal aborts, when the
   * client closes and when the time is over; then what pushes has been stopped, and the loop still gets what is left. It
   * throws the fault that ended it, if there was one.
   *
   * @param what the loop is over, for messages
   * @param options what is none of the loop's own is for `start`
   * @param buffer how many items wait at most, 1,000 by default
   * @param timeout when it ends, in ms
   */
  loop<T>(
    what: string,
    options: ListenOptions,
    start: Start<T>,
    buffer?: number,
    timeout?: number,
  ): AsyncIterableIterator<T, undefined>;
  /**
   * The first item that is pushed. Rejects with `timeout`, with the reason of an aborted signal, with `closed` when the
   * client closes, and with the fault that ends it.
   *
   * @param late what is wrong when the time is over: `No message on colour`
   * @param options the `timeout` of the client counts where they have none
   */
  first<T>(late: () => string, options: WaitOptions | undefined, start: Start<T>): Promise<T>;
}

export function createLoops(session: Session, events: Events, clock: Clock, patience: number): Loops {
  /** What ends all that runs. */
  const running = new Set<(cause?: unknown) => void>();

  events.when('closed', (cause) => {
    for (const end of running) end(cause);
  });

  function tooLate(timeout: number, late: () => string): OocsiError {
    const { status, cause } = session.shown;
    if (status === 'connected') return new OocsiError('timeout', `${late()} within ${timeout} ms.`);
    const why = cause ? `: ${cause.message}` : '.';
    return new OocsiError('timeout', `There is no connection, so nothing came within ${timeout} ms${why}`, { cause });
  }

  /** Lets `start` run until one of the many ends comes; `over` is told which, once. */
  function run<T>(
    { signal, ...form }: ListenOptions,
    timeout: number,
    start: Start<T>,
    push: (item: T, end: () => void) => void,
    over: (cause: unknown) => void,
    late?: () => string,
  ): () => void {
    checkNumbers({ timeout });
    let isOver = false;
    const stops: (() => void)[] = [];
    function halt(): void {
      for (const one of stops.splice(0)) one();
    }
    function end(cause?: unknown): void {
      if (!running.delete(end)) return;
      isOver = true;
      halt();
      over(cause);
    }
    running.add(end);
    if (signal) stops.push(unsubscriber(end, signal));
    if (isOver) return end;
    try {
      stops.push(
        start((item) => isOver || push(item, end), form, end),
        clock.after(timeout, () => end(late && tooLate(timeout, late))),
      );
    } catch (thrown) {
      end(thrown);
      throw thrown;
    }
    // It may be over as it starts.
    if (isOver) halt();
    return end;
  }

  function loop<T>(
    what: string,
    options: ListenOptions,
    start: Start<T>,
    buffer = 1_000,
    timeout = Infinity,
  ): AsyncIterableIterator<T, undefined> {
    checkNumbers({ buffer }, 1);
    // A Set keeps order and lets the oldest go in constant time, however long the line is.
    const items = new Set<readonly [T]>();
    let missed = 0;
    let ended: readonly [cause: unknown] | undefined;
    let wake = (): void => {};

    function push(value: T): void {
      items.add([value]);
      const [oldest] = items;
      if (items.size > buffer && oldest && items.delete(oldest)) missed++;
      wake();
    }

    async function* take(): AsyncGenerator<T, undefined> {
      for (;;) {
        if (missed) {
          const why = `The loop over ${masked(what)} missed ${missed}: enlarge its buffer`;
          events.fault(new OocsiError('invalid', why));
        }
        missed = 0;
        const [item] = items;
        if (item) {
          items.delete(item);
          yield item[0];
        } else if (ended) {
          if (ended[0]) throw ended[0];
          return undefined;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    }

    const stop = run(options, timeout, start, push, (cause) => {
      ended = [cause];
      wake();
    });
    const taken = take();
    // A loop that waits for its next item would not notice that it is left: stopping wakes it to end.
    function leave(): void {
      stop();
      items.clear();
    }
    const { return: finish, throw: fail } = taken;
    return Object.assign(taken, {
      return(value: undefined) {
        leave();
        return finish.call(taken, value);
      },
      throw(thrown: unknown) {
        leave();
        return fail.call(taken, thrown);
      },
    });
  }

  async function first<T>(
    late: () => string,
    { timeout = patience, ...options }: WaitOptions = {},
    start: Start<T>,
  ): Promise<T> {
    try {
      session.check();
      return await new Promise<T>((resolve, reject) => {
        const push = (item: T, end: () => void): void => {
          resolve(item);
          end();
        };
        run(options, timeout, start, push, reject, late);
      });
    } catch (cause) {
      checkSignal(options.signal);
      session.check(cause);
      throw cause;
    }
  }

  return { loop, first };
}
