import { type Data, encodeData, firstTooLong } from '../../protocol/index';

// Where a message costs a microsecond in all, as over TCP, it pays to put the usual data into JSON in one go with the
// checks.

/** How many keys are known by heart at most. */
const mostKeys = 1_000;
/** Longer texts are left to JSON, which is slower to begin but faster per character. */
const shortText = 64;

const hasOwn = Object.prototype.hasOwnProperty;
const kind = Object.prototype.toString;
/** What JSON writes as it is. */
const plainText = /^[ !#-[\]-~]*$/;
/** Keys that somebody has to be told of, or that could be those of the protocol. */
const oddKey = /^(recipient$|sender$|timestamp$|toJSON$|_)/;

/**
 * Puts data into JSON, for one client: an object of numbers, texts and booleans by itself, all else by
 * {@link encodeData}.
 */
export class Encoder {
  /** The keys of the last data, in order, and how each begins its member. */
  readonly #keys: string[] = [];
  readonly #beginnings: string[] = [];
  /** Keys as JSON; made with the first one. */
  #quoted: Map<string, string> | undefined;

  /** See {@link Encode}. */
  encode(data: object, longest: number, odd: (key: string, why: string) => void, extra?: object): string {
    const usual = this.#encodeUsual(data, longest);
    if (usual === undefined) return encodeData(data, longest, odd, extra);
    if (!extra) return usual;
    let text = usual.slice(0, -1);
    // None of them is a key of the data: those that begin so are left to JSON.
    for (const [key, value] of Object.entries(extra)) {
      if (value !== undefined) text += `${text.length > 1 ? ',' : ''}"${key}":${JSON.stringify(value)}`;
    }
    return `${text}}`;
  }

  #encodeUsual(data: Data, longest: number): string | undefined {
    if (kind.call(data) !== '[object Object]' || 'toJSON' in data) return undefined;
    const keys = this.#keys;
    const beginnings = this.#beginnings;
    let text = '';
    let at = 0;
    for (const key in data) {
      if (!hasOwn.call(data, key)) continue;
      const value = data[key];
      // JSON leaves it out.
      if (value === undefined) continue;
      if (key !== keys[at] && !this.#learn(key, at)) return undefined;
      if (typeof value === 'string') {
        const isPlain = value.length < shortText && plainText.test(value);
        text += isPlain ? `${beginnings[at]}"${value}"` : beginnings[at] + JSON.stringify(value);
      } else if (typeof value === 'boolean' || (typeof value === 'number' && Math.abs(value) < firstTooLong)) {
        text += `${beginnings[at]}${value}`;
      } else {
        return undefined;
      }
      at++;
    }
    // What could be too long is measured by `encodeData`, too.
    return 6 * (text.length + 1) < longest ? `${text || '{'}}` : undefined;
  }

  /** Remembers a key that the last data did not have at this place; false for a key that `encodeData` has to look at. */
  #learn(key: string, at: number): boolean {
    if (oddKey.test(key)) return false;
    this.#quoted ??= new Map();
    const quoted = this.#quoted.get(key) ?? JSON.stringify(key);
    if (this.#quoted.size > mostKeys) this.#quoted.clear();
    this.#quoted.set(key, quoted);
    this.#keys[at] = key;
    this.#beginnings[at] = `${at === 0 ? '{' : ','}${quoted}:`;
    return true;
  }
}
