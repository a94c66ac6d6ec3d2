import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyData, readData } from '../../../src/protocol/raw-json';
import { createFunctions, splitFunctions } from '../../../src/server/filters/functions';
import { passes, reckon } from './reckon';

const sample = { a: 3, b: -2, c: 0.25, nought: 0 };
type Outcome = number | boolean;

/** An expression as text, and what it comes to; working it out throws where there is no result. */
interface Case {
  readonly text: string;
  outcome(): Outcome;
}

function number(value: Outcome): number {
  // There is no negative zero.
  if (typeof value === 'number' && Number.isFinite(value)) return value + 0;
  throw new Error(`${value} is no number`);
}

const operations: Readonly<Record<string, (left: () => Outcome, right: () => Outcome) => Outcome>> = {
  '^': (left, right) => number(number(left()) ** number(right())),
  '*': (left, right) => number(number(left()) * number(right())),
  '/': (left, right) => number(number(left()) / number(right())),
  '%': (left, right) => number(number(left()) % number(right())),
  '+': (left, right) => number(number(left()) + number(right())),
  '-': (left, right) => number(number(left()) - number(right())),
  '<': (left, right) => ordered(left(), right()) < 0,
  '<=': (left, right) => ordered(left(), right()) <= 0,
  '>': (left, right) => ordered(left(), right()) > 0,
  '>=': (left, right) => ordered(left(), right()) >= 0,
  '=': (left, right) => Object.is(left(), right()),
  '==': (left, right) => Object.is(left(), right()),
  '!=': (left, right) => !Object.is(left(), right()),
  '<>': (left, right) => !Object.is(left(), right()),
  '&&': (left, right) => Boolean(left()) && Boolean(right()),
  '||': (left, right) => Boolean(left()) || Boolean(right()),
};

function ordered(left: Outcome, right: Outcome): number {
  const [a, b] = typeof left === 'boolean' ? [left, Boolean(right)] : [left, Number(right)];
  return a < b ? -1 : Number(a > b);
}

/** From the most to the least binding; each level is folded in a pass of its own over the flat row. */
const levels = [['^'], ['*', '/', '%'], ['+', '-'], ['<', '<=', '>', '>='], ['=', '==', '!=', '<>'], ['&&'], ['||']];

function fold(operands: readonly Case[], operators: readonly string[]): () => Outcome {
  let row = operands.map(({ outcome }) => outcome);
  let between = [...operators];
  for (const level of levels) {
    for (;;) {
      const at =
        level[0] === '^' ? between.lastIndexOf('^') : between.findIndex((operator) => level.includes(operator));
      const [left, right, work] = [row[at], row[at + 1], operations[between[at] ?? '']];
      if (!left || !right || !work) break;
      row = [...row.slice(0, at), () => work(left, right), ...row.slice(at + 2)];
      between = between.filter((_, index) => index !== at);
    }
  }
  return row[0] ?? (() => Number.NaN);
}

const call = (name: string, args: readonly Case[], outcome: () => Outcome): Case => ({
  text: `${name}(${args.map(({ text }) => text).join(', ')})`,
  outcome,
});

const literal = fc.constantFrom('0', '1', '2', '3', '10', '0.5', '1.25', '1e2', '0x1F').map<Case>((text) => ({
  text,
  outcome: () => Number(text),
}));
const variable = fc.constantFrom<keyof typeof sample>('a', 'b', 'c', 'nought').map<Case>((text) => ({
  text,
  outcome: () => sample[text],
}));
const truth = fc.boolean().map<Case>((value) => ({ text: String(value).toUpperCase(), outcome: () => value }));

