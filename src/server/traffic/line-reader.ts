/**
 * Cuts text that arrives in pieces into lines, one at a time.
 *
 * It does what `createLineSplitter` does for clients, but can stop between two lines.
 */
export class LineReader {
  #piece = '';
  #at = 0;
  /** The start of a line whose end has not come yet. */
  #rest = '';

  /** @param longest in characters; a longer line is handed over as soon as it is, and what follows is its own line */
  constructor(private readonly longest: number) {}

  add(piece: string): void {
    this.#piece = this.#piece === '' ? piece : this.#piece.slice(this.#at) + piece;
    this.#at = 0;
  }

  /** The next line without its end, if it is complete. */
  next(): string | undefined {
    const end = this.#piece.indexOf('\n', this.#at);
    if (end < 0) return this.pause();
    const line = this.#piece.slice(this.#at, this.#piece[end - 1] === '\r' && end > this.#at ? end - 1 : end);
    this.#at = end + 1;
    if (this.#rest === '') return line;
    const text = this.#rest + line;
    this.#rest = '';
    // The two characters of a line end may have come one by one.
    return line === '' && text.endsWith('\r') ? text.slice(0, -1) : text;
  }

  private pause(): string | undefined {
    if (this.#piece === '') return undefined;
    const text = this.#rest + this.#piece.slice(this.#at);
    this.#piece = '';
    this.#at = 0;
    const isTooLong = text.length > this.longest;
    this.#rest = isTooLong ? '' : text;
    return isTooLong ? text : undefined;
  }
}
