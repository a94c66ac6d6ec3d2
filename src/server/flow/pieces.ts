/** What leaves at once at most, in bytes. */
export const pieceSize = 2 ** 16;

/** So many short pieces become one: each costs more memory than a short message. */
const shortAtMost = 64;

/** Bytes that wait, in order. */
export class Pieces {
  /** How many bytes there are. */
  bytes = 0;
  #list: Uint8Array[] = [];
  /** Where in the list the next one is. */
  #first = 0;
  /** How many of the last ones may become one, and their bytes. */
  #short = 0;
  #shortBytes = 0;

  add(piece: Uint8Array): void {
    if (this.#shortBytes + piece.length > pieceSize) this.split();
    this.#list.push(piece);
    this.bytes += piece.length;
    this.#short++;
    this.#shortBytes += piece.length;
    if (this.#short < shortAtMost) return;
    this.#list.push(Buffer.concat(this.#list.splice(-this.#short)));
    this.#short = 1;
  }

  /** What waits. */
  all(): readonly Uint8Array[] {
    return this.#list.slice(this.#first);
  }

  /** Takes what is to leave next: pieces that are short together. */
  next(): Uint8Array {
    let [length, end] = [0, this.#first];
    for (let piece = this.#list[end]; piece; piece = this.#list[++end]) {
      if (length > 0 && length + piece.length > pieceSize) break;
      length += piece.length;
    }
    const pieces = this.#list.slice(this.#first, end);
    this.bytes -= length;
    this.#first = end;
    this.split();
    // What has left is not to stay for as long as something waits.
    if (end > shortAtMost || this.bytes === 0) {
      this.#list = this.#list.slice(end);
      this.#first = 0;
    }
    return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces, length);
  }

  private split(): void {
    this.#short = 0;
    this.#shortBytes = 0;
  }
}
