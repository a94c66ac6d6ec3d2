/** What travels in a message: a JSON object. */
// biome-ignore lint/suspicious/noExplicitAny: untyped data is the point here, so that a sketch compiles without types.
export type Data = { readonly [key: string]: any };

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

/** What kind of thing a value is: `Object`, `Array`, `Null`, `Map`, … */
export function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

const carried = ['string', 'object', 'boolean'];

/**
 * Data as JSON text. `odd` is told of each key that receivers may not see as it was sent.
 *
 * @throws TypeError when the data is not an object, or a value is none that JSON can carry; it names the key.
 */
export function encodeData(data: object, odd: (key: string, why: string) => void): string {
  let json = '';
  let failure: unknown;
  try {
    json = JSON.stringify(data) ?? '';
  } catch (cause) {
    failure = cause;
  }
  if (kindOf(data) !== 'Object' || !(failure || json.startsWith('{'))) {
    throw new TypeError(`data must be an object such as { color: 120 }, not ${kindOf(data)}`);
  }
  for (const [key, value] of Object.entries(data)) {
    if (failure || !(carried.includes(typeof value) || Number.isFinite(value))) checkValue(key, value);
    if (value === null) odd(key, 'is null, which servers drop');
    if (/^(recipient|sender|timestamp)$/.test(key)) odd(key, 'is replaced over TCP');
  }
  if (failure) throw failure;
  return json;
}

function checkValue(key: string, value: unknown): void {
  let problem: unknown;
  try {
    if (JSON.stringify([value]) !== '[null]' || value === null) return;
    problem = typeof value === 'number' ? value : typeof value;
  } catch (cause) {
    problem = cause;
  }
  throw new TypeError(`data.${key} is no JSON: ${problem}`, { cause: problem });
}
