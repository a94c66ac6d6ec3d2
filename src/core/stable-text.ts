import { kindOf } from './message';

/** The JSON text of a value, with sorted keys: equal values have equal texts. */
export function stableText(value: unknown): string {
  return JSON.stringify(value, (_key, it) =>
    kindOf(it) === 'Object' ? Object.fromEntries(Object.entries(it).sort()) : it,
  );
}
