import { describe, expect, test } from 'vitest';
import { OwnedMap } from '../../src/util/index';

function filled(entries: readonly (readonly [key: string, owner: string])[], perOwner = 2, inAll = 4) {
  const map = new OwnedMap<string>({ perOwner, inAll });
  for (const [key, owner] of entries) map.set(key, key.toUpperCase(), owner);
  return map;
}

/** Which of the entries are still there, in order. */
const kept = (map: OwnedMap<string>, keys: string): string =>
  [...keys].filter((key) => map.get(key) !== undefined).join('');

describe('a map whose entries have owners', () => {
  test('lets an owner with too many entries give up its own oldest one', () => {
    const map = filled([
      ['a', 'x'],
      ['b', 'y'],
      ['c', 'x'],
      ['d', 'x'],
    ]);
    expect([kept(map, 'abcd'), map.size, map.oldest()]).toEqual(['bcd', 3, ['b', 'B']]);
  });

  test('that is full lets an owner with many entries give up its own, even if others have older ones', () => {
    const map = filled(
      [
        ['a', 'x'],
        ['b', 'y'],
        ['c', 'z'],
        ['d', 'z'],
        ['e', 'z'],
      ],
      9,
    );
    expect(kept(map, 'abcde')).toBe('abde');
  });

  test('that is full lets the owner that was silent for longest make room for one that has nothing else', () => {
    const map = filled([
      ['a', 'x'],
      ['b', 'y'],
      ['c', 'x'],
      ['d', 'z'],
      ['e', 'v'],
    ]);
    expect(kept(map, 'abcde')).toBe('acde');
  });

  test('counts an entry that is set again as the newest, and leaves it to its first owner', () => {
    const map = filled([
      ['a', 'x'],
      ['b', 'x'],
      ['a', 'y'],
      ['c', 'x'],
    ]);
    expect([kept(map, 'abc'), map.size]).toEqual(['ac', 2]);
  });

  test('has room again for what was deleted', () => {
    const map = filled([
      ['a', 'x'],
      ['b', 'x'],
    ]);
    map.delete('a');
    map.delete('a');
    map.set('c', 'C', 'x');
    expect([kept(map, 'abc'), map.size, map.get('constructor')]).toEqual(['bc', 2, undefined]);
    for (const key of 'bc') map.delete(key);
    expect([map.size, map.oldest()]).toEqual([0, undefined]);
  });
});
