import { describe, expect, test } from 'vitest';
import { library } from '../../../src/server/filters/library';
import { passes, reckon } from './reckon';

const sample = { v: 0.5, a: 2, n: -1.5, z: 0 };

const results: readonly (readonly [expression: string, expected: number])[] = [
  ['abs(n)', 1.5],
  ['ceiling(1.2)', 2],
  ['ceiling(n)', -1],
  ['floor(1.8)', 1],
  ['floor(n)', -2],
  ['fact(5)', 120],
  ['fact(3.7)', 6],
  ['fact(0)', 1],
  ['fact(-3)', 1],
  ['log(e)', 1],
  ['log10(1000)', 3],
  ['sqrt(16)', 4],
  ['sqrt(0)', 0],
  ['deg(pi)', 180],
  ['rad(180)', Math.PI],
  ['sinh(1)', 1.1752011936438014],
  ['cosh(1)', 1.5430806348152437],
  ['tanh(1)', 0.7615941559557649],
  ['coth(1)', 1.3130352854993312],
  ['sech(1)', 0.6480542736638855],
  ['csch(1)', 0.8509181282393216],
  ['asinh(1)', 0.881373587019543],
  ['asinh(-1)', -0.881373587019543],
  ['acosh(2)', 1.3169578969248166],
  ['atanh(v)', 0.5493061443340548],
  ['acoth(a)', 0.5493061443340548],
  ['sin(30)', 0.5],
  ['cos(60)', 0.5],
  ['tan(45)', 1],
  ['cot(45)', 1],
  ['sec(60)', 2],
  ['csc(30)', 2],
  ['sec(0)', 1],
  ['sinr(pi/6)', 0.5],
  ['cosr(pi/3)', 0.5],
  ['tanr(pi/4)', 1],
  ['cotr(pi/4)', 1],
  ['secr(pi/3)', 2],
  ['cscr(pi/6)', 2],
  ['asin(v)', 30],
  ['acos(v)', 60],
  ['atan(1)', 45],
  ['acot(1)', 45],
  ['acot(0)', 90],
  ['acot(-1)', 135],
  ['asinr(1)', Math.PI / 2],
  ['acosr(0)', Math.PI / 2],
  ['atanr(1)', Math.PI / 4],
  ['acotr(1)', Math.PI / 4],
  ['atan2(1,-1)', 135],
  ['atan2(-1,1)', -45],
  ['atan2r(1,1)', Math.PI / 4],
  ['round(2.5,0)', 2],
  ['round(3.5,0)', 4],
  ['round(-2.5,0)', -2],
  ['round(-3.5,0)', -4],
  ['round(2.51,0)', 3],
  ['round(2.675,2)', 2.68],
  ['round(0.15,1)', 0.2],
  ['round(0.25,1)', 0.2],
  ['round(1234.5,-2)', 1200],
  ['round(1250,-2)', 1200],
  ['round(1e-7,3)', 0],
  ['round(0.0000005,6)', 0],
  ['round(1.26,1.9)', 1.3],
  ['round(a,400)', 2],
  ['round(a,-400)', 0],
  ['round(1e21,2)', 1e21],
  ['min(a,v,n)', -1.5],
  ['max(v,a,n)', 2],
  ['min(a)', 2],
  ['max(true,v)', 1],
  ['average(1,2,6)', 3],
  ['average(a)', 2],
  ['not(z)', 1],
  ['not(a)', 0],
  ['if(a>1,10,20)', 10],
  ['if(z,10,20)', 20],
  ['if(null,10,20)', 20],
  ['switch(a,1,10,2,20,30)', 20],
  ['switch(1,1,10,1,20)', 10],
  ['switch(9,1,10,2,20,30)', 30],
  ['switch(true,1,10,true,20)', 20],
  ['coalesce(null,null,4,5)', 4],
  ['coalesce(v)', 0.5],
  ['sum(a,3)', 2],
  ['mean(a,4)', 0.5],
  ['stdev(a,1)', 0],
  ['emin(a,3)', 2],
  ['emax(n,3)', -1.5],
];

describe('functions', () => {
  test.each(results)('%s is %d', (expression, expected) => {
    expect(Number(reckon(expression, sample))).toBeCloseTo(expected, Math.abs(expected) < 1e6 ? 6 : -15);
  });

  test('are all tried here, but for the one of chance', () => {
    const tried = new Set(results.map(([expression]) => expression.replace(/\(.*/, '')));
    expect([...library.keys()].filter((name) => !tried.has(name))).toEqual(['random']);
  });

  test('are called in any case, with blanks where one likes', () => {
    expect(reckon('MiN ( 3 , 2 )')).toBe('2.0');
    expect(reckon('SUM(1,2)+Mean(4,2)')).toBe('3.0');
  });

  test.each([...library.keys()])('%s gives no result when an argument has none', (name) => {
    const args = { random: '', if: '0/0,1,2', switch: '0/0,1,2', not: '0/0' }[name] ?? '0/0,0/0';
    const one = [`${name}(${args})`, `${name}(0/0)`].map((expression) => reckon(expression));
    if (name !== 'random') expect(one).toEqual([undefined, undefined]);
  });

  test.each([
    ...['sqrt(-1)', 'log(0)', 'log(-1)', 'log10(0)', 'asin(1.1)', 'asin(-1.1)', 'acos(2)', 'acosr(-2)', 'asinr(2)'],
    ...['acosh(0.5)', 'atanh(1)', 'atanh(-1)', 'acoth(1)', 'acoth(0)', 'cot(0)', 'csc(0)', 'coth(0)', 'csch(0)'],
    ...['fact(200)', 'fact(1e300)', 'max(null,1)', 'abs(null)', 'round(1,null)', 'switch(9,1,10)', 'coalesce()'],
    ...['if(1/0,1,1)', 'switch(1/0,1,1,1)', 'switch(1,1/0,1,1)', 'coalesce(1,1/0)', 'not(null)', 'cosh(1000)'],
  ])('%s has no result', (expression) => {
    expect(reckon(`${expression}*0`)).toBeUndefined();
    expect(reckon(expression)).toBeUndefined();
  });

  test('look at nothing that they do not choose', () => {
    expect(reckon('if(1,2,1/0)')).toBe('2.0');
    expect(reckon('if(0,1/0,3)')).toBe('3.0');
    expect(reckon('switch(1,1,5,1/0,1/0,1/0)')).toBe('5.0');
    expect(passes('if(v>1,1,w)', { v: 2 })).toBe(true);
  });

  test('that take one number refuse none and two', () => {
    for (const expression of ['abs()', 'abs(1,2)', 'round(1)', 'round(1,2,3)', 'random(1)', 'min()', 'switch(1,2)']) {
      expect(reckon(expression)).toBeUndefined();
    }
  });

  test('of chance give a number from 0 up to 1', () => {
    expect(reckon('random()')).toBeDefined();
    expect(passes('random()>=0 && random()<1')).toBe(true);
    const { size } = new Set(Array.from({ length: 20 }, () => reckon('random()')));
    expect(size).toBeGreaterThan(1);
  });
});
