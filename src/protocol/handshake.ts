import { lineFrames } from './line/server';
import type { Dialect } from './link';
import { pureDataFrames } from './pure-data/server';
import { type Refusal, refusalOf } from './refusals';
import type { ServerFrames } from './server-frames';
import { webFrames } from './web/server';

/** What the first frame of a client asks for. */
export interface Claim {
  readonly wording: ServerFrames;
  /** The handle asked for, or why it cannot be had; undefined where the server picks one. */
  readonly name: string | Refusal | undefined;
}

/** The longest first frame, in characters. */
const longest = 200;

export function readClaim(dialect: Dialect, frame: string): Claim {
  const said = (dialect === 'line' ? trimBlanks(frame) : frame).replace(/^\//, '');
  if (said.startsWith('\ufeff')) {
    return { wording: dialect === 'web' ? webFrames : lineFrames, name: refusalOf('byteOrderMark') };
  }
  const speakable = said.length <= longest && /^[!-~]+$/.test(said);
  // Lists put commas between handles.
  const isListable = !splitPassword(said)[0].includes(',');
  if (dialect === 'web') {
    if (!speakable) return { wording: webFrames, name: undefined };
    return { wording: webFrames, name: isListable ? said : refusalOf('badHandle') };
  }
  const wording = said.endsWith(';') ? pureDataFrames : lineFrames;
  const name = wording === pureDataFrames ? said.replace(/;/g, '') : said.replace(/\(JSON\)$/, '');
  if (!speakable || !isListable || name === '') return { wording, name: refusalOf('badHandle') };
  return { wording, name: name === said ? refusalOf('notJson') : name };
}

/** Whether a first frame over WebSocket is a command, of a client that says no name. */
export function isCommand(frame: string): boolean {
  return frame.startsWith('sendjson ') || frame.startsWith('subscribe ') || frame.startsWith('unsubscribe ');
}

/** The text without the blanks and control characters around it; other white space is text, as at the Java server. */
export function trimBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (start < end && text.charCodeAt(end - 1) <= 0x20) end--;
  return text.slice(start, end);
}

/**
 * A name and the password written behind it.
 *
 * @example
 * splitPassword('colour:secret'); //=> ['colour', 'secret']
 */
export function splitPassword(text: string): readonly [name: string, password: string | undefined] {
  const colon = text.indexOf(':');
  return colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
}
