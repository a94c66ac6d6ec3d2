import { type Expressions, problemIn } from './subscription-syntax';

/**
 * Checks expressions before they are sent.
 *
 * @throws TypeError for the first that cannot work
 */
export function checkFilters(expressions: Expressions): Promise<TypeError | undefined> | undefined {
  const problem = problemIn(expressions);
  if (problem) throw problem;
  return undefined;
}
