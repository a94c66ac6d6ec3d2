import { describe, expect, test } from 'vitest';
import { emptyData, readData } from '../../../src/protocol/raw-json';
import { createFunctions, splitFunctions } from '../../../src/server/filters/functions';
import { longestText } from '../../../src/server/filters/limits';
import { passes, reckon, replies } from './reckon';

describe('a name that is subscribed to', () => {
  test.each([
    ['room', { channel: 'room' }],
    ['room:secret', { channel: 'room:secret' }],
    ['room[filter(v>1)]', { channel: 'room', functions: 'filter(v>1)' }],
    ['room[filter(v>1)]:secret', { channel: 'room:secret', functions: 'filter(v>1)' }],
    ['room[filter(v>1)]:', { channel: 'room:', functions: 'filter(v>1)' }],
    ['room:se[cr]et', { channel: 'room:se[cr]et' }],
    ['room:se[cret', { channel: 'room:se[cret' }],
    ['room[f]:se[cr]et', { channel: 'room:se[cr]et', functions: 'f' }],
    ['room[]', { channel: 'room', functions: '' }],
    ['room[f] ', { channel: 'room', functions: 'f' }],
    ['room[transform(a[0],v)]', { channel: 'room', functions: 'transform(a[0],v)' }],
    ['a.b/größe[f]', { channel: 'a.b/größe', functions: 'f' }],
    ['room]', { channel: 'room]' }],
    ['', { channel: '' }],
  ])('%j is taken apart', (text, expected) => {
    expect(splitFunctions(text)).toEqual(expected);
  });

  test.each(['room[filter(v>1)', 'room[', '[filter(v>1)]', '[]', 'room]x[', 'room[filter(v>1):secret]'])(
    '%j is broken',
    (text) => {
      expect(splitFunctions(text)).toBeUndefined();
    },
  );
});

describe('filters', () => {
  test('let numbers and texts that read as numbers through, and nothing without the key', () => {
    const samples = [{ v: 5 }, { v: 15 }, { other: 1 }, { v: '20' }, { v: 'text' }];
    expect(replies('filter(v>10)', samples)).toEqual([undefined, '{"v":15}', undefined, '{"v":"20"}', undefined]);
  });

  test('must all be true, in any order with transforms', () => {
    const samples = [{ v: 1 }, { v: 5 }, { v: 9 }];
    const expected = [undefined, '{"v":5,"w":10.0}', undefined];
    expect(replies('filter(v>3);transform(w,v*2);filter(v<7)', samples)).toEqual(expected);
    expect(replies('transform(w,v*2);filter(v<7);filter(v>3)', samples)).toEqual(expected);
  });

  test('leave the message as it is', () => {
    const data = readData('{"v":1.50, "big":12345678901234567890123,"s":"ä"}');
    expect(createFunctions('filter(v>1)').apply(data)).toBe(data);
  });

  test('that do not parse let nothing through', () => {
    expect(replies('filter(v>)', [{ v: 2 }])).toEqual([undefined]);
    expect(replies('filter();transform(w,1)', [{ v: 2 }])).toEqual([undefined]);
    expect(replies('filter(true);filter(v>', [{ v: 2 }])).toEqual(['{"v":2}']);
  });

  test('look at a missing key only when they need it, and drop what is no number in any case', () => {
    expect(passes('v>1||w>1', { v: 2 })).toBe(true);
    expect(passes('w>1||v>1', { v: 2 })).toBe(false);
    expect(passes('v>1||w>1', { v: 2, w: 'text' })).toBe(false);
  });

  test.each(['constructor', 'toString>0', '__proto__', 'hasOwnProperty(v)'])(
    '%j finds nothing in an empty message',
    (expression) => {
      expect(passes(expression)).toBe(false);
    },
  );
});

describe('values of keys', () => {
  test.each([
    [0, '0.0'],
    [-2.5, '-2.5'],
    [1e30, '1e+30'],
    ['20', '20.0'],
    [' 3 ', '3.0'],
    ['+7', '7.0'],
    ['-.5', '-0.5'],
    ['5.', '5.0'],
    ['1e2', '100.0'],
  ])('%j is a number', (v, expected) => {
    expect(reckon('v', { v })).toBe(expected);
  });

  test.each(['', ' ', 'x', '5f', '0x10', 'NaN', 'Infinity', '1e999', '.', '1 2', '١', true, false, [4], { a: 1 }])(
    '%j is none',
    (v) => {
      expect(reckon('v', { v })).toBeUndefined();
      expect(passes('v=v', { v })).toBe(false);
    },
  );

  test('of any length are read in one go', () => {
    expect(reckon('v', { v: `${'1'.repeat(200_000)}x` })).toBeUndefined();
    expect(reckon('v', { v: `${' '.repeat(200_000)}x` })).toBeUndefined();
    expect(reckon('v', { v: `1${' '.repeat(200_000)}x` })).toBeUndefined();
  });
});

