import type { Envelope } from './envelope';
import { type Refusal, type RefusalCode, refusalOf } from './refusals';

/** A client that is not let in, or loses its connection for what it did. */
export interface Denial extends Refusal {
  /** The handle that it asked for, if it came to that. */
  readonly handle?: string;
}

/** How the server words what it says, by the way a client came in. */
export interface Wording {
  welcome(name: string): string;
  refusal(denial: Denial): string;
  fault(text: string): string;
  message(envelope: Envelope): string;
  /** The answer to a question of the client. */
  answer(text: string): string;
  readonly ping: string;
  /** The last word; WebSocket has its own. */
  readonly bye: string | undefined;
}

/** Lines that the server says by itself over TCP. */
const ownLine = /^(\{|error \(|welcome |(ping|\.|bye)$)/;

/** Names as one line. One without a name comes first where it would else look like something that the server says by itself. */
export function listLine(names: readonly string[], separator: ',' | ', '): string {
  const text = names.join(separator);
  return ownLine.test(text) ? `${separator}${text}` : text;
}

/** TCP clients that said `NAME(JSON)`. */
export const line: Wording = {
  // No valid JSON, but what every client of OOCSI looks for.
  welcome: (name) => `{'message' : "welcome ${name}"}\n`,
  refusal: ({ message }) => `error (${message})\n`,
  fault: (text) => `error (${text})\n`,
  message: (envelope) => envelope.line,
  answer: (text) => `${text}\n`,
  ping: 'ping\n',
  bye: 'bye\n',
};

/** Pure Data clients, over TCP, that said `NAME;`. */
export const pureData: Wording = {
  welcome: (name) => `welcome ${name};\n`,
  refusal: ({ message }) => `error (${message});\n`,
  fault: (text) => `error (${text});\n`,
  message: (envelope) => envelope.pureData,
  // A `;` in a name would end the answer for Pure Data.
  answer: (text) => `${text.replace(/;/g, ' ')};\n`,
  ping: 'ping;\n',
  bye: 'bye\n',
};

const notice = '{"message" : ';

/** WebSocket clients. */
export const web: Wording = {
  welcome: (name) => `${notice}${JSON.stringify(`welcome ${name}`)}}`,
  refusal({ code, handle, message }) {
    // The web front of the Java server has words of its own for this one, and its clients look for them.
    const text = code === 'taken' ? refusalOf('existing', handle).message : message;
    return `${notice}${JSON.stringify(`ERROR: ${text}`)},"code":"${code}"}`;
  },
  fault: (text) => `${notice}${JSON.stringify(`ERROR: ${text}`)}}`,
  message: (envelope) => envelope.web,
  answer: (text) => text,
  ping: 'ping',
  bye: undefined,
};

/** What a frame over WebSocket says of the server itself: a welcome, a fault, or a refusal with its code. */
export interface Notice {
  readonly message: string;
  readonly code?: RefusalCode;
}

/** Undefined for a message. */
export function noticeOf(frame: string): Notice | undefined {
  return frame.startsWith(notice) ? JSON.parse(frame) : undefined;
}
