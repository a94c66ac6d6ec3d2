import { failed, isFailed, type Lazy, numberOf, sound, truthOf, type Value } from './values';

export interface Prefix {
  apply(value: Value): Value;
}

export interface Infix {
  /** The operator with more power takes the operand between two. */
  readonly power: number;
  readonly rightToLeft?: boolean;
  apply(left: Lazy, right: Lazy): Value;
}

/** Signs have more power than any infix operator, `^` included: `-2^2` is 4. */
export const prefixes: ReadonlyMap<string, Prefix> = new Map([
  ['+', { apply: (value) => (typeof value === 'number' ? value : failed) }],
  ['-', { apply: (value) => (typeof value === 'number' ? sound(-value) : failed) }],
  ['!', { apply: (value) => not(value) }],
]);

/** Only numbers can be reckoned with: the reference server joins other values to texts, which count as 0. */
function arithmetic(power: number, work: (left: number, right: number) => number, rightToLeft = false): Infix {
  return {
    power,
    rightToLeft,
    apply(first, second) {
      const [left, right] = [first(), second()];
      if (typeof left !== 'number' || typeof right !== 'number') return failed;
      // Not even NaN ^ 0 is a number here.
      return isFailed(left) || isFailed(right) ? failed : sound(work(left, right));
    },
  };
}

function comparison(test: (order: number) => boolean): Infix {
  return {
    power: 10,
    apply(left, right) {
      const order = compare(left(), right());
      return isFailed(order) ? failed : test(order);
    },
  };
}

/** Values of different kinds are never equal: `true` is not 1. */
function equality(wanted: boolean): Infix {
  return {
    power: 7,
    apply(first, second) {
      const [left, right] = [first(), second()];
      return isFailed(left) || isFailed(right) ? failed : (left === right) === wanted;
    },
  };
}

const equal = equality(true);
const unequal = equality(false);

const or: Infix = {
  power: 2,
  apply(left, right) {
    const truth = truthOf(left());
    return truth === false ? (truthOf(right()) ?? failed) : (truth ?? failed);
  },
};

const and: Infix = {
  power: 4,
  apply(left, right) {
    const truth = truthOf(left());
    return truth === true ? (truthOf(right()) ?? failed) : (truth ?? failed);
  },
};

/** What is meant where nothing is written, as in `2a`. */
export const times = arithmetic(30, (left, right) => left * right);

export const infixes: ReadonlyMap<string, Infix> = new Map([
  ['||', or],
  ['&&', and],
  ['=', equal],
  ['==', equal],
  ['!=', unequal],
  ['<>', unequal],
  ['<', comparison((order) => order < 0)],
  ['<=', comparison((order) => order <= 0)],
  ['>', comparison((order) => order > 0)],
  ['>=', comparison((order) => order >= 0)],
  ['+', arithmetic(20, (left, right) => left + right)],
  ['-', arithmetic(20, (left, right) => left - right)],
  ['*', times],
  ['/', arithmetic(30, (left, right) => left / right)],
  ['%', arithmetic(30, (left, right) => left % right)],
  ['^', arithmetic(40, (left, right) => left ** right, true)],
]);

export function not(value: Value): Value {
  const truth = truthOf(value);
  return truth === undefined ? failed : !truth;
}

/** Below 0, 0 or above 0. The left side says as what the two are compared: `2 > true`, but `true >= 2`. */
function compare(left: Value, right: Value): number {
  return typeof left === 'boolean' ? Number(left) - Number(truthOf(right)) : numberOf(left) - numberOf(right);
}
