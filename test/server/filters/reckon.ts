import { readData } from '../../../src/protocol/raw-json';
import { createFunctions } from '../../../src/server/filters/functions';

/** What a filter or transform gets to see. */
export type Sample = Readonly<Record<string, unknown>>;

/** The JSON text that a transform makes of an expression; undefined when there is no result. */
export function reckon(expression: string, sample: Sample = {}): string | undefined {
  const data = createFunctions(`transform(result,${expression})`).apply(readData(JSON.stringify(sample)));
  return new Map(data?.members()).get('result');
}

/** Whether a filter lets a message through. */
export function passes(expression: string, sample: Sample = {}): boolean {
  return createFunctions(`filter(${expression})`).apply(readData(JSON.stringify(sample))) !== undefined;
}

/** What subscribers with these functions get of a row of messages: JSON text, or undefined for nothing. */
export function replies(functions: string, samples: readonly Sample[]): (string | undefined)[] {
  const { apply } = createFunctions(functions);
  return samples.map((sample) => apply(readData(JSON.stringify(sample)))?.text);
}
