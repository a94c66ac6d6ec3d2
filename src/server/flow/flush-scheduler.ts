import type { Clock } from '../../util/index';

/** Collects what it sends until it is flushed. */
export interface Collector {
  flush(): void;
}

/** How long the writes of large groups take in one turn of the event loop, in ms. */
const turnTime = 8;
/** A group of so many does not queue behind a large one: an answer for one client, what a few say to each other. */
const smallGroup = 16;

/** Decides when links write what they have collected: each write takes a moment, and very many keep everybody waiting. */
export class FlushScheduler {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #nextTurn: (task: () => void) => void;
  readonly #waiting = new Set<Collector>();
  #isOpen = false;
  #turnEnds = 0;

  /** @param nextTurn calls a task after the event loop has looked at every socket once */
  constructor(clock: Pick<Clock, 'monotonic'>, nextTurn: (task: () => void) => void) {
    this.#clock = clock;
    this.#nextTurn = nextTurn;
  }

  /** Flushes collectors in order: as many as there is time for now, the others in later turns. */
  flush(collectors: readonly Collector[]): void {
    if (collectors.length <= smallGroup) {
      for (const collector of collectors) collector.flush();
      return;
    }
    for (const collector of collectors) this.#waiting.add(collector);
    this.#flushWhileTime();
  }

  #flushWhileTime(): void {
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.#turnEnds = this.#clock.monotonic() + turnTime;
      this.#nextTurn(() => this.#closeTurn());
    }
    for (const collector of this.#waiting) {
      if (this.#clock.monotonic() >= this.#turnEnds) return;
      this.#waiting.delete(collector);
      collector.flush();
    }
  }

  #closeTurn(): void {
    this.#isOpen = false;
    if (this.#waiting.size > 0) this.#flushWhileTime();
  }
}
