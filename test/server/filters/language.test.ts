import { describe, expect, test } from 'vitest';
import { deepest, mostParts } from '../../../src/protocol/filter-syntax';
import { passes, reckon } from './reckon';

const sample = { v: 3, a: 2, b: 5, z: 0, V: 100 };
const result = (expression: string): number | undefined => {
  const text = reckon(expression, sample);
  return text === undefined ? undefined : Number(text);
};

describe('operators', () => {
  test.each([
    // powers: from the right, and weaker than signs
    ['2^3^2', 512],
    ['-2^2', 4],
    ['-v^a', 9],
    ['0-2^2', -4],
    ['2^-1', 0.5],
    ['2^-v^a', 512],
    ['(2^3)^2', 64],
    ['+v', 3],
    ['--v', 3],
    ['v--a', 5],
    ['v---a', 1],
    ['1-+v', -2],
    ['a*-b', -10],
    ['a*-b^2', 50],
    // products, quotients and remainders: from the left, weaker than powers
    ['8/4/2', 1],
    ['8/4*2', 4],
    ['2*3^2', 18],
    ['17%5%3', 2],
    ['-17%5', -2],
    ['17%-5', 2],
    ['7*5%4', 3],
    // sums: from the left
    ['v-a-b', -4],
    ['v+a*b', 13],
    ['v-a+b', 6],
    ['(v+a)*b', 25],
    // comparisons: weaker than sums, from the left
    ['v+1>a+1', 1],
    ['3>2>1', 0],
    ['1<2<2', 0],
    ['1<2<=2', 1],
    // equality: weaker than comparisons
    ['v>a=true', 1],
    ['true=v>a', 1],
    ['1>2=0', 0],
    ['!v=false', 1],
    ['!a=v', 0],
    ['1=2=false', 1],
    // conjunctions: weaker than equality, stronger than alternatives
    ['v=3&&a=2', 1],
    ['1||0&&0', 1],
    ['(1||0)&&0', 0],
    ['0&&0||1', 1],
    ['!0&&1', 1],
  ])('read %s as %d', (expression, expected) => {
    expect(result(expression)).toBe(expected);
  });

  test.each([
    ['a=2', 'a==2'],
    ['a!=3', 'a<>3'],
  ])('%s and %s mean the same', (one, other) => {
    for (const a of [2, 3]) expect(passes(one, { a })).toBe(passes(other, { a }));
    expect(passes(one, { a: 2 })).toBe(true);
  });

  test.each([
    ['<', true, false, false],
    ['<=', true, true, false],
    ['=', false, true, false],
    ['!=', true, false, true],
    ['>=', false, true, true],
    ['>', false, false, true],
  ])('%s compares numbers', (operator, less, same, more) => {
    expect([1, 2, 3].map((v) => passes(`v${operator}2`, { v }))).toEqual([less, same, more]);
  });

  test('multiply where two factors meet', () => {
    expect(result('2a')).toBe(4);
    expect(result('2 a')).toBe(4);
    expect(result('2(a)')).toBe(4);
    expect(result('(v)(a)')).toBe(6);
    expect(result('2a^2')).toBe(8);
    expect(result('1/2a')).toBe(1);
    expect(result('2^3(4)')).toBe(32);
    expect(result('abs(v)(a)')).toBe(6);
    expect(result('10a')).toBe(20);
  });

  test.each(['(v)a', '(v)2', 'a 2', '2 3', 'a b', '2sin(30)', 'a(b)', '2 abs(b)'])(
    'do not multiply in %j',
    (expression) => {
      expect(result(expression)).toBeUndefined();
    },
  );

  test('know no negative zero', () => {
    expect(result('atan2(-z,-1)')).toBe(180);
    expect(result('atan2(ceiling(-0.5),-1)')).toBe(180);
  });

  test.each(['5/0', '0/0', '5%0', 'v/z', '0^-1', '(-8)^(1/3)', '10^400', '1e400', '-(1e400)', '(0/0)^0', '1+(0/0)'])(
    'give no result for %j',
    (expression) => {
      expect(result(expression)).toBeUndefined();
      expect(passes(`${expression}=${expression}`, sample)).toBe(false);
      expect(passes(`!(${expression})`, sample)).toBe(false);
      expect(passes(`${expression}<1||true`, sample)).toBe(false);
      expect(passes(`true&&${expression}`, sample)).toBe(false);
      expect(passes(`false||${expression}`, sample)).toBe(false);
    },
  );

  test('leave their right side alone when the left one decides', () => {
    expect(passes('true||1/0')).toBe(true);
    expect(passes('!(false&&1/0)')).toBe(true);
  });
});

