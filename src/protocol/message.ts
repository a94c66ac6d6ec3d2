import { isDeeper, isObject, kindOf, refuse } from '../util/index';

/** Data, values and answers without types, so that a sketch compiles: what they are is the user's promise. */
// biome-ignore lint/suspicious/noExplicitAny: the one place where what has any shape meets what expects its own.
export type Anything = any;

/** What travels in a message: a JSON object. */
export type Data = { readonly [key: string]: Anything };

/**
 * What may be sent: an object that JSON can carry. Lists, maps, dates and functions are none, so put what they hold under
 * a key; nor is a promise, which wants an `await`.
 */
export type Sendable = Data & {
  readonly [S in
    | typeof Symbol.iterator
    | typeof Symbol.toStringTag
    | typeof Symbol.toPrimitive
    | typeof Symbol.hasInstance]?: never;
};

/** A message as it arrived. */
export interface Message<D extends object = Data> {
  /** The handle of the client that sent it. */
  readonly sender: string;
  /** The channel or handle it was sent to, as the sender wrote it. */
  readonly recipient: string;
  /** When the server passed it on: milliseconds since 1970, by the server's clock. */
  readonly timestamp: number;
  readonly data: Readonly<D>;
}

/** A copy of what JSON can carry: whoever gets it may change it. What writes itself as JSON, such as a date, is no copy. */
export function copyOf(value: Anything): Anything {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isObject(value) || typeof value['toJSON'] === 'function') return value;
  const copy = { ...value };
  for (const key of Object.keys(copy)) if (typeof copy[key] === 'object') copy[key] = copyOf(copy[key]);
  return copy;
}

/** What each listener to messages is called with, so that it may change it. */
export function copyMessage(message: Message): [Message] {
  return [{ ...message, data: copyOf(message.data) }];
}

/** A message, and what it says in keys of the protocol, such as `_MESSAGE_ID`. */
export interface Incoming {
  readonly received: Message;
  readonly wireKeys: ReadonlyMap<string, unknown>;
}

/** A message on its way out. */
export interface OutgoingMessage {
  readonly recipient: string;
  readonly data: object;
}

/**
 * Keys that belong to the protocol, such as `_RETAIN` and `_MESSAGE_ID`: they never reach a listener as data. Nor does
 * `__proto__`, which would harm a program that copies data key by key.
 */
export const protocolKey = /^_([A-Z_]+|_proto__)$/;

/** A message and its data as JSON, with the keys that the protocol adds. */
export interface Posted {
  readonly outgoing: OutgoingMessage;
  readonly json: string;
}

/** The longest that servers keep a message, in s. */
export const longestRetention = 172_800;

/** The key that asks the server to keep a message for so many seconds. */
export function retention(seconds: number | undefined): object {
  return seconds ? { _RETAIN: Math.min(Math.ceil(seconds), longestRetention) } : {};
}

/** How deep data may nest; servers and clients in other languages fail at twice that. */
const deepest = 500;

const carried = ['string', 'object', 'boolean'];

/** Whole numbers from here on need more than the 64 bits that other servers and clients have for them. */
export const firstTooLong = 2 ** 63;
/** From here on they are written with an exponent, and so are no whole numbers to others. */
const firstWithExponent = 1e21;

/** What receivers do not get of a value as it is, because JSON, or a server, has no room for it. */
function bentIn(value: Anything): string | undefined {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return `${value}, which arrives as null`;
    return Math.abs(value) >= firstTooLong && Math.abs(value) < firstWithExponent
      ? `${value}, which others drop, as it needs more than 64 bits: send it as a text`
      : undefined;
  }
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}, which is left out`;
  if (typeof value !== 'object' || value === null) return undefined;
  if (typeof value.toJSON !== 'function') return bentInside(value);
  const written: unknown = value.toJSON('');
  // JSON writes the parts of what it gives, and asks it no more.
  if (typeof written === 'object' && written !== null) return bentInside(written);
  if (written === undefined) return `a ${kindOf(value)}, which is left out as its toJSON() gives undefined`;
  return written === null ? `a ${kindOf(value)}, which arrives as null: is it a valid one?` : bentIn(written);
}

function bentInside(value: object): string | undefined {
  const isList = Array.isArray(value);
  if (!isList && !isObject(value)) {
    const kind = kindOf(value);
    return /^(String|Number|Boolean)$/.test(kind)
      ? undefined
      : `a ${kind}, which JSON cannot carry: send an object or a list`;
  }
  // A list may have holes, which only a copy of it shows as undefined.
  for (const inner of isList ? [...value] : Object.values(value)) {
    if (isList && inner === undefined) return 'undefined in a list, which arrives as null';
    const bent = bentIn(inner);
    if (bent) return bent;
  }
  return undefined;
}

/**
 * Data as JSON text of at most `longest` bytes. `odd` is told of each key that receivers may not see as it was sent; `extra` are keys of the
 * protocol that go with it.
 *
 * @throws TypeError when the data is not an object, or a value is none that JSON can carry; it names the key
 * @throws RangeError when it is too long or too deep; it names the limit
 */
export type Encode = (data: object, longest: number, odd: (key: string, why: string) => void, extra?: object) => string;

export const encodeData: Encode = (data, longest, odd, extra) => {
  if (!isObject(data)) refuse('data', kindOf(data), ': use { key: value }');
  for (const [key, value] of Object.entries(data)) {
    if (value === undefined) continue;
    if (!carried.includes(typeof value) && !Number.isFinite(value)) {
      const given = typeof value === 'number' ? value : typeof value;
      refuse(`data.${key}`, given, ': use a finite number, text, boolean, list or object');
    }
    if (value === null) odd(key, 'is null: servers drop it');
    if (/^(recipient|sender|timestamp)$/.test(key)) odd(key, 'is replaced over TCP');
  }
  const json = JSON.stringify(data);
  if (json?.[0] !== '{') refuse('data', json, ': use { key: value }');
  // Over TCP a character outside of ASCII takes six.
  const size = 6 * json.length > longest ? json.replace(/[^ -~]/g, '123456').length : 0;
  if (size > longest) throw new RangeError(`data has ${size} bytes: at most ${longest} (maxMessage)`);
  // Each level takes a bracket at either end, so most data is too short to be that deep.
  if (json.length > 2 * deepest && isDeeper(JSON.parse(json), deepest))
    throw new RangeError(`data is more than ${deepest} deep`);
  for (const [key, value] of Object.entries(data)) {
    const bent = bentIn(value);
    if (bent) odd(key, `holds ${bent}`);
  }
  // Keys of the protocol come last, because the last of two equal keys counts.
  return extra ? JSON.stringify({ ...JSON.parse(json), ...extra }) : json;
};
