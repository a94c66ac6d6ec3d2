import { type Draft, letters } from './draft';

/** A name as the sources have it: Rollup numbers those that would be the same. */
export const wordOf = (text: string): string => text.replace(/\$\d+$/, '');

/**
 * Names to begin with: those that are wished for, wherever they fit. Of the rest, what is called alike in the sources gets
 * the same letter wherever it can, as things that are called alike are used alike.
 */
export function nameAlike(draft: Draft, wishes: ReadonlyMap<number, string> = new Map()): void {
  const { names, called, partsOf } = draft;
  const usesOf = (list: readonly number[]): number => list.reduce((sum, name) => sum + (partsOf[name]?.length ?? 0), 0);
  const named = new Map<number, string>();
  const fits = (name: number, text: string): boolean => {
    const { taken, rivals } = names[name] ?? { taken: new Set(), rivals: new Set<number>() };
    return !taken.has(text) && [...rivals].every((rival) => named.get(rival) !== text);
  };
  const groups = new Map<string, number[]>();
  for (const [name, { text }] of names.entries()) {
    const wish = wishes.get(name);
    if (wish !== undefined && fits(name, wish)) named.set(name, wish);
    if (named.has(name)) continue;
    const group = groups.get(wordOf(text)) ?? [];
    groups.set(wordOf(text), [...group, name]);
  }
  const pairs = letters.flatMap((first) => letters.map((second) => first + second));
  const loads = new Map(letters.map((letter) => [letter, 0]));
  for (const list of [...groups.values()].sort((a, b) => usesOf(b) - usesOf(a))) {
    // Letters much in use already are better than others, where as many can have them.
    const scores = letters.map((letter) => ({
      letter,
      score: usesOf(list.filter((name) => fits(name, letter))) * 1_000 + Math.min(loads.get(letter) ?? 0, 400),
    }));
    const { letter: best } = scores.reduce((a, b) => (b.score > a.score ? b : a));
    for (const name of list) {
      const text = [best, ...letters, ...pairs].find((one) => fits(name, one)) ?? called[name] ?? '';
      named.set(name, text);
      loads.set(text, (loads.get(text) ?? 0) + usesOf([name]));
    }
  }
  draft.call(named);
}
