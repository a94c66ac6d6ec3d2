import { kindOf } from './json';
import { nearestName } from './nearest-name';

/** @throws TypeError that says so, and `why` */
export function refuse(what: string, value: unknown, why = ''): never {
  throw new TypeError(`${what} cannot be ${shown(value)}${why}`);
}

/**
 * Throws unless `given` is an object that has no other keys than the `known` ones.
 *
 * @param inside where the options stand among others, such as `outbox`
 * @throws TypeError that names the nearest known option, or all of them
 */
export function checkOptions(given: object, known: readonly string[], inside?: string): void {
  if (kindOf(given) !== 'Object') refuse(inside ?? 'options', given, `: use an object with ${choiceOf(known)}`);
  for (const name of Object.keys(given)) if (!known.includes(name)) refuseUnknown('option', name, known, inside);
}

/**
 * @param kind of name, such as `event`
 * @throws TypeError that names the nearest of the `known` names, or all of them
 */
export function refuseUnknown(kind: string, name: string, known: readonly string[], inside?: string): never {
  const place = inside === undefined ? '' : `${inside}.`;
  const nearest = nearestName(name, known);
  const advice = nearest === undefined ? `use ${choiceOf(known)}` : `did you mean "${place}${nearest}"?`;
  throw new TypeError(`Unknown ${kind} "${place}${name}": ${advice}`);
}

/**
 * @throws TypeError unless `value` is one of the words
 * @example
 * checkWord('whenOffline', 'later', ['queue', 'latest', 'drop']);
 * //=> TypeError: whenOffline must be 'queue', 'latest' or 'drop', not 'later'
 */
export function checkWord(what: string, value: unknown, words: readonly string[]): void {
  if (words.some((word) => word === value)) return;
  const given = typeof value === 'string' ? `'${value}'` : shown(value);
  throw new TypeError(`${what} must be ${choiceOf(words.map((word) => `'${word}'`))}, not ${given}`);
}

/** @throws RangeError for the first of `values` that is neither undefined nor a number of at least `least` */
export function checkNumbers(values: object, least = 0): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || (typeof value === 'number' && value >= least)) continue;
    const bound = least === -Infinity ? '' : ` of at least ${least}`;
    throw new RangeError(`${name} must be a number${bound}, not ${shown(value)}`);
  }
}

/** Anything that was given, for a sentence. Not every value can become text by itself. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `"${value}"`;
  return value === null || !/^(object|function|symbol)$/.test(typeof value) ? String(value) : kindOf(value);
}

function choiceOf(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter(Boolean).join(' or ');
}
