/** So many short parts become one. */
const shortAtMost = 64;
/** The same for short parts that have so many characters together. */
const mergedLength = 4_096;
/** What a part takes besides its characters, in bytes. */
const partOverhead = 32;

/**
 * Text that arrives in pieces and is needed as a whole only at its end. To append it to one text would keep each piece, and
 * what holds it, for as long: a line that comes letter by letter would take fifty times its length.
 */
export class TextParts {
  /** In characters. */
  length = 0;
  /** About what it takes, in bytes. */
  bytes = 0;
  #parts: string[] = [];
  #short: string[] = [];
  #shortLength = 0;

  add(text: string): void {
    if (text === '') return;
    this.#short.push(text);
    this.#shortLength += text.length;
    this.length += text.length;
    // A text with any character outside of Latin-1 takes two bytes for each.
    this.bytes += text.length * (/[^\0-\xff]/.test(text) ? 2 : 1) + partOverhead;
    if (this.#short.length >= shortAtMost || this.#shortLength >= mergedLength) this.merge();
  }

  /** Gives all of it; nothing is left. */
  take(): string {
    const text = [...this.#parts, ...this.#short].join('');
    this.#parts = [];
    this.#short = [];
    this.#shortLength = 0;
    this.length = 0;
    this.bytes = 0;
    return text;
  }

  private merge(): void {
    this.bytes -= partOverhead * (this.#short.length - 1);
    this.#parts.push(this.#short.join(''));
    this.#short = [];
    this.#shortLength = 0;
  }
}
