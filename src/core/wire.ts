import type { Dialect } from './link';
import { type Data, kindOf, type Message, protocolKey } from './message';

/** Lines shorter than this are lost in bursts by the Java server, so the line dialect pads them with spaces. */
const shortestLine = 49;

/** The first frame of a client: who it is. */
export function hello(dialect: Dialect, handle: string): string {
  return dialect === 'line' ? `${handle}(JSON)\n` : handle;
}

/** The frame that gives `json` to a client or channel. */
export function sendFrame(dialect: Dialect, recipient: string, json: string): string {
  return dialect === 'line'
    ? `${`sendraw ${recipient} ${json}`.padEnd(shortestLine)}\n`
    : `sendjson ${recipient} ${json}`;
}

/** The frame of any other command. */
export function commandFrame(dialect: Dialect, command: string): string {
  return dialect === 'line' ? `${command}\n` : command;
}

/**
 * Text with every character outside ASCII written as `\uXXXX`, which JSON reads as the same text: the Java server
 * damages longer characters where its reads happen to end.
 */
export function asciiOnly(text: string): string {
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The server's answer to {@link hello}; undefined for a frame that is neither. */
export type Greeting = { readonly handle: string } | { readonly refusal: string } | undefined;

/** What a frame of the web dialect says outside of messages: `{"message": "…"}`. */
function said(frame: string): string {
  try {
    return String(JSON.parse(frame).message);
  } catch {
    return '';
  }
}

export function readGreeting(dialect: Dialect, frame: string): Greeting {
  // The line dialect words its welcome with single quotes, so there it is no JSON but a fixed text.
  const [text, welcome, error] =
    dialect === 'web'
      ? [said(frame), /^welcome (.*)$/, /^ERROR: (.*)$/]
      : [frame, /^\{'message' : "welcome (.*)"\}$/, /^error \((.*)\)$/];
  const handle = welcome.exec(text)?.[1];
  if (handle !== undefined) return { handle };
  const refusal = error.exec(text)?.[1];
  return refusal === undefined ? undefined : { refusal };
}

/**
 * A message of the server; undefined for what it says besides, such as `bye`.
 *
 * @throws Error when the frame makes no sense or tells a fault
 */
export function readFrame(dialect: Dialect, frame: string): Message | undefined {
  if (!frame.startsWith('{')) {
    if (frame.startsWith('error')) throw new Error(frame);
    return undefined;
  }
  const { recipient, sender, timestamp, ...rest }: Data = JSON.parse(frame);
  const data = dialect === 'line' ? rest : rest.data;
  if (typeof recipient !== 'string' || typeof sender !== 'string' || !(timestamp >= 0) || kindOf(data) !== 'Object') {
    throw new Error(frame.slice(0, 80));
  }
  for (const key of Object.keys(data)) if (protocolKey.test(key)) delete data[key];
  return { sender, recipient, timestamp, data };
}
