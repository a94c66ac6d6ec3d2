import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Encoder } from '../../../src/core/messaging/encode';
import { type Encode, encodeData } from '../../../src/protocol/message';

const longest = 1_000;

function createEncoder(): Encode {
  const encoder = new Encoder();
  return (...args) => encoder.encode(...args);
}

type Outcome = { readonly json?: string; readonly error?: string; readonly odd: readonly string[] };

function outcome(encode: typeof encodeData, data: object, extra?: object, most = longest): Outcome {
  const odd: string[] = [];
  try {
    return { json: encode(data, most, (key, why) => odd.push(`${key} ${why}`), extra), odd };
  } catch (error) {
    return { error: String(error), odd };
  }
}

const key = fc.oneof(
  fc.string(),
  fc.constantFrom('n', 'color', 'sender', 'recipient', 'timestamp', '_RETAIN', 'toJSON', 'constructor', '"', '\\', 'é'),
);
const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ minLength: 60, maxLength: 70 }),
  fc.constantFrom('"', '\\', '\n', '\u2028', '\ud800', '€', '', '\x7f'),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0, 1e21, 2n, Symbol.iterator, () => 1),
  fc.jsonValue(),
);

describe('the encoder', () => {
  test('refuses what is too long, as the plain one does', () => {
    for (const data of [{ text: 'a'.repeat(2_000) }, { text: '漢'.repeat(200) }, { text: 'a'.repeat(900) }]) {
      expect(outcome(createEncoder(), data)).toEqual(outcome(encodeData, data));
    }
    expect(outcome(createEncoder(), { text: 'a'.repeat(2_000) }).error).toMatch(/RangeError/);
  });

  test.each([1, 2, 6, 7, 8, 41, 42, 43])('measures the shortest data where %i bytes are the most', (most) => {
    for (const data of [{}, { n: 1 }, { text: '' }, { text: '漢' }]) {
      expect(outcome(createEncoder(), data, undefined, most)).toEqual(outcome(encodeData, data, undefined, most));
    }
  });

  test('writes and refuses what the plain one does, for any data, one after the other', () => {
    const encode = createEncoder();
    const data = fc.array(fc.dictionary(key, value, { noNullPrototype: true }), { maxLength: 4 });
    fc.assert(
      fc.property(data, fc.option(fc.constant({ _RETAIN: 3 }), { nil: undefined }), (several, extra) => {
        for (const one of [...several, ...several]) {
          expect(outcome(encode, one, extra)).toEqual(outcome(encodeData, one, extra));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  class Point {
    x = 1;
    get y() {
      return 2;
    }
  }

  test.each<[what: string, data: object]>([
    ['nothing in it', {}],
    ['inherited keys', Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } })],
    ['an instance of a class', new Point()],
    ['no prototype', Object.assign(Object.create(null), { n: 1 })],
    ['a form of its own', { n: 1, toJSON: () => ({ m: 2 }) }],
    ['a text as its form', { n: 1, toJSON: () => 'text' }],
    ['an inherited form', Object.assign(Object.create({ toJSON: () => ({ m: 2 }) }), { n: 1 })],
    ['no number', { n: Number.NaN }],
    ['no end', { n: Number.POSITIVE_INFINITY }],
    ['a list', [1]],
    ['a map', new Map()],
    ['a tag', { n: 1, [Symbol.toStringTag]: 'Tagged' }],
    ['a key that cannot be listed', Object.defineProperty({ n: 1 }, 'hidden', { value: 1 })],
  ])('treats data with %s as the plain one does', (_what, data) => {
    expect(outcome(createEncoder(), data)).toEqual(outcome(encodeData, data));
  });

  test('forgets keys when there were very many', () => {
    const encode = createEncoder();
    for (let n = 0; n < 3_000; n++) {
      expect(outcome(encode, { [`key ${n}`]: n, color: n }).json).toBe(`{"key ${n}":${n},"color":${n}}`);
    }
  });
});
