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
    const start = this.#at;
    this.#at = end + 1;
    if (this.#rest === '') {
      const hasReturn = end > start && this.#piece.charCodeAt(end - 1) === carriageReturn;
      return this.#piece.slice(start, hasReturn ? end - 1 : end);
    }
    const line = this.#rest + this.#piece.slice(start, end);
    this.#rest = '';
    return line.endsWith('\r') ? line.slice(0, -1) : line;
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

const carriageReturn = 0x0d;
