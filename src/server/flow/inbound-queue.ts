import type { Backpressure, Source } from './backpressure';

/** What an inbound queue needs of a socket. */
export interface Inlet {
  pause(): unknown;
  resume(): unknown;
}

/** A client whose frames take so long in one turn, in ms, counts as one with long tasks. */
const longFrom = 2;
/** It counts as one for so long, in ms. */
const longFor = 1_000;

/** Hands over what came from one client, frame by frame, and reads no more while it is held. */
export class InboundQueue implements Source {
  #holds = 0;
  /** How many of the holds are for what the client's own messages still have to do. */
  #worksOpen = 0;
  #finish: (() => void) | undefined;
  #isBusy = false;
  #longUntil = 0;

  /** @param next hands over the next frame that has come; gives whether there may be another one */
  constructor(
    private readonly inlet: Inlet,
    private readonly backpressure: Backpressure,
    private readonly next: () => boolean,
  ) {}

  /** Hands over what is there, a part of it now and the rest in later turns when it takes long. */
  run(): void {
    if (this.#isBusy || this.#holds > 0) return;
    const { scheduler } = this.backpressure;
    // At least one frame of each client is handed over in each turn, unless frames of this client take long.
    if (scheduler.isOver && scheduler.now() < this.#longUntil) return this.#runLater();
    const began = scheduler.now();
    const hasTime = this.#handOver();
    const now = scheduler.now();
    // The time that other clients took of the turn does not count.
    if (now - began >= longFrom) this.#longUntil = now + longFor;
    if (!hasTime) this.#runLater();
  }

  /** Hands over all that is left, as nothing more will come, and then calls `done`. */
  finish(done: () => void): void {
    const { scheduler } = this.backpressure;
    scheduler.begin();
    for (;;) {
      if (this.#worksOpen > 0) {
        this.#finish = () => this.finish(done);
        return;
      }
      if (!this.next()) return done();
      if (!scheduler.hasTime()) return scheduler.wait(() => this.finish(done));
    }
  }

  hold(isForWork = false): void {
    if (isForWork) this.#worksOpen++;
    if (this.#holds++ === 0) this.inlet.pause();
  }

  release(isForWork = false): void {
    if (isForWork && --this.#worksOpen === 0 && this.#finish) {
      this.backpressure.scheduler.wait(this.#finish);
      this.#finish = undefined;
    }
    this.#holds--;
    // Not at once: the caller is in the middle of something.
    queueMicrotask(() => this.#goOn());
  }

  /** Hands over frames while there are some and there is time; gives whether there is time left. */
  #handOver(): boolean {
    let hasTime = true;
    this.#isBusy = true;
    this.backpressure.beginWork(this);
    try {
      while (hasTime && this.#holds === 0 && this.next()) hasTime = this.backpressure.scheduler.hasTime();
    } finally {
      this.backpressure.endWork();
      this.#isBusy = false;
    }
    return hasTime;
  }

  #runLater(): void {
    const { scheduler } = this.backpressure;
    this.hold();
    const isShort = scheduler.now() >= this.#longUntil;
    scheduler.wait(() => {
      this.#holds--;
      this.#goOn();
    }, isShort);
  }

  #goOn(): void {
    this.run();
    if (this.#holds === 0) this.inlet.resume();
  }
}
