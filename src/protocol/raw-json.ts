/** Nested deeper than this, data is refused: clients read it with parsers that would run out of stack. */
export const deepest = 1_000;

/** One key of the data and the text of its value, as the sender wrote it. */
export type Member = readonly [key: string, value: string];

/** Data as text: what a JSON parser in JavaScript would change, such as `1.0` and 64-bit integers, stays as it is. */
export interface ServerData {
  /** One JSON object on one line. */
  readonly text: string;
  /** Whether one of the keys means something to the server; most data is not worth a second look. */
  readonly hasOurs: boolean;
  /** Whether it is a call or an answer to one. */
  readonly hasCallId: boolean;
  members(): readonly Member[];
}

/** The keys that the server writes itself, or does something for. */
const ours: ReadonlySet<string> = new Set(['recipient', 'timestamp', 'sender', '_RETAIN', '_DELAY', '_SCHEDULE']);

/** The key with the id of a call, in the call and in its answers. */
const callId = '_MESSAGE_ID';

/** Broken data arrives as this. */
export const emptyData: ServerData = { text: '{}', hasOurs: false, hasCallId: false, members: () => [] };

/** Text that was sent instead of an object arrives under the key `data`. */
export function textData(text: string): ServerData {
  return fromMembers([['data', JSON.stringify(text)]]);
}

/** Data that the server itself tells. */
export function dataOf(values: Readonly<Record<string, unknown>>): ServerData {
  return fromMembers(Object.entries(values).map(([key, value]) => [key, JSON.stringify(value)]));
}

export function fromMembers(members: readonly Member[]): ServerData {
  const text = members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',');
  const keys = members.map(([key]) => key);
  const [hasOurs, hasCallId] = [keys.some((key) => ours.has(key)), keys.includes(callId)];
  return { text: `{${text}}`, hasOurs, hasCallId, members: () => members };
}

/**
 * Reads the JSON object that `text` starts with; what comes behind it is ignored. As at the reference server, keys with
 * the value `null` are dropped, the last of a repeated key counts, and broken data is {@link emptyData}. Integers beyond 64
 * bits, which that one drops, are passed on as they are.
 *
 * @throws RangeError when it is nested deeper than {@link deepest}
 */
export function readData(text: string): ServerData {
  const { end, members } = scan(text);
  if (end < 0) return emptyData;
  const object = text.slice(0, end + 1);
  let parsed: Readonly<Record<string, unknown>>;
  try {
    parsed = JSON.parse(object);
  } catch {
    return emptyData;
  }
  // Line breaks can only be white space here: inside of strings JSON forbids them.
  const line = object.includes('\r') || object.includes('\n') ? object.replace(/[\r\n]/g, ' ') : object;
  const keys = Object.keys(parsed);
  let isPlain = keys.length === members;
  let hasOurs = false;
  let hasCallId = false;
  for (const key of keys) {
    if (isOdd(parsed[key])) isPlain = false;
    if (ours.has(key)) hasOurs = true;
    if (key === callId) hasCallId = true;
  }
  return isPlain ? { text: line, hasOurs, hasCallId, members: () => cut(line) } : fromMembers(tidy(cut(line)));
}

function isOdd(value: unknown): boolean {
  return value === null || (typeof value === 'number' && !Number.isFinite(value));
}

function tidy(members: Member[]): Member[] {
  const last = new Map<string, string>();
  for (const [key, value] of members) {
    last.delete(key);
    if (value === 'null') continue;
    const number = /^-?\d/.test(value) ? Number(value) : 0;
    last.set(key, Number.isFinite(number) ? value : `"${number}"`);
  }
  return [...last];
}

const quote = 0x22;
const backslash = 0x5c;

/**
 * Where an object ends, if it does, and how many members it has.
 *
 * @param marks gets where the top level's colons and the ends of its members are, the last one being the object's
 */
function scan(text: string, marks?: number[]): { readonly end: number; readonly members: number } {
  let [depth, members] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = endOfString(text, at);
        if (at < 0) return { end: -1, members };
        break;
      case 0x7b: // {
      case 0x5b: // [
        if (++depth > deepest) throw new RangeError(`data is nested deeper than ${deepest} levels`);
        break;
      case 0x7d: // }
      case 0x5d: // ]
        if (--depth > 0) break;
        // An object without members has one mark only: its end.
        marks?.push(at);
        return { end: at, members };
      case 0x3a: // :
        if (depth === 1) members++;
        if (depth === 1) marks?.push(at);
        break;
      case 0x2c: // ,
        if (depth === 1) marks?.push(at);
        break;
    }
  }
  return { end: -1, members };
}

/** Where the string that starts with the quote at `start` ends; -1 when it does not. */
export function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return -1;
}

function cut(object: string): Member[] {
  const marks: number[] = [];
  scan(object, marks);
  const members: Member[] = [];
  let start = 1;
  for (let index = 0; index + 1 < marks.length; index += 2) {
    const [colon, end] = [marks[index] ?? 0, marks[index + 1] ?? 0];
    members.push([JSON.parse(object.slice(start, colon)), object.slice(colon + 1, end).trim()]);
    start = end + 1;
  }
  return members;
}
