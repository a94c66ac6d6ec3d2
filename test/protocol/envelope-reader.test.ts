import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageOf } from '../../src/protocol/dialect';
import { createFlatReader, createNestedReader, type Read } from '../../src/protocol/envelope-reader';

function plainJson(frame: string): { [key: string]: unknown } {
  try {
    return Object(JSON.parse(frame));
  } catch {
    return {};
  }
}

/** The same, read in the plainest way. */
const plainly: Record<'flat' | 'nested', Read> = {
  flat(frame) {
    const { recipient, sender, timestamp, ...data } = plainJson(frame);
    return messageOf({ recipient, sender, timestamp }, data, frame);
  },
  nested(frame) {
    const envelope = plainJson(frame);
    const data: unknown = envelope['data'];
    return messageOf(envelope, Object(data) === data ? Object(data) : [], frame);
  },
};

const name = fc.oneof(fc.constantFrom('lamp', 'dial', '","timestamp":1,"sender":"', 'a"b\\', ',"data":'), fc.string());
const time = fc.oneof(fc.nat(3), fc.constant(1_800_000_000_000));
const envelope = fc.record({ recipient: name, timestamp: time, sender: name });
const key = fc.oneof(
  fc.string(),
  fc.constantFrom('n', '_RETAIN', '_MESSAGE_ID', '__proto__', 'sender', 'recipient', 'data'),
);
const value = fc.oneof(fc.jsonValue(), envelope, fc.record({ data: fc.record({ n: fc.nat() }) }), name);
const data = fc.dictionary(key, value, { noNullPrototype: true });

/** Without one of its characters, it is broken, or something else. */
const damaged = (frames: fc.Arbitrary<string>) =>
  fc.tuple(frames, fc.nat(80)).map(([text, at]) => `${text.slice(0, at)}${text.slice(at + 1)}`);

// Servers put the envelope at the end, or the data; others might not.
const flat = fc.oneof(
  fc.tuple(data, envelope).map(([content, from]) => {
    const inner = JSON.stringify(content).slice(1, -1);
    return `{${inner}${inner && ','}${JSON.stringify(from).slice(1)}`;
  }),
  fc.tuple(data, envelope).map(([content, from]) => JSON.stringify({ ...from, ...content })),
  fc.tuple(data, envelope).map(([content, from]) => JSON.stringify({ ...content, in: from })),
);
const nested = fc.oneof(
  fc.tuple(data, envelope).map(([content, from]) => JSON.stringify({ ...from, data: content })),
  fc.tuple(data, envelope).map(([content, from]) => JSON.stringify({ data: content, ...from })),
  fc
    .tuple(data, envelope, fc.string())
    .map(([content, from, more]) => JSON.stringify({ ...from, data: content, more })),
  fc.tuple(fc.jsonValue(), envelope).map(([content, from]) => JSON.stringify({ ...from, data: content })),
);

const lines = [
  '{"n":1,"recipient":"r","timestamp":1,"sender":"s"}',
  '{"recipient":"r","timestamp":1,"sender":"s"}',
  '{,"recipient":"r","timestamp":1,"sender":"s"}',
  '{ ,"recipient":"r","timestamp":1,"sender":"s"}',
  '{"n":1 ,"recipient":"r","timestamp":1,"sender":"s"}',
  '{"n":1,"recipient":"r","timestamp":1,"sender":"s","more":2}',
  '{"sender":"me","recipient":"r","timestamp":1,"sender":"s"}',
  '{"in":{"n":1,"recipient":"r","timestamp":1,"sender":"s"}}',
  '{"in":{"n":1,"recipient":"r","timestamp":1,"sender":"s"},"recipient":"r","timestamp":1,"sender":"s"}',
  '{"in":{"n":1,"recipient":"r","timestamp":1,"sender":"s"},"recipient":"q","timestamp":1,"sender":"s"}',
  '{"timestamp":1,"n":1,"recipient":"r","more":2,"sender":"s"}',
  '{"n":x,"recipient":"r","timestamp":1,"sender":"s"}',
  '{"n":"x,"recipient":"r","timestamp":1,"sender":"s"}',
  '{"n":1,"__proto__":{"bad":1},"recipient":"r","timestamp":1,"sender":"s"}',
  '{"n":1,"recipient":"r","timestamp":"soon","sender":"s"}',
  '{"n":1}',
  '{}',
  '{',
];
const frames = [
  '{"recipient":"r","timestamp":1,"sender":"s","data":{"n":1}}',
  '{"recipient":"r","timestamp":1,"sender":"s","data":{"n":1},"more":2}',
  '{"recipient":"r","timestamp":1,"sender":"s","data":{"n":1},"sender":"t"}',
  '{"recipient":"r","timestamp":1,"sender":"s","data":{"n":1}} ',
  '{"recipient":"r","timestamp":1,"sender":"s","data":{"n":1}]',
  '{"recipient":"r","timestamp":1,"sender":"s","data":{"n":1}',
  '{"recipient":"r","timestamp":1,"sender":"s","data":[1]}',
  '{"recipient":"r","timestamp":1,"sender":"s","data":null}',
  '{"recipient":"r","timestamp":1,"sender":"s","data":0}',
  '{"recipient":"r","timestamp":1,"sender":"s","data":}',
  '{"recipient":"r","timestamp":1,"data":{"n":1},"sender":"s"}',
  '{"in":{"n":1,"data":{"n":2}},"recipient":"r","timestamp":1,"sender":"s","data":{"n":1}}',
  '{"in":1,"recipient":"r","timestamp":1,"data":{"n":1}}',
  '{"recipient":"r","timestamp":1,"sender":"s","more":2,"data":{"n":1}}',
  '{"recipient":"r","timestamp":1,"sender":"s","data":{"__proto__":{"bad":1},"_RETAIN":2}}',
  '{"recipient":"q","timestamp":1,"sender":"s","data":{"in":{"recipient":"r","timestamp":1,"sender":"s","data":{"n":1}}}}',
  '{"message":"welcome"}',
  '7',
];

describe.each([
  ['flat', createFlatReader, fc.oneof(flat, damaged(flat)), lines],
  ['nested', createNestedReader, fc.oneof(nested, damaged(nested)), frames],
] as const)('the %s reader', (kind, createReader, anyFrame, examples) => {
  const [first = ''] = examples;

  test('reads any messages, one after the other, as if each were alone', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 4 }), (several) => {
        const read = createReader();
        for (const one of [...several, ...several]) expect(read(one)).toEqual(plainly[kind](one));
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(examples)('reads %s as if it were alone, also when it comes again', (frame) => {
    const read = createReader();
    read(first);
    expect(read(frame)).toEqual(plainly[kind](frame));
    expect(read(frame)).toEqual(plainly[kind](frame));
    expect(read(first)).toEqual(plainly[kind](first));
  });

  test('gives each message data of its own', () => {
    const read = createReader();
    const [one, other] = [1, 2].map((n) => read(first.replace('"n":1', `"n":${n}`)));
    expect(one).toMatchObject({ received: { recipient: 'r', timestamp: 1, sender: 's', data: { n: 1 } } });
    expect(other).toMatchObject({ received: { data: { n: 2 } } });
  });
});
