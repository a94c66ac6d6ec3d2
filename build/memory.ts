import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { wordOf } from './alike';
import type { Draft } from './draft';
import type { Layout } from './order';

const file = 'build/found.json';

/** What a search has found, by what things are called in the sources: names as `word name`, lists as their words in order. */
interface Found {
  readonly names: readonly string[];
  readonly order: readonly string[];
}

/** Pairs of places at which both lists say the same, in the order of both, as many as there can be. */
function alignment(old: readonly string[], now: readonly string[]): Map<number, number> {
  const lengths = Array.from({ length: old.length + 1 }, () => new Uint16Array(now.length + 1));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      const row = lengths[i];
      if (row) row[j] = old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs = new Map<number, number>();
  for (let i = 0, j = 0; i < old.length && j < now.length; ) {
    if (old[i] === now[j]) pairs.set(j++, i++);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}

const read = (): Found => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { names: [], order: [] });

/** The names that were found for what is there still. */
export function recallNames({ names }: Draft): Map<number, string> {
  const pairs = read().names.map((pair) => pair.split(' '));
  const old = pairs.map(([word = '']) => word);
  const found = alignment(
    old,
    names.map(({ text }) => wordOf(text)),
  );
  return new Map([...found].map(([name, place]) => [name, pairs[place]?.[1] ?? '']));
}

/** Takes the order that was found, where the same things are in it. */
export function recallOrder(layout: Layout): void {
  const old = read().order.map((words) => words.split(' '));
  layout.arrange((words) => {
    const shared = (one: readonly string[]): number => one.filter((word) => words.includes(word)).length;
    const best = old.reduce<readonly string[]>((a, b) => (shared(b) > shared(a) ? b : a), []);
    return best;
  });
}

export function remember(draft: Draft, layout: Layout): void {
  const names = draft.names.map(({ text }, name) => `${wordOf(text)} ${draft.called[name]}`);
  const order = layout.words().map((words) => words.join(' '));
  writeFileSync(file, `${JSON.stringify({ names, order } satisfies Found, undefined, 2)}\n`);
}
