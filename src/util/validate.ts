/** @throws TypeError that says so, and `why` */
export function refuse(what: string, value: unknown, why = ''): never {
  throw new TypeError(`${what} cannot be "${value}"${why}`);
}

/** @throws TypeError for the first option that is left over once the known ones are taken */
export function checkNoMore(unknown: object): void {
  for (const name of Object.keys(unknown)) refuse('an option', name);
}

/** @throws RangeError for the first of `values` that is neither undefined nor a number of at least `least` */
export function checkNumbers(values: object, least = 0): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || (typeof value === 'number' && value >= least)) continue;
    throw new RangeError(`${name} cannot be "${value}": at least ${least}`);
  }
}
