import type { Source, Traffic } from './backpressure';

/** What a source needs of a socket. */
export interface Inlet {
  pause(): unknown;
  resume(): unknown;
}

/** Whose frames take so long, in ms, is known for it. */
const heavyFrom = 2;
/** How long it is, in ms. */
const heavyFor = 1_000;

/**
 * Hands over what came from one client, piece by piece, and reads no more while it is held. A class, because there is one
 * for each client.
 */
export class HeldSource implements Source {
  #holds = 0;
  /** How many of the holds are for what its own messages still have to do. */
  #works = 0;
  #finish: (() => void) | undefined;
  #isBusy = false;
  #heavyUntil = 0;

  /** @param next hands over the next frame that has come; gives whether there may be another one */
  constructor(
    private readonly inlet: Inlet,
    private readonly traffic: Traffic,
    private readonly next: () => boolean,
  ) {}

  /** Hands over what is there, a part of it now and the rest in later turns when it takes long. */
  run(): void {
    if (this.#isBusy || this.#holds > 0) return;
    const { shifts } = this.traffic;
    // One frame of everybody is always handed over, but it must not be one that takes long of very many.
    if (shifts.isOver && shifts.now() < this.#heavyUntil) return this.#rest();
    this.#isBusy = true;
    const began = shifts.now();
    this.traffic.enter(this);
    let hasTime = true;
    try {
      while (hasTime && this.#holds === 0 && this.next()) hasTime = shifts.hasTime();
    } finally {
      this.traffic.leave();
      this.#isBusy = false;
    }
    const now = shifts.now();
    // What others took of the turn is not its fault.
    if (now - began >= heavyFrom) this.#heavyUntil = now + heavyFor;
    if (!hasTime) this.#rest();
  }

  /** Hands over all that is left, as nothing more will come, and then calls `done`. */
  finish(done: () => void): void {
    const { shifts } = this.traffic;
    shifts.begin();
    for (;;) {
      if (this.#works > 0) {
        this.#finish = () => this.finish(done);
        return;
      }
      if (!this.next()) return done();
      if (!shifts.hasTime()) return shifts.wait(() => this.finish(done));
    }
  }

  hold(isForWork = false): void {
    if (isForWork) this.#works++;
    if (this.#holds++ === 0) this.inlet.pause();
  }

  release(isForWork = false): void {
    if (isForWork && --this.#works === 0 && this.#finish) {
      this.traffic.shifts.wait(this.#finish);
      this.#finish = undefined;
    }
    this.#holds--;
    // Later: whoever releases is in the middle of something.
    queueMicrotask(() => this.#goOn());
  }

  #rest(): void {
    const { shifts } = this.traffic;
    this.hold();
    shifts.wait(() => {
      this.#holds--;
      this.#goOn();
    }, shifts.now() >= this.#heavyUntil);
  }

  #goOn(): void {
    this.run();
    if (this.#holds === 0) this.inlet.resume();
  }
}