const { expression } = fc.letrec<{ operand: Case; expression: Case }>((tie) => ({
  operand: fc.oneof(
    { maxDepth: 3 },
    { weight: 3, arbitrary: literal },
    { weight: 3, arbitrary: variable },
    { weight: 1, arbitrary: truth },
    tie('expression').map<Case>(({ text, outcome }) => ({ text: `(${text})`, outcome })),
    tie('operand').map<Case>(({ text, outcome }) => ({ text: `-${text}`, outcome: () => 0 - number(outcome()) })),
    tie('operand').map<Case>(({ text, outcome }) => ({ text: `!${text}`, outcome: () => !outcome() })),
    tie('expression').map((inner) => call('Abs', [inner], () => Math.abs(Number(inner.outcome())))),
    fc
      .tuple(tie('expression'), tie('expression'))
      .map((args) => call('MAX', args, () => Math.max(...args.map(({ outcome }) => Number(outcome()))))),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map((args) => call('if', args, () => (args[0].outcome() ? args[1].outcome() : args[2].outcome()))),
    fc.tuple(fc.constantFrom('2', '3'), variable).map<Case>(([factor, inner]) => ({
      text: `(${factor}${inner.text})`,
      outcome: () => Number(factor) * number(inner.outcome()),
    })),
  ),
  expression: fc
    .tuple(
      fc.array(tie('operand'), { minLength: 1, maxLength: 5 }),
      fc.array(fc.constantFrom(...Object.keys(operations)), { minLength: 4, maxLength: 4 }),
      fc.constantFrom('', ' '),
    )
    .map<Case>(([operands, operators, blank]) => {
      const used = operators.slice(0, operands.length - 1);
      const text = operands.map((operand, index) => `${operand.text}${blank}${used[index] ?? ''}${blank}`).join('');
      return { text, outcome: fold(operands, used) };
    }),
}));

function expected(outcome: () => Outcome): Outcome | undefined {
  try {
    return outcome();
  } catch {
    return undefined;
  }
}

const short = expression.filter(({ text }) => text.length < 600);

describe('expressions of chance', () => {
  test('come to what working them out level by level comes to', () => {
    fc.assert(
      fc.property(short, ({ text, outcome }) => {
        const wanted = expected(outcome);
        const single = Math.fround(Number(wanted));
        const got = reckon(text, sample);
        if (wanted === undefined || !Number.isFinite(single)) expect(got).toBeUndefined();
        else expect(Math.fround(Number(got))).toBe(single + 0);
        expect(passes(text, sample)).toBe(Boolean(wanted));
      }),
      { numRuns: 2_000 },
    );
  });

  test('have a result often enough for that to mean something', () => {
    const cases = fc.sample(short, { numRuns: 500, seed: 1 });
    const withResult = cases.filter(({ outcome }) => expected(outcome) !== undefined);
    expect(withResult.length).toBeGreaterThan(150);
    expect(new Set(withResult.map(({ text }) => text)).size).toBeGreaterThan(150);
  });
});

const scraps = fc
  .array(
    fc.constantFrom(
      ...['filter(', 'transform(', 'transform(r,', ')', '(', ',', ';', 'v', 'w', '1', '.5', '1e', '0x', 'e9', '!', '-'],
      ...['^', '&&', '||', '=', '<>', '%', ' ', 'sum(v,', 'mean(', 'if(', 'fact(', 'null', 'true', 'round(', '[', ']'],
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''));
const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), scraps);

describe('text of chance', () => {
  test('is taken apart or refused, and never throws', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const split = splitFunctions(text);
        if (split?.functions === undefined) expect(split?.channel ?? text).toBe(text);
        else expect(text.startsWith(`${split.channel.replace(/:.*/s, '')}[${split.functions}]`)).toBe(true);
      }),
    );
  });

  test('gives data that can be read, or nothing', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, wrapped) => {
        const functions = createFunctions(wrapped ? `transform(r,${text});filter(${text})` : text);
        for (const data of [emptyData, readData('{"v":1,"w":"2"}'), readData('{"v":"x","__proto__":[1]}')]) {
          const changed = functions.apply(data);
          if (changed) expect(readData(changed.text).text).toBe(changed.text);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  const long = (part: string): string => part.repeat(Math.floor(3_900 / part.length));
  test.each([
    ...['(', ')', '-', '!', '1', '1.', '1e', '.', ' ', 'v', 'v+', '2^', '(1)', 'max(', 'if(1,', 'sum(v,50)+', ',', 'é'],
    ...['fact(1e9)+', '9^9^9^', 'round(1,1e9)+', 'filter(', ');', 'filter(1);', 'transform(r,sum(v,50));', '0x', '"'],
  ])('of %j over and over ends', (part) => {
    for (const text of [long(part), `${long(part)}1`, `filter(${long(part)}x)`, `transform(r,${long(part)}1)`]) {
      const functions = createFunctions(text);
      for (let times = 0; times < 60; times++) functions.apply(readData('{"v":1}'));
    }
  });
});
