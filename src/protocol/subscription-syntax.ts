import { readExpression } from './filter-syntax';

/** What a subscription wants of each message: to get it only when something holds, or with a key worked out anew. */
export type ChannelFunction =
  | { readonly kind: 'filter'; readonly expression: string }
  | { readonly kind: 'transform'; readonly key: string; readonly expression: string };

/**
 * Reads `filter(EXPRESSION)` and `transform(KEY,EXPRESSION)`, any number of them, with `;` between. As at the Java server,
 * what is neither is ignored, and so is what stands around one.
 */
export function readFunctions(text: string): ChannelFunction[] {
  return text.split(';').flatMap((part) => functionIn(part) ?? []);
}

function functionIn(part: string): ChannelFunction | undefined {
  const expression = inside(part, 'filter(');
  if (expression !== undefined) return { kind: 'filter', expression };
  const transform = inside(part, 'transform(');
  const comma = transform?.indexOf(',') ?? -1;
  if (transform === undefined || comma <= 0) return undefined;
  return { kind: 'transform', key: transform.slice(0, comma), expression: transform.slice(comma + 1) };
}

/** What is between `start` and the last `)`. */
function inside(part: string, start: string): string | undefined {
  const from = part.indexOf(start);
  const to = part.lastIndexOf(')');
  return from < 0 || to < from ? undefined : part.slice(from + start.length, to);
}

/** @throws TypeError for an expression that cannot be read, or can never mean what it says */
export function checkExpression(text: string): void {
  const { warning } = readExpression(text);
  if (warning) throw new TypeError(warning);
}

/** The parts of a subscription that servers are to work out. */
export interface Expressions {
  /** The text between the brackets of `NAME[FUNCTIONS]`, where it was written so. */
  readonly functions: string | undefined;
  /** What is given by itself; texts, unless the caller is mistaken. */
  readonly single: readonly unknown[];
}

/** Why the first expression that cannot work does not; undefined when all may. */
export function problemIn({ functions, single }: Expressions): TypeError | undefined {
  try {
    if (functions !== undefined) checkFunctions(functions);
    for (const text of single) if (typeof text === 'string') checkExpression(text);
    return undefined;
  } catch (problem) {
    if (problem instanceof TypeError) return problem;
    throw problem;
  }
}

/** @throws TypeError for the first function of `NAME[FUNCTIONS]` that cannot work */
export function checkFunctions(functions: string): void {
  for (const part of functions.split(';')) {
    const found = functionIn(part);
    if (!found) throw new TypeError(`"${part}" cannot be read: use filter(EXPRESSION) or transform(KEY,EXPRESSION)`);
    checkExpression(found.expression);
  }
}
