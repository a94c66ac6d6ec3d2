import type { Peer } from '../domain/index';

/** What a client says while the server finds out whether to let it in. */
export class EarlyFrames {
  readonly #frames: string[];
  #size = 0;
  #isHeld = false;

  /**
   * @param longest of all frames together, in characters
   * @param first a frame that comes before all that are added, and is not counted
   */
  constructor(
    private readonly peer: Peer,
    private readonly longest: number,
    first: string | undefined,
  ) {
    this.#frames = first === undefined ? [] : [first];
  }

  /** Reads no more of the client than what is on its way: the answer takes a while. */
  hold(): void {
    this.#isHeld = true;
    this.peer.hold?.();
  }

  /** False when there is no more room. */
  add(frame: string): boolean {
    this.#frames.push(frame);
    this.#size += frame.length;
    return this.#size <= this.longest;
  }

  /** Gives the frames, and reads on. Safe to call twice. */
  take(): string[] {
    if (this.#isHeld) this.peer.release?.();
    this.#isHeld = false;
    return this.#frames.splice(0);
  }
}
