import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineSplitter } from '../../../src/protocol/line/splitter';
import { LineReader } from '../../../src/server/flow/line-reader';

const piece = fc.string({ unit: fc.constantFrom('a', '\r', '\n', '{', '\u00e4'), maxLength: 8 });

test('A reader that may stop between lines reads what a splitter reads, wherever the text is cut', () => {
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const longest = 6;
      const expected: string[] = [];
      pieces.forEach(createLineSplitter((line) => expected.push(line), longest));
      const reader = new LineReader(longest);
      const read: string[] = [];
      for (const text of pieces) {
        reader.add(text);
        for (let line = reader.next(); line !== undefined; line = reader.next()) read.push(line);
      }
      expect(read).toEqual(expected);
    }),
  );
});

test('A reader that stopped goes on with the next line', () => {
  const reader = new LineReader(100);
  reader.add('one\r\ntwo\nth');
  expect(reader.next()).toBe('one');
  reader.add('ree\nfour');
  expect([reader.next(), reader.next(), reader.next()]).toEqual(['two', 'three', undefined]);
  reader.add('\n');
  expect(reader.next()).toBe('four');
});
