import { describe, expect, test } from 'vitest';
import { checkNumbers, checkOptions, checkWord, nearestName, refuse } from '../../src/util/index';

describe('Unknown options', () => {
  const known = ['handle', 'password', 'onHandleTaken', 'timeout'];

  test.each([
    ['handel', 'handle'],
    ['Handle', 'handle'],
    ['onhandletaken', 'onHandleTaken'],
    ['tmeout', 'timeout'],
    ['passwort', 'password'],
  ])('name the nearest: %s, %s', (given, meant) => {
    expect(() => checkOptions({ [given]: 1 }, known)).toThrow(
      new TypeError(`Unknown option "${given}": did you mean "${meant}"?`),
    );
  });

  test('name all where none is near, and say where they stand among others', () => {
    expect(() => checkOptions({ colour: 1 }, known)).toThrow(
      new TypeError('Unknown option "colour": use handle, password, onHandleTaken or timeout'),
    );
    expect(() => checkOptions({ sise: 1 }, ['size', 'ttl'], 'outbox')).toThrow(
      new TypeError('Unknown option "outbox.sise": did you mean "outbox.size"?'),
    );
  });

  test.each([
    ['lamp', '"lamp"'],
    [null, 'null'],
    [4444, '4444'],
    [['handle'], 'Array'],
    [() => 1, 'Function'],
  ])('are none of what is no object: %j', (given, said) => {
    expect(() => Reflect.apply(checkOptions, undefined, [given, ['signal', 'timeout']])).toThrow(
      new TypeError(`options cannot be ${said}: use an object with signal or timeout`),
    );
  });
});

test('A name far from all others is near to none, however long it is', () => {
  expect(nearestName('toString', ['clients', 'line'])).toBeUndefined();
  expect(nearestName('x'.repeat(500), ['clients'])).toBeUndefined();
  expect(nearestName('a', ['b', 'c'])).toBe('b');
});

test('A wrong word, number or value is told beside what can be', () => {
  const words = ['queue', 'latest', 'drop'];
  expect(() => checkWord('whenOffline', 'latest', words)).not.toThrow();
  expect(() => checkWord('whenOffline', 'later', words)).toThrow(
    new TypeError("whenOffline must be 'queue', 'latest' or 'drop', not 'later'"),
  );
  expect(() => checkWord('whenOffline', Symbol('drop'), words)).toThrow(/not Symbol$/);
  expect(() => checkNumbers({ timeout: '9' })).toThrow(
    new RangeError('timeout must be a number of at least 0, not "9"'),
  );
  expect(() => checkNumbers({ min: Number.NaN }, -Infinity)).toThrow(new RangeError('min must be a number, not NaN'));
  expect(() => refuse('key', undefined, ': use a text')).toThrow(new TypeError('key cannot be undefined: use a text'));
});
