import type { Callable } from './callable';
import { not } from './operators';
import { failed, isFailed, type Lazy, numberOf, sound, truthOf, type Value } from './values';
import { windows } from './windows';

/** In lower case, as all names of {@link library}. */
export const constants: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['pi', Math.PI],
  ['e', Math.E],
]);

/** A function of numbers that has a result when all of them have one. */
function numeric(work: (...numbers: readonly number[]) => number): Callable {
  return {
    call(args) {
      const numbers = args.map((arg) => numberOf(arg()));
      return numbers.some(isFailed) ? failed : sound(work(...numbers));
    },
  };
}

const of1 = (work: (number: number) => number): Callable => numeric((number = 0) => work(number));
const of2 = (work: (a: number, b: number) => number): Callable => numeric((a = 0, b = 0) => work(a, b));

const toDegrees = (radians: number): number => radians * (180 / Math.PI);
const toRadians = (degrees: number): number => degrees * (Math.PI / 180);

const { sin, cos, tan, sinh, cosh, tanh, asin, acos, atan } = Math;

type Work = (number: number) => number;
const angles: readonly (readonly [name: string, work: Work])[] = [
  ['sin', sin],
  ['cos', cos],
  ['tan', tan],
  ['cot', (x) => 1 / tan(x)],
  ['sec', (x) => 1 / cos(x)],
  ['csc', (x) => 1 / sin(x)],
];
const arcs: readonly (readonly [name: string, work: Work])[] = [
  ['asin', asin],
  ['acos', acos],
  ['atan', atan],
  ['acot', (x) => Math.PI / 2 - atan(x)],
];
const plain: readonly (readonly [name: string, work: Work])[] = [
  ['abs', Math.abs],
  ['ceiling', Math.ceil],
  ['floor', Math.floor],
  ['fact', factorial],
  ['log', Math.log],
  ['log10', Math.log10],
  ['sqrt', Math.sqrt],
  ['deg', toDegrees],
  ['rad', toRadians],
  ['sinh', sinh],
  ['cosh', cosh],
  ['tanh', tanh],
  ['coth', (x) => 1 / tanh(x)],
  ['sech', (x) => 1 / cosh(x)],
  ['csch', (x) => 1 / sinh(x)],
  ['asinh', Math.asinh],
  ['acosh', Math.acosh],
  ['atanh', Math.atanh],
  ['acoth', (x) => Math.log((x + 1) / (x - 1)) / 2],
  // Angles are in degrees, unless the name ends in `r`.
  ...angles.flatMap(([name, work]) => [
    [name, (x: number) => work(toRadians(x))] as const,
    [`${name}r`, work] as const,
  ]),
  ...arcs.flatMap(([name, work]) => [[name, (x: number) => toDegrees(work(x))] as const, [`${name}r`, work] as const]),
];

const steady: readonly (readonly [name: string, callable: Callable])[] = [
  ...plain.map(([name, work]) => [name, of1(work)] as const),
  ['atan2', of2((y, x) => toDegrees(Math.atan2(y, x)))],
  ['atan2r', of2(Math.atan2)],
  ['round', of2(round)],
  ['random', numeric(Math.random)],
  ['min', numeric(Math.min)],
  ['max', numeric(Math.max)],
  ['average', numeric((...all) => all.reduce((sum, number) => sum + number, 0) / all.length)],
  ['not', { call: ([value]) => not(ask(value)) }],
  ['if', { call: choose }],
  ['switch', { call: pick }],
  ['coalesce', { call: firstOf }],
];

/** The functions by their names in lower case; gives one for each place that calls it. */
export const library: ReadonlyMap<string, () => Callable> = new Map([
  ...steady.map(([name, callable]) => [name, () => callable] as const),
  ...windows,
]);

function ask(lazy: Lazy | undefined): Value {
  return lazy ? lazy() : null;
}

function choose([condition, yes, no]: readonly Lazy[]): Value {
  const value = ask(condition);
  if (isFailed(value)) return failed;
  return truthOf(value) ? ask(yes) : ask(no);
}

/** `switch(VALUE, CASE, RESULT, CASE, RESULT, …, OTHERWISE)`; without the last, null. */
function pick([subject, ...rest]: readonly Lazy[]): Value {
  const value = ask(subject);
  let isOver = isFailed(value);
  for (let at = 0; at + 1 < rest.length && !isOver; at += 2) {
    const candidate = ask(rest[at]);
    if (candidate === value) return ask(rest[at + 1]);
    isOver = isFailed(candidate);
  }
  if (isOver) return failed;
  return rest.length % 2 === 1 ? ask(rest.at(-1)) : null;
}

function firstOf(args: readonly Lazy[]): Value {
  const values = args.map(ask);
  if (values.some(isFailed)) return failed;
  return values.find((value) => value !== null) ?? null;
}

/** As at the reference server: of the whole part, and 1 below 1. */
function factorial(number: number): number {
  let product = 1;
  for (let factor = 2; factor <= number && Number.isFinite(product); factor++) product *= factor;
  return product;
}

/** Rounds to `scale` decimals, halves to the even neighbour. Halves are those of the decimals that one reads. */
function round(number: number, scale: number): number {
  const shifted = shift(number, Math.trunc(scale));
  // There is nothing to round, or more decimals are asked for than there are.
  if (Math.abs(shifted) >= 2 ** 53) return number;
  const below = Math.floor(shifted);
  const up = shifted - below > 0.5 || (shifted - below === 0.5 && below % 2 !== 0);
  return shift(up ? below + 1 : below, -Math.trunc(scale));
}

/** Moves the decimal point in the text: multiplying by a power of ten would add errors of its own. */
function shift(number: number, places: number): number {
  const [digits, exponent = '0'] = String(number).split('e');
  return Number(`${digits}e${Number(exponent) + places}`);
}
