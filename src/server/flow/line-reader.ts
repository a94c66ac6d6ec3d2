import { TextParts } from './text-parts';

/**
 * Cuts text that arrives in pieces into lines, one at a time.
 *
 * It does what `createLineSplitter` does for clients, but can stop between two lines.
 */
export class LineReader {
  #piece = '';
  #at = 0;
  /** The start of a line whose end has not come yet. */
  readonly #rest = new TextParts();
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

  /** About what it holds, in bytes. */
  get held(): number {
    return this.#rest.bytes + this.#piece.length - this.#at;
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
    if (this.#rest.length === 0) {
      const hasReturn = end > start && this.#piece.charCodeAt(end - 1) === carriageReturn;
      return this.#piece.slice(start, hasReturn ? end - 1 : end);
    }
    this.#rest.add(this.#piece.slice(start, end));
    const line = this.#rest.take();
    return line.endsWith('\r') ? line.slice(0, -1) : line;
  }

  private pause(): string | undefined {
    if (this.#piece === '') return undefined;
    if (this.#isSkipped) this.#at = this.#piece.length;
    const end = this.#piece.slice(this.#at);
    // A short end of a long piece would keep all of it.
    this.#rest.add(end.length < this.#piece.length / 2 ? Buffer.from(end).toString() : end);
    this.#piece = '';
    this.#at = 0;
    if (this.#isSkipped) this.#rest.take();
    if (this.#rest.length <= this.atMost) return undefined;
    this.#isSkipped = true;
    return this.#rest.take();
  }
}

const carriageReturn = 0x0d;
