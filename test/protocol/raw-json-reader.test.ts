import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readData } from '../../src/protocol/raw-json';
import { createDataReader } from '../../src/protocol/raw-json-reader';

const told = (data: ReturnType<typeof readData>): unknown => [data.text, data.hasOurs, data.members()];

const key = fc.constantFrom('n', 'color', 'sender', '_RETAIN', '1', '__proto__', 'a"b', 'a\\', '', 'é', 'n ');
const value = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '1',
    '-12.5',
    '1.0',
    '1e3',
    '01',
    '1.',
    '.5',
    '9223372036854775807',
    '9223372036854775808',
  ),
  fc.constantFrom('true', 'false', 'null', 'nul', '[]', '{}', '[1,{"n":2}]', '{"n":1,"n":2}', ''),
  fc.constantFrom(
    '"red"',
    '"a,b"',
    '"a\\"b"',
    '"a:b"',
    '"\\u00e9"',
    '"é"',
    '"}"',
    '"{"',
    '"a\nb"',
    '"',
    '"\\\\"',
    '"":',
  ),
);
const gap = fc.constantFrom('', '', '', '', ' ', '\n', '\t');
const member = fc
  .tuple(gap, key, gap, value)
  .map(([before, name, between, it]) => `${before}"${name}"${between}:${it}`);
const object = fc
  .tuple(fc.array(member, { maxLength: 4 }), fc.constantFrom('}', '}', '}', '} x', '', '}\n'))
  .map(([members, end]) => `{${members.join(',')}${end}`);

test('data is read as by a parser, whatever came before it', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(object, fc.nat(3)), { maxLength: 8 }), (all) => {
      const read = createDataReader();
      // The same again: that is when a client is known.
      for (const text of all.flatMap(([one, times]) => Array.from({ length: times + 1 }, () => one))) {
        expect(told(read(text))).toEqual(told(readData(text)));
      }
    }),
    { numRuns: 3_000 },
  );
});

test('data with the same keys need not be parsed', () => {
  const read = createDataReader();
  read('{"n":1,"color":"red"}');
  const { parse } = JSON;
  let parsed = 0;
  JSON.parse = (...args) => {
    parsed++;
    return parse(...args);
  };
  try {
    expect(read('{"n":-2.5,"color":"a, b: c"}').text).toBe('{"n":-2.5,"color":"a, b: c"}');
    expect(parsed).toBe(0);
    read('{"color":"red","n":1}');
    expect(parsed).toBeGreaterThan(0);
  } finally {
    JSON.parse = parse;
  }
});

test('a key more, a key less and the same key twice are seen', () => {
  const read = createDataReader();
  for (const text of ['{"n":1}', '{"n":1,"sender":"x"}', '{"n":1}', '{"n":1,"n":2}', '{"n":1,"n":2}', '{"n":1}']) {
    expect(told(read(text))).toEqual(told(readData(text)));
  }
});
