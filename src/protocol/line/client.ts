import type { Speech, Wire } from '../dialect';
import { createFlatReader } from '../envelope-reader';
import { OocsiError } from '../errors';
import type { Link } from '../link';
import { readRefusal, refusalWith } from '../refusals';

/** Lines shorter than this are lost in bursts by the Java server, so messages are padded with spaces. */
const shortestLine = 49;
/** A piece that is so long already need not wait for its turn to end, in characters. */
const pieceSize = 65_536;

/** OOCSI over TCP: a line each, the keys of the data and of the envelope in one object. */
export function createLine(): Wire {
  const read = createFlatReader();
  return {
    speak: (link) => new LineSpeech(link),
    hello: (handle) => `${handle}(JSON)\n`,
    words(recipient, json) {
      const line = `sendraw ${recipient} ${json}`;
      // To ask first costs less than a pad that is none.
      return `${line.length < shortestLine ? line.padEnd(shortestLine) : line}\n`;
    },
    command: (text) => `${text}\n`,
    // The line end is no part of it.
    sizeOf: (frame) => asciiOnly(frame).length - 1,
    bye: 'bye',
    readGreeting(frame) {
      // Worded with single quotes, the welcome is no JSON but a fixed text.
      const [, handle, reason] = /^\{'message' : "welcome (.*)"\}$|^error \((.*)\)$/.exec(frame) ?? [];
      return reason === undefined ? handle : (readRefusal(reason) ?? refusalWith(undefined, reason));
    },
    readMessage(frame) {
      if (frame[0] === '{') return read(frame);
      return frame.startsWith('error') ? new Error(frame) : undefined;
    },
  };
}

/** What the server was asked; it answers in the order asked. */
interface Question {
  answered: (line: string) => void;
  failed: (cause: unknown) => void;
  line: string;
}

/** The lines of one turn leave as one piece, and before the link closes the server is told. */
class LineSpeech implements Speech {
  readonly #link: Link;
  /** What the server was asked; made with the first question. */
  #questions: Set<Question> | undefined;
  #waiting = '';
  /** What the link held when the first of these lines came; it holds no more until they are flushed. */
  #before = 0;

  constructor(link: Link) {
    this.#link = link;
  }

  get buffered(): number {
    return this.#waiting ? this.#before + this.#waiting.length : this.#link.buffered;
  }

  send(lines: string): void {
    if (!this.#waiting) {
      this.#before = this.#link.buffered;
      queueMicrotask(() => this.#flush());
    }
    this.#waiting += lines;
    if (this.#waiting.length > pieceSize) this.#flush();
  }

  ask(question: string, answered: (line: string) => void, failed: (cause: unknown) => void): () => void {
    const asked: Question = { answered, failed, line: '' };
    this.#questions ??= new Set();
    this.#questions.add(asked);
    // Not every question has an answer; a ping always has, and it comes behind. Alone it asks whether the server is there.
    this.send(`${question && `${question}\n`}ping\n`);
    return () => {
      asked.answered = () => {};
      asked.failed = () => {};
    };
  }

  hear(frame: string): boolean {
    // Asked of every line that comes in. A list may begin with a name such as `{x}`, but it does not end like a message.
    if (!this.#questions?.size) return false;
    const [question] = this.#questions;
    if (!question || /^(\{.*\}\s*|ping|error \(.*\))$/s.test(frame)) return false;
    if (frame !== '.') question.line = frame;
    else if (this.#questions.delete(question)) question.answered(question.line);
    return true;
  }

  close(): void {
    this.#waiting += 'quit\n';
    this.#flush();
    this.#link.close();
    const cause = new OocsiError('disconnected', 'Lost the connection before the server answered.');
    for (const { failed } of this.#questions ?? []) failed(cause);
  }

  #flush(): void {
    const lines = this.#waiting;
    if (lines) this.#link.send(isAscii(lines) ? lines : escapeData(lines));
    this.#waiting = '';
  }
}

/** Lines whose data is ASCII. Names stay as they are: servers take UTF-8 for them, and nothing else. */
function escapeData(lines: string): string {
  return lines.replace(
    /^(sendraw [^ ]+ )([^\n]*)/gm,
    (_line, before: string, json: string) => before + asciiOnly(json),
  );
}

/**
 * Text with every character outside ASCII written as `\uXXXX`, which JSON reads as the same text: the Java server
 * damages longer characters where its reads happen to end.
 */
export function asciiOnly(text: string): string {
  if (isAscii(text)) return text;
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Nearly all text is, and this way of asking is the fastest. */
function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}
