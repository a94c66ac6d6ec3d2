/** Puts frames into bytes, in pieces that may leave one by one: whatever comes in between damages none. */
export type Pack = (frames: readonly string[]) => readonly Uint8Array[];

/**
 * Frames that leave together. Links that are sent the same frames in the same turn hold the same batch, so that they are put
 * into bytes once, however many receive them.
 */
export class FrameBatch {
  #next: FrameBatch | undefined;
  #pieces: readonly Uint8Array[] | undefined;

  private constructor(
    private readonly before: FrameBatch | undefined,
    private readonly frame: string,
    /** In characters. */
    readonly size: number,
  ) {}

  static empty(): FrameBatch {
    return new FrameBatch(undefined, '', 0);
  }

  /** This batch and one more frame. */
  with(frame: string): FrameBatch {
    if (this.#next?.frame !== frame) this.#next = new FrameBatch(this, frame, this.size + frame.length);
    return this.#next;
  }

  /** To be called once nobody is to hold the same batches any more. */
  forgetNext(): void {
    this.#next = undefined;
  }

  pieces(pack: Pack): readonly Uint8Array[] {
    this.#pieces ??= pack(this.frames());
    return this.#pieces;
  }

  private frames(): string[] {
    const frames: string[] = [];
    for (let batch: FrameBatch = this; batch.before; batch = batch.before) frames.push(batch.frame);
    return frames.reverse();
  }
}
