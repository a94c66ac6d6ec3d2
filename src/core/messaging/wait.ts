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

/** What ends a wait, in its options. */
type Ends = ListenOptions & { readonly timeout: number };

/** What waits: told each item, and once that it is over. */
interface Waiter<T> {
  push(item: T, end: (cause?: unknown) => void): void;
  over(cause: unknown): void;
  /** What is wrong when the time is over; without it, the end of the time is an error only where there is no connection. */
  readonly late?: () => string;
}

/** Waits for items that something pushes: in a loop, or for the first one. All of them end when the client closes. */
export class Waits {
  readonly #session: Session;
  readonly #events: Events;
  readonly #clock: Clock;
  readonly #timeout: number;
  /** What ends each wait; made with the first one. */
  #running: Set<(cause?: unknown) => void> | undefined;

  /** @param timeout how long to wait for the first item by default, in ms */
  constructor(session: Session, events: Events, clock: Clock, timeout: number) {
    this.#session = session;
    this.#events = events;
    this.#clock = clock;
    this.#timeout = timeout;
    events.when('closed', (cause) => {
      for (const end of this.#running ?? []) end(cause);
    });
  }

  /**
   * A loop over what is pushed, with a bounded line in between. It ends when it is left, when the signal aborts, when the
   * client closes and when the time is over; then what pushes has been stopped, and the loop still gets what is left. It
   * throws the error that ended it, if there was one.
   *
   * @param what the loop is over, for messages
   * @param options what is none of the loop's own is for `start`
   */
  loop<T>(what: string, options: LoopOptions & WaitOptions, start: Start<T>): AsyncIterableIterator<T, undefined> {
    const { buffer = 1_000, timeout = Infinity, ...rest } = options;
    checkNumbers({ buffer }, 1);
    const queue = new LoopQueue<T>(buffer, (missed) => {
      const why = `The loop over ${masked(what)} missed ${missed}: enlarge its buffer`;
      this.#events.error(new OocsiError('invalid', why));
    });
    const stop = this.#run({ ...rest, timeout }, start, queue);
    const taken = queue.take();
    // A loop that waits for its next item would not notice that it is left: stopping wakes it to end.
    function leave(): void {
      stop();
      queue.clear();
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

  /**
   * The first item that is pushed. Rejects with `timeout`, with the reason of an aborted signal, with `closed` when the
   * client closes, and with the error that ends it.
   *
   * @param late what is wrong when the time is over: `No message on colour`
   * @param options the `timeout` of the client counts where they have none
   */
  async first<T>(late: () => string, options: WaitOptions = {}, start: Start<T>): Promise<T> {
    const { timeout = this.#timeout, ...rest } = options;
    try {
      this.#session.check();
      return await new Promise<T>((resolve, over) => {
        const push = (item: T, end: () => void): void => {
          resolve(item);
          end();
        };
        this.#run({ ...rest, timeout }, start, { push, over, late });
      });
    } catch (cause) {
      checkSignal(rest.signal);
      this.#session.check(cause);
      throw cause;
    }
  }

  /** Lets `start` run until one of the many ends comes; `waiter` is told which, once. */
  #run<T>({ signal, timeout, ...form }: Ends, start: Start<T>, waiter: Waiter<T>): () => void {
    checkNumbers({ timeout });
    this.#running ??= new Set();
    const running = this.#running;
    let isOver = false;
    const stops: (() => void)[] = [];
    function halt(): void {
      for (const one of stops.splice(0)) one();
    }
    function end(cause?: unknown): void {
      if (!running.delete(end)) return;
      isOver = true;
      halt();
      waiter.over(cause);
    }
    running.add(end);
    if (signal) stops.push(unsubscriber(end, signal));
    if (isOver) return end;
    try {
      stops.push(
        start((item) => isOver || waiter.push(item, end), form, end),
        this.#clock.after(timeout, () => end(this.#tooLate(timeout, waiter.late))),
      );
    } catch (thrown) {
      end(thrown);
      throw thrown;
    }
    // It may be over as it starts, or the client may be closed: then nothing more will come.
    if (this.#session.isClosed) end();
    if (isOver) halt();
    return end;
  }

  #tooLate(timeout: number, late?: () => string): OocsiError | undefined {
    const { status, cause } = this.#session.shown;
    if (status === 'connected') return late && new OocsiError('timeout', `${late()} within ${timeout} ms.`);
    const why = cause ? `: ${cause.message}` : '.';
    return new OocsiError('timeout', `There is no connection, so nothing came within ${timeout} ms${why}`, { cause });
  }
}

/** What waits between those who push and a loop that takes. */
class LoopQueue<T> implements Waiter<T> {
  /** A Set keeps order and lets the oldest go in constant time, however long the line is. */
  readonly #items = new Set<readonly [T]>();
  readonly #buffer: number;
  readonly #tellMissed: (missed: number) => void;
  #missed = 0;
  #ended: readonly [cause: unknown] | undefined;
  #wake = (): void => {};

  constructor(buffer: number, tellMissed: (missed: number) => void) {
    this.#buffer = buffer;
    this.#tellMissed = tellMissed;
  }

  push(value: T): void {
    this.#items.add([value]);
    const [oldest] = this.#items;
    if (this.#items.size > this.#buffer && oldest && this.#items.delete(oldest)) this.#missed++;
    this.#wake();
  }

  over(cause: unknown): void {
    this.#ended = [cause];
    this.#wake();
  }

  clear(): void {
    this.#items.clear();
  }

  async *take(): AsyncGenerator<T, undefined> {
    for (;;) {
      if (this.#missed) this.#tellMissed(this.#missed);
      this.#missed = 0;
      const [item] = this.#items;
      if (item) {
        this.#items.delete(item);
        yield item[0];
      } else if (this.#ended) {
        if (this.#ended[0]) throw this.#ended[0];
        return undefined;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
