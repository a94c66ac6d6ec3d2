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
  /** Whether the rest of a line that is too long is to come. */
  #isSkipped = false;

  /**
   * @param longest in characters; of a longer line the beginning is handed over as soon as it is, and the rest skipped
   * @param atMost the same for the line that comes next
   */
  constructor(
    private readonly longest: number,
    private atMost = longest,
  ) {}

  add(piece: string): void {
    this.#piece = this.#piece === '' ? piece : this.#piece.slice(this.#at) + piece;
    this.#at = 0;
  }

  /** Whether all that was added has been looked at. */
  get isEmpty(): boolean {
    return this.#at === this.#piece.length;
  }

  /** The next line without its end, if it is complete. */
  next(): string | undefined {
    const end = this.#piece.indexOf('\n', this.#at);
    if (end < 0) return this.pause();
    const start = this.#at;
    this.#at = end + 1;
    this.atMost = this.longest;
    if (this.#isSkipped) {
      this.#isSkipped = false;
      return this.next();
    }
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
    if (this.#isSkipped) this.#at = this.#piece.length;
    const text = this.#rest + this.#piece.slice(this.#at);
    this.#piece = '';
    this.#at = 0;
    const isTooLong = text.length > this.atMost;
    this.#rest = isTooLong ? '' : text;
    this.#isSkipped ||= isTooLong;
    return isTooLong ? text : undefined;
  }
}

const carriageReturn = 0x0d;
