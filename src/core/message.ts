import { refuse } from './check';

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

/** A message with what the protocol's own keys say. */
export interface Incoming {
  readonly message: Message;
  /** Of a call, and of the answer to it. */
  readonly id: unknown;
  /** The name of what is called. */
  readonly call: unknown;
  /** Why the other side could not answer. */
  readonly fault: unknown;
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
  readonly message: OutgoingMessage;
  readonly json: string;
}

/** The longest that servers keep a message, in s. */
const longestRetention = 172_800;

/** The key that asks the server to keep a message for so many seconds. */
export function retention(seconds: number | undefined): object {
  return seconds ? { _RETAIN: Math.min(Math.ceil(seconds), longestRetention) } : {};
}

/** What kind of thing a value is: `Object`, `Array`, `Null`, `Map`, … */
export function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

const carried = ['string', 'object', 'boolean'];

/**
 * Data as JSON text. `odd` is told of each key that receivers may not see as it was sent; `extra` are keys of the
 * protocol that go with it.
 *
 * @throws TypeError when the data is not an object, or a value is none that JSON can carry; it names the key.
 */
export function encodeData(data: object, odd: (key: string, why: string) => void, extra = {}): string {
  if (kindOf(data) !== 'Object') refuse('data', kindOf(data), ': use { key: value }');
  for (const [key, value] of Object.entries(data)) {
    if (!carried.includes(typeof value) && !Number.isFinite(value)) {
      refuse(`data.${key}`, typeof value === 'number' ? value : typeof value);
    }
    if (value === null) odd(key, 'is null, which servers drop');
    if (/^(recipient|sender|timestamp)$/.test(key)) odd(key, 'is replaced over TCP');
  }
  const json = JSON.stringify(data);
  if (json?.[0] !== '{') refuse('data', json, ': use { key: value }');
  // Keys of the protocol come last, because the last of two equal keys counts.
  return `{${[json, JSON.stringify(extra)].map((part) => part.slice(1, -1)).filter(Boolean)}}`;
}
