import type { ServerFrames } from '../server-frames';

/** Lines that the server says by itself over TCP. */
const ownLine = /^(\{|error \(|welcome |(ping|\.|bye)$)/;

/** Names as one line. One without a name comes first where it would else look like something that the server says by itself. */
export function listLine(names: readonly string[], separator: ',' | ', '): string {
  const text = names.join(separator);
  return ownLine.test(text) ? `${separator}${text}` : text;
}

/** TCP clients that said `NAME(JSON)`. */
export const lineFrames: ServerFrames = {
  // No valid JSON, but what every client of OOCSI looks for.
  welcome: (name) => `{'message' : "welcome ${name}"}\n`,
  refusal: ({ message }) => `error (${message})\n`,
  error: (text) => `error (${text})\n`,
  message: (envelope) => envelope.line,
  answer: (text) => `${text}\n`,
  ping: 'ping\n',
  bye: 'bye\n',
};
