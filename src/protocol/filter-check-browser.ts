import type { Expressions } from './subscription-syntax';

// Here, in pages, what reads expressions is loaded when it is needed; `filter-check-node.ts` has it at hand.

/**
 * Checks expressions while they are on their way: what reads them is loaded only by pages that use some.
 *
 * @returns why the first that cannot work does not; rejects when what reads them cannot be loaded
 */
export async function checkFilters(expressions: Expressions): Promise<TypeError | undefined> {
  const { problemIn } = await import('./subscription-syntax');
  return problemIn(expressions);
}
