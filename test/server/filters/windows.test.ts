import { describe, expect, test } from 'vitest';
import { widestWindow } from '../../../src/server/filters/limits';
import { replies, type Sample } from './reckon';

const numbers = (...values: readonly (number | string)[]): Sample[] => values.map((v) => ({ v }));

/** What a transform writes for each of these messages; undefined for nothing. */
function row(expression: string, samples: readonly Sample[]): (number | undefined)[] {
  return replies(`transform(r,${expression})`, samples).map((text) => {
    const { r }: { r?: number } = JSON.parse(text ?? '{}');
    return r;
  });
}

describe('windows', () => {
  test.each([
    ['sum(v,3)', [3, 9, 18, 27, 20]],
    ['mean(v,3)', [1, 3, 6, 9, 6.6666665]],
    ['emin(v,3)', [3, 3, 3, 6, -1]],
    ['emax(v,3)', [3, 6, 9, 12, 12]],
    ['stdev(v,2)', [1.0606601, 1.5, 1.5, 1.5, 6.5]],
    ['sum(v,1)', [3, 6, 9, 12, -1]],
    ['sum(v,2.9)', [3, 9, 15, 21, 11]],
    ['mean(v,2.9)', [1.5, 4.5, 7.5, 10.5, 5.5]],
    ['sum(v>3,3)', [0, 1, 2, 3, 2]],
    ['sum(mean(v,2),2)', [1.5, 6, 12, 18, 16]],
    ['v-mean(v,1)', [0, 0, 0, 0, 0]],
  ])('%s looks back over the last messages', (expression, expected) => {
    expect(row(expression, numbers(3, 6, 9, 12, -1))).toEqual(expected);
  });

  test('are divided by their width even while they fill up', () => {
    const agg = 'transform(s,sum(v,2));transform(sd,stdev(v,2));transform(lo,emin(v,2));transform(hi,emax(v,2))';
    expect(replies(agg, numbers(1, 5, 2))).toEqual([
      '{"v":1,"s":1.0,"sd":0.35355338,"lo":1.0,"hi":1.0}',
      '{"v":5,"s":6.0,"sd":2.0,"lo":1.0,"hi":5.0}',
      '{"v":2,"s":7.0,"sd":1.5,"lo":2.0,"hi":5.0}',
    ]);
  });

  test('do not move for messages that a filter before them drops', () => {
    expect(replies('transform(m,mean(v,3));filter(v>0)', numbers(3, 6, -1, 9))).toEqual([
      '{"v":3,"m":1.0}',
      '{"v":6,"m":3.0}',
      undefined,
      '{"v":9,"m":6.0}',
    ]);
    expect(replies('filter(v>3);filter(sum(v,2)>9)', numbers(3, 6, 1, 4))).toEqual([
      undefined,
      undefined,
      undefined,
      '{"v":4}',
    ]);
  });

  test('do not move for messages without a number', () => {
    expect(row('sum(v,2)', numbers(1, 'text', 2))).toEqual([1, undefined, 3]);
    expect(row('sum(1/v,2)', numbers(1, 0, 0.5))).toEqual([1, undefined, 3]);
  });

  test('remember only what is worked out', () => {
    expect(row('if(v>3,sum(v,2),0)', numbers(4, 1, 5))).toEqual([4, 0, 9]);
  });

  test('are one each: two of a name do not mix', () => {
    const samples = [
      { v: 1, w: 10 },
      { v: 2, w: 20 },
      { v: 3, w: 30 },
    ];
    expect(row('mean(v,2)*1000+mean(w,2)', samples)).toEqual([505, 1515, 2525]);
    expect(replies('transform(p,mean(v,2));transform(q,mean(w,2))', samples).at(-1)).toBe(
      '{"v":3,"w":30,"p":2.5,"q":25.0}',
    );
  });

  test('take their width from the first message that has one', () => {
    const samples = [
      { v: 1, w: 0 },
      { v: 1, w: 'text' },
      { v: 1, w: 2 },
      { v: 1, w: 9 },
      { v: 1, w: 9 },
    ];
    expect(row('sum(v,w)', samples)).toEqual([undefined, undefined, 1, 2, 2]);
    expect(row('sum(v,2/w)', samples.slice(2, 3).concat(samples.slice(0, 1)))).toEqual([1, undefined]);
  });

  test.each(['sum(v,0)', 'sum(v,-1)', 'sum(v,0.9)', 'sum(v,null)', 'sum(null,2)', 'sum(v,0/0)'])(
    '%s has no result',
    (expression) => {
      expect(row(expression, numbers(1, 2))).toEqual([undefined, undefined]);
    },
  );

  test('remember so many values at most', () => {
    const samples = numbers(...Array(widestWindow + 5).fill(1));
    for (const width of [widestWindow, widestWindow + 1, 1e9]) {
      expect(row(`sum(v,${width})`, samples).slice(-6)).toEqual(Array(6).fill(widestWindow));
    }
    expect(row(`sum(v,${widestWindow - 1})`, samples).at(-1)).toBe(widestWindow - 1);
    expect(row('mean(v,1e9)', samples)[0]).toBe(0.02);
  });

  test('have no result when it is too large, and recover', () => {
    expect(row('sum(v,2)>0', numbers(1.5e308, 1.5e308, 1))).toEqual([1, undefined, 1]);
  });
});
