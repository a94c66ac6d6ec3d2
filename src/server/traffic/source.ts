import type { Source, Traffic } from './traffic';

/** What a source needs of a socket. */
export interface Inlet {
  pause(): unknown;
  resume(): unknown;
}

/**
 * Hands over what came from one client, piece by piece, and reads no more while it is held. A class, because there is one
 * for each client.
 */
export class HeldSource implements Source {
  #holds = 0;
  #isBusy = false;

  /** @param next hands over the next frame that has come; gives whether there was one */
  constructor(
    private readonly inlet: Inlet,
    private readonly traffic: Traffic,
    private readonly next: () => boolean,
  ) {}

  /** Hands over what is there. */
  run(): void {
    if (this.#isBusy || this.#holds > 0) return;
    this.#isBusy = true;
    this.traffic.enter(this);
    try {
      while (this.#holds === 0 && this.next());
    } finally {
      this.traffic.leave();
      this.#isBusy = false;
    }
  }

  /** Hands over the rest, as nothing more will come. */
  finish(): void {
    while (this.next());
  }

  hold(): void {
    if (this.#holds++ === 0) this.inlet.pause();
  }

  release(): void {
    this.#holds--;
    // Later: whoever releases is in the middle of something.
    queueMicrotask(() => {
      this.run();
      if (this.#holds === 0) this.inlet.resume();
    });
  }
}
