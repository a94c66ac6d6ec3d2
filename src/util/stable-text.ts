import { isObject } from '../protocol/message';

/** The JSON text of a value, with sorted keys: equal values have equal texts. */
export function stableText(value: unknown): string {
  return JSON.stringify(value, (_key, it) => (isObject(it) ? Object.fromEntries(Object.entries(it).sort()) : it));
}