describe('transforms', () => {
  test('write a number under their key, and take 0 for a key that is missing', () => {
    expect(replies('transform(w,v*2)', [{ v: 5 }, { x: 5 }])).toEqual(['{"v":5,"w":10.0}', '{"x":5,"w":0.0}']);
  });

  test('replace a key where it is, and leave the text of others alone', () => {
    const data = readData('{"a":1.00,"v":2,"b":[1, 2],"c":9007199254740993}');
    expect(createFunctions('transform(v,v+1)').apply(data)?.text).toBe(
      '{"a":1.00,"v":3.0,"b":[1, 2],"c":9007199254740993}',
    );
  });

  test('see the message as it was sent, not each other', () => {
    expect(replies('transform(r,1);transform(q,r+1);transform(v,0);transform(r,v)', [{ v: 5 }])).toEqual([
      '{"v":0.0,"r":5.0,"q":1.0}',
    ]);
  });

  test('without a result are left out, and the message still arrives', () => {
    expect(replies('transform(r,v/0);transform(q,v>);transform(s,v)', [{ v: 5 }])).toEqual(['{"v":5,"s":5.0}']);
    expect(replies('transform(r,v)', [{ v: 'text' }])).toEqual(['{"v":"text"}']);
  });

  test('take their key as it is written, up to the first comma', () => {
    expect(replies('transform( a key ,max(1,2))', [{}])).toEqual(['{" a key ":2.0}']);
    expect(replies('transform(__proto__,1)', [{}])).toEqual(['{"__proto__":1.0}']);
    expect(replies('transform(x(,1)', [{}])).toEqual(['{"x(":1.0}']);
    expect(replies('transform(,1);transform(r);transform()', [{}])).toEqual(['{}']);
  });

  test.each([
    ['5', '5.0'],
    ['-1.5', '-1.5'],
    ['-0', '0.0'],
    ['v>3', '1.0'],
    ['v<3', '0.0'],
    ['0.1+0.2', '0.3'],
    ['1/3', '0.33333334'],
    ['100/3', '33.333332'],
    ['16777217', '16777216.0'],
    ['123456.789', '123456.79'],
    ['0.0001234', '0.0001234'],
    ['10^-7', '1e-7'],
    ['10^20', '100000000000000000000.0'],
    ['10^30', '1e+30'],
    ['10^-60', '0.0'],
  ])('print %s as %s', (expression, expected) => {
    expect(reckon(expression, { v: 5 })).toBe(expected);
  });

  test('skip what a 32-bit float cannot hold', () => {
    expect(reckon('10^39')).toBeUndefined();
    expect(reckon('-10^39')).toBeUndefined();
    expect(passes('10^39>10^38')).toBe(true);
  });
});

describe('the text between the brackets', () => {
  test.each([
    [''],
    [';'],
    ['filter'],
    ['filter(v>9'],
    ['Filter(v>9)'],
    ['fliter(v>9)'],
    ['transform(r,1'],
    ['nonsense;;;transform'],
  ])('%j chooses and changes nothing', (functions) => {
    expect(replies(functions, [{ v: 5 }])).toEqual(['{"v":5}']);
  });

  test('may have something around a function', () => {
    expect(replies(' ; xfilter(v>3)y ; transform(r,v) z;', [{ v: 1 }, { v: 5 }])).toEqual([
      undefined,
      '{"v":5,"r":5.0}',
    ]);
  });

  test('takes a part with both words for a filter', () => {
    expect(replies('transform(a,filter(v))', [{ v: 1 }])).toEqual([undefined]);
  });

  test('lets nothing through when it is too long', () => {
    const fitting = 'filter(true)'.padEnd(longestText);
    expect(replies(fitting, [{ v: 1 }])).toEqual(['{"v":1}']);
    expect(replies(`${fitting} `, [{ v: 1 }])).toEqual([undefined]);
  });

  test('lets nothing through that is longer than 64 KiB or has more than 1,000 keys', () => {
    const [plain, shaping] = [createFunctions('filter(true)'), createFunctions('transform(n,1)')];
    const long = (length: number): string => `{"t":"${'x'.repeat(length - 8)}"}`;
    const many = (count: number): string =>
      JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, index])));
    for (const functions of [plain, shaping]) {
      const fits = [long(65_536), long(65_537), many(1_000), many(1_001)].map(
        (text) => functions.apply(readData(text)) !== undefined,
      );
      expect(fits).toEqual([true, false, true, false]);
    }
  });

  test('is read once for each subscription, which shares nothing with others', () => {
    const [first, second] = [createFunctions('transform(s,sum(1,9))'), createFunctions('transform(s,sum(1,9))')];
    first.apply(emptyData);
    expect(first.apply(emptyData)?.text).toBe('{"s":2.0}');
    expect(second.apply(emptyData)?.text).toBe('{"s":1.0}');
  });
});
