import type { Clock } from '../../util/index';

/** Tells what may take long how much time it has, so that nobody else waits for all of it. */
export interface Scheduler {
  /** A piece of work begins, and may go on for as long as {@link hasTime} says. */
  begin(): void;
  hasTime(): boolean;
  /** ms, by the monotonic clock */
  now(): number;
  /** Whether any work has begun in this turn of the event loop. */
  readonly isOpen: boolean;
  /** Whether the time for work in this turn of the event loop is over. */
  readonly isOver: boolean;
  /** Calls `task` in a later turn, behind what waits already; what is short waits only behind what is short, too. */
  wait(task: () => void, isShort?: boolean): void;
}

/** How long everybody together works in one turn, in ms. */
const turnTime = 8;
/** How long one of them works at a time while others wait, in ms. */
const sliceTime = 2;

/**
 * Shares the time of one program among all who have something to do: a client whose messages take long does not keep the
 * others waiting.
 */
export class FairScheduler implements Scheduler {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #nextTurn: (task: () => void) => void;
  readonly #waiting = new Set<() => void>();
  readonly #waitingShort = new Set<() => void>();
  #isOpen = false;
  #turnEnds = 0;
  #sliceEnds = 0;

  /** @param nextTurn calls a task after the event loop has looked at every socket once */
  constructor(clock: Pick<Clock, 'monotonic'>, nextTurn: (task: () => void) => void) {
    this.#clock = clock;
    this.#nextTurn = nextTurn;
  }

  begin(): void {
    this.#openTurn();
    // While nobody else waits, it has the whole turn: what leaves in one turn leaves in one piece.
    this.#sliceEnds = this.#areWaiting ? Math.min(this.now() + sliceTime, this.#turnEnds) : this.#turnEnds;
  }

  hasTime(): boolean {
    return this.now() < this.#sliceEnds;
  }

  now(): number {
    return this.#clock.monotonic();
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get isOver(): boolean {
    return this.#isOpen && this.now() >= this.#turnEnds;
  }

  wait(task: () => void, isShort = false): void {
    (isShort ? this.#waitingShort : this.#waiting).add(task);
    this.#openTurn();
  }

  get #areWaiting(): boolean {
    return this.#waiting.size + this.#waitingShort.size > 0;
  }

  #openTurn(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#turnEnds = this.now() + turnTime;
    this.#nextTurn(() => this.#closeTurn());
  }

  #closeTurn(): void {
    this.#isOpen = false;
    if (!this.#areWaiting) return;
    this.#openTurn();
    // One of the long tasks always goes on, however many short ones there are.
    const [first, ...others] = [...this.#waiting];
    this.#callWhileTime(this.#waitingShort, [...this.#waitingShort]);
    if (first) call(this.#waiting, first);
    this.#callWhileTime(this.#waiting, others);
  }

  #callWhileTime(from: Set<() => void>, tasks: readonly (() => void)[]): void {
    for (const task of tasks) {
      if (this.now() >= this.#turnEnds) return;
      call(from, task);
    }
  }
}

function call(from: Set<() => void>, task: () => void): void {
  from.delete(task);
  task();
}
