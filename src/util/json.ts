/** Whether a value of JSON nests objects and lists more than `limit` deep. */
export function isDeeper(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return limit < 1 || Object.values(value).some((inner) => isDeeper(inner, limit - 1));
}

/** What kind of thing a value is: `Object`, `Array`, `Null`, `Map`, … */
export function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** Whether a value is an object with keys, and nothing else. */
export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  if (typeof value !== 'object' || value === null) return false;
  // Nearly all of them can be told by the first question, which is the faster one.
  return value.constructor === Object || kindOf(value) === 'Object';
}

/** The JSON text of a value, with sorted keys: equal values have equal texts. */
export function stableText(value: unknown): string {
  return JSON.stringify(value, (_key, it) => (isObject(it) ? Object.fromEntries(Object.entries(it).sort()) : it));
}
