/** @throws TypeError that says so, and `why` */
export function refuse(what: string, value: unknown, why = ''): never {
  throw new TypeError(`${what} cannot be "${value}"${why}`);
}

/** @throws TypeError for the first option that is left over once the known ones are taken */
export function checkNoMore(unknown: object): void {
  for (const name in unknown) refuse('an option', name);
}

/** @throws RangeError unless `value` is undefined or a number of at least `least` */
export function checkNumber(what: string, value: unknown, least = 0): void {
  if (value === undefined || (typeof value === 'number' && value >= least)) return;
  throw new RangeError(`${what} cannot be "${value}": at least ${least}`);
}
