import { describe, expect, test } from 'vitest';
import { constants, functions, readExpression } from '../../src/protocol/filter-syntax';
import { checkExpression, checkFunctions, readFunctions } from '../../src/protocol/subscription-syntax';
import { library, constants as values } from '../../src/server/filters/library';

const problem = (text: string): string => {
  try {
    checkExpression(text);
    return '';
  } catch (cause) {
    return cause instanceof TypeError ? cause.message : `no TypeError: ${cause}`;
  }
};

describe('an expression that cannot work', () => {
  test.each([
    ['temperature >> 20', 'cannot be read at character 13, ">>": use >'],
    ['a << 1', 'cannot be read at character 3, "<<": use <'],
    ['a === 1', 'cannot be read at character 3, "===": use =='],
    ['a !== 1', 'cannot be read at character 3, "!==": use !='],
    ['a => 1', 'cannot be read at character 3, "=>": use >='],
    ['a =< 1', 'cannot be read at character 3, "=<": use <='],
    ['a ** 2', 'cannot be read at character 3, "**": use ^'],
    ['a > 1 & b > 1', 'cannot be read at character 7, "&": use &&'],
    ['a > 1 | b > 1', 'cannot be read at character 7, "|": use ||'],
    ['a > 1 and b > 1', 'cannot be read at character 7, "and": use &&'],
    ['a > 1 OR b > 1', 'cannot be read at character 7, "OR": use ||'],
    ['not a', 'cannot be read at character 1, "not": use !'],
    ['a > 1 && not b', 'cannot be read at character 10, "not": use !'],
    ['a > 1 ? 2 : 3', 'cannot be read at character 7, "?": use if(condition, a, b)'],
    ['a >', 'cannot be read at character 4: a value is missing at the end'],
    ['a > ', 'cannot be read at character 4: a value is missing at the end'],
    ['', 'cannot be read at character 1: a value is missing at the end'],
    ['> 1', 'cannot be read at character 1, ">": a value is missing before it'],
    ['(a > 1', 'cannot be read at character 7: ) is missing at the end'],
    ['a > 1)', 'cannot be read at character 6, ")": there is no ( for it'],
    ['a 1', 'cannot be read at character 3, "1": an operator is missing before it'],
    ['min(1 2)', 'cannot be read at character 7, "2": an operator is missing before it'],
    ['sqr(a) > 2', 'cannot be read at character 1, "sqr": there is no such function: did you mean sqrt?'],
    ['avarage(a, b) > 2', 'cannot be read at character 1, "avarage": there is no such function: did you mean average?'],
    ['temperature(a) > 2', 'cannot be read at character 1, "temperature": there is no such function'],
    ['1 + round(a)', 'cannot be read at character 5, "round": it takes 2 values, not 1'],
    ['min()', 'cannot be read at character 1, "min": it takes at least 1 values, not 0'],
    ['mode == "on"', 'cannot be read at character 9, """: there are no texts, only numbers'],
    ["mode == 'on'", `cannot be read at character 9, "'": there are no texts, only numbers`],
    [
      'position.x > 2',
      'cannot be read at character 9, ".": only keys at the top level of the data can be used, and functions go by their names alone',
    ],
    [
      'Math.abs(a) > 2',
      'cannot be read at character 5, ".": only keys at the top level of the data can be used, and functions go by their names alone',
    ],
    ['a[0] > 2', 'cannot be read at character 2, "[": expressions know no such sign'],
    ['a > 🎈', 'cannot be read at character 5, "🎈": expressions know no such sign'],
    [
      'open == true',
      'never works at character 6, "==": keys are numbers, and never true or false: send 1 or 0, and ask for == 1',
    ],
    ...['a == null', 'a != NULL', 'a == undefined', 'a <> Undefined'].map((text) => [
      text,
      `never works at character 3, "${text.slice(2, 4)}": keys are numbers, and a message without one never comes through: leave this out, or send a number for nothing, such as 0`,
    ]),
    [
      'a > 1 && FALSE != open',
      'never works at character 16, "!=": keys are numbers, and never true or false: send 1 or 0, and ask for == 1',
    ],
  ])('is refused with the place and what to write: %s', (text, why) => {
    expect(problem(text)).toBe(`"${text}" ${why}`);
  });

  test('is one that is too long or nests too deeply', () => {
    expect(problem(Array(501).fill('1').join('+'))).toMatch(/: it has more than 500 parts$/);
    expect(problem(`${'('.repeat(65)}1${')'.repeat(65)}`)).toMatch(/: it nests deeper than 64$/);
  });
});

test.each([
  'a > 1',
  '  a>.5 ',
  'größe >= 2 && !(b <> 3)',
  '2a = 4 || (v)(a) == 6',
  'ROUND(v*100,0)/100',
  'IF(v>5,1,0)',
  'mean(v, 3) > 2',
  'v > 3 == true',
  'pi * r^2',
  'a > -1',
  'coalesce()',
  'coalesce(a, null) == null',
])('An expression that can work is read: %s', (text) => {
  expect(problem(text)).toBe('');
});

test('Positions count from the start of the text, blanks included', () => {
  expect(() => readExpression('   a >> 1')).toThrow('"   a >> 1" cannot be read at character 6, ">>": use >');
});

test('The server can work out every function and constant that can be read', () => {
  expect([...library.keys()].sort()).toEqual([...functions.keys()].sort());
  expect([...values.keys()].sort()).toEqual([...constants].sort());
});

test('Functions of a subscription are read one by one', () => {
  expect(readFunctions('transform(w, v * 2);filter(v > 1);nonsense')).toEqual([
    { kind: 'transform', key: 'w', expression: ' v * 2' },
    { kind: 'filter', expression: 'v > 1' },
  ]);
  expect(() => checkFunctions('filter(v > 1);transform(w,v >)')).toThrow('"v >" cannot be read at character 4');
  expect(() => checkFunctions('v > 1')).toThrow(
    '"v > 1" cannot be read: use filter(EXPRESSION) or transform(KEY,EXPRESSION)',
  );
  expect(() => checkFunctions('filter(v > 1);transform(w,v * 2)')).not.toThrow();
});