describe('values', () => {
  test.each([
    ['v', true],
    ['z', false],
    ['-1', true],
    ['true', true],
    ['FALSE', false],
    ['null', false],
    ['!null', false],
    ['!!v', true],
    ['!z', true],
    ['null=null', true],
    ['null!=null', false],
    ['null=0', false],
    ['null!=0', true],
    ['null>0||true', false],
    ['0>null||true', false],
    ['true>null||true', false],
    ['null&&true||true', false],
    ['true=true', true],
    ['true=1', false],
    ['true!=1', true],
    ['1=true', false],
    ['2>true', true],
    ['true>0', true],
    ['true>=2', true],
    ['true<=2', true],
    ['2<=true', false],
  ])('%s is %s as a filter', (expression, expected) => {
    expect(passes(expression, sample)).toBe(expected);
  });

  test.each(['true+1', '1+true', 'true*2', 'false-false', '-true', '+true', 'null+1', 'null', '2^true'])(
    'of other kinds cannot be reckoned with in %j',
    (expression) => {
      expect(result(expression)).toBeUndefined();
    },
  );

  test('are known by name: pi, e, true, false and null, in any case', () => {
    expect(result('PI')).toBeCloseTo(Math.PI, 6);
    expect(result('e')).toBeCloseTo(Math.E, 6);
    expect(result('pI=Pi && TRUE && !FaLsE && NULL=null')).toBe(1);
    expect(reckon('e', { e: 7 })).toBe('2.7182817');
  });
});

describe('numbers', () => {
  test.each([
    ['2e2', 200],
    ['1.5E-1', 0.15],
    ['1e+2', 100],
    ['1.', 1],
    ['1.e2', 100],
    ['.5', 0.5],
    ['007', 7],
    ['0x1F', 31],
    ['0XfF', 255],
    ['5.a', 10],
    ['2 e', 5.4365635],
  ])('%s is read as %d', (expression, expected) => {
    expect(result(expression)).toBe(expected);
  });

  test.each(['2e', '2ea', '2e+', '1..2', '1.2.3', '2e3e4', '2e3.5', '0x', '0xg', '0x1.5', '.', '.e3', '1e2.', '١'])(
    '%s is none',
    (expression) => {
      expect(passes(`true||${expression}`)).toBe(false);
      expect(result(expression)).toBeUndefined();
    },
  );
});

describe('variables', () => {
  test('are one whatever their case, and stand for the key that is written first', () => {
    expect(result('v+V')).toBe(6);
    expect(result('V+v')).toBe(200);
    expect(passes('V>1', { v: 2 })).toBe(false);
  });

  test('have letters of any alphabet, digits and low lines', () => {
    expect(reckon('größe*_x1', { größe: 2, _x1: 3 })).toBe('6.0');
  });
});

const garbage = [
  ...['', ' ', '()', '(', ')', '(v', 'v)', '(v))', '((v)', ',', '(1,2)', 'v,', 'v+', '*v', 'v**a', 'v===3', 'v=>3'],
  ...['v=<3', 'v&a', 'v|a', 'v|||a', 'v^', '3!', 'v!', '!', '-', '<>', '"a"', '"true"', "'a'", '`a`', 'v.a', 'v[0]'],
  ...['v@', '#', '$v', 'v~', 'v?1:2', '\\', '{v}', 'v=!', 'a b +', 'v 2 >', '1 +* 2', '∞', '\u{1f600}', '\0'],
  ...['abs(', 'abs()', 'abs(1,2)', 'abs(1', 'abs 1', 'max(1 2)', 'max(1,,2)', 'max(1,)', 'max(,1)', 'max()'],
  ...['nope(1)', 'constructor(1)', '__proto__(1)', 'toString()', 'if(1,2)', 'sum(v)', 'sum(1,2,3)', 'pi(2)', 'v()'],
];

describe('text that is no expression', () => {
  test.each(garbage)('%j lets nothing through and changes nothing', (text) => {
    expect(passes(text, sample)).toBe(false);
    expect(passes(`true||${text}`, sample)).toBe(false);
    expect(result(text)).toBeUndefined();
  });
});

describe('limits', () => {
  // Signs and negations give 1 or -1, true or false, and all of them are at most 2.
  const nested = (open: string, close: string, times: number): string =>
    `${open.repeat(times)}1${close.repeat(times)}<=2`;

  test.each([
    ['brackets', '(', ')'],
    ['signs', '-', ''],
    ['negations', '!', ''],
    ['calls', 'abs(', ')'],
    ['powers', '1^', ''],
    ['brackets on the right', '1*(', ')'],
  ])('hold for %s within each other', (_, open, close) => {
    expect(passes(nested(open, close, deepest))).toBe(true);
    expect(passes(nested(open, close, deepest + 1))).toBe(false);
    expect(passes(nested(open, close, Math.floor(3_900 / (open.length + close.length))))).toBe(false);
  });

  test('do not hold for what stands side by side', () => {
    expect(result(Array(200).fill('(1)').join('+'))).toBe(200);
  });

  test('hold for the number of parts', () => {
    const ones = (count: number): string => Array(count).fill('1').join('+');
    expect(result(ones(mostParts / 2))).toBe(mostParts / 2);
    expect(result(ones(mostParts / 2 + 1))).toBeUndefined();
    expect(result(ones(1_900))).toBeUndefined();
    expect(
      result(
        `max(${Array(mostParts - 1)
          .fill('1')
          .join(',')})`,
      ),
    ).toBe(1);
    expect(result(`max(${Array(mostParts).fill('1').join(',')})`)).toBeUndefined();
  });
});
