/**
 * What an expression yields.
 *
 * Numbers are IEEE doubles; the reference server reckons with 68 decimal digits, but reads data as 32-bit floats. So
 * `0.1+0.2=0.3` is true there and false here, `v=0.1` is false there for data of 0.1 and true here, and from 2^24 on
 * keys keep digits here that they lose there.
 */
export type Value = number | boolean | null;

/** A value that is worked out only when it is asked for. */
export type Lazy = () => Value;

/** No result. It is NaN, which no result is otherwise, and whatever works with it has no result, either. */
export const failed = Number.NaN;

export function isFailed(value: Value): boolean {
  return Number.isNaN(value);
}

/** The number, unless it is beyond what a double can hold; there is no negative zero. */
export function sound(number: number): number {
  return Number.isFinite(number) ? number + 0 : failed;
}

export function numberOf(value: Value): number {
  return value === null ? failed : Number(value);
}

/** Whether a value counts as true; {@link failed} and `null` are neither true nor false. */
export function truthOf(value: Value): boolean | undefined {
  return value === null || isFailed(value) ? undefined : value !== false && value !== 0;
}

/** Without parts that can share characters: texts may be long. */
const numeral = /^[\0- ]*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?[\0- ]*$/i;

/** The number in the JSON text of a value; texts that read as numbers count. */
export function readNumber(json: string): number {
  const value: unknown = JSON.parse(json);
  if (typeof value === 'number') return sound(value);
  return typeof value === 'string' && numeral.test(value) ? sound(Number(value.trim())) : failed;
}

/**
 * A number as JSON, in the fewest digits that tell a 32-bit float from its neighbours, as at the reference server.
 *
 * @example
 * printNumber(5); //=> '5.0'
 * printNumber(0.1 + 0.2); //=> '0.3'
 */
export function printNumber(number: number): string | undefined {
  const single = Math.fround(number);
  if (!Number.isFinite(single)) return undefined;
  let shortest = single + 0;
  for (let digits = 1; digits <= 9; digits++) {
    shortest = Number(single.toPrecision(digits)) + 0;
    if (Math.fround(shortest) === single) break;
  }
  const text = String(shortest);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}
