import { failed, isFailed, type Lazy, numberOf, sound, truthOf, type Value } from './values';

export interface Prefix {
  apply(value: Value): Value;
}

export interface Infix {
  apply(left: Lazy, right: Lazy): Value;
}

export const prefixes: ReadonlyMap<string, Prefix> = new Map([
  ['+', { apply: (value) => (typeof value === 'number' ? value : failed) }],
  ['-', { apply: (value) => (typeof value === 'number' ? sound(-value) : failed) }],
  ['!', { apply: (value) => not(value) }],
]);

/** Only numbers can be reckoned with: the reference server joins other values to texts, which count as 0. */
function arithmetic(work: (left: number, right: number) => number): Infix {
  return {
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
    apply(left, right) {
      const order = compare(left(), right());
      return isFailed(order) ? failed : test(order);
    },
  };
}

/** Values of different kinds are never equal: `true` is not 1. */
function equality(wanted: boolean): Infix {
  return {
    apply(first, second) {
      const [left, right] = [first(), second()];
      return isFailed(left) || isFailed(right) ? failed : (left === right) === wanted;
    },
  };
}

const equal = equality(true);
const unequal = equality(false);

const or: Infix = {
  apply(left, right) {
    const truth = truthOf(left());
    return truth === false ? (truthOf(right()) ?? failed) : (truth ?? failed);
  },
};

const and: Infix = {
  apply(left, right) {
    const truth = truthOf(left());
    return truth === true ? (truthOf(right()) ?? failed) : (truth ?? failed);
  },
};

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
  ['+', arithmetic((left, right) => left + right)],
  ['-', arithmetic((left, right) => left - right)],
  ['*', arithmetic((left, right) => left * right)],
  ['/', arithmetic((left, right) => left / right)],
  ['%', arithmetic((left, right) => left % right)],
  ['^', arithmetic((left, right) => left ** right)],
]);

export function not(value: Value): Value {
  const truth = truthOf(value);
  return truth === undefined ? failed : !truth;
}

/** Below 0, 0 or above 0. The left side says as what the two are compared: `2 > true`, but `true >= 2`. */
function compare(left: Value, right: Value): number {
  return typeof left === 'boolean' ? Number(left) - Number(truthOf(right)) : numberOf(left) - numberOf(right);
}
