import { chance, cooling, isKept, weigh } from './annealing';
import { type Draft, letters } from './draft';
import { Novelty } from './novelty';
import type { Layout } from './order';

export interface Effort {
  /** Steps that only look at how much is new in the text. */
  quick: number;
  /** How often names and order are chosen by turns: each time a little better, as the one has changed for the other. */
  rounds: number;
  /** Steps of a round that try names and compress the text: about 1 ms each. */
  names: number;
  /** Steps of a round that try an order. */
  moves: number;
  weigh?: (text: string) => number;
  seed?: number;
}

/** Chooses names and an order so that the text compresses well: tries others, and keeps what helps. */
export function choose(draft: Draft, layout: Layout, effort: Effort): void {
  const { quick, rounds, names, moves, seed = 1 } = effort;
  const weighed = (): number => (effort.weigh ?? weigh)(draft.toString());
  const random = chance(seed);
  const novelty = new Novelty(draft);
  const below = (count: number): number => Math.floor(random() * count);
  const any = <T>(list: readonly T[] = []): T | undefined => list[below(list.length)];

  /** Another name for one of them: mostly one that is much in use, at times the one of its property. */
  function propose(): Map<number, string> | undefined {
    const name = below(draft.names.length);
    const luck = random();
    const text = any(luck < 0.6 ? draft.called : luck < 0.95 ? letters : draft.names[name]?.keys);
    return text === undefined ? undefined : draft.exchange(name, text);
  }
  /** Tries another name; answers what takes it back, unless there is so much more new in the text that it is not worth a look. */
  function attempt(heat: number): (() => void) | undefined {
    const changes = propose();
    if (!changes) return undefined;
    const before = novelty.value;
    const takeBack = novelty.call(changes);
    if (isKept(novelty.value - before, heat, random)) return takeBack;
    takeBack();
    return undefined;
  }

  /** Another order; answers what puts it back. */
  function move(): (() => void) | undefined {
    const putBack = layout.move(below);
    draft.arrange(layout.ranges());
    return (
      putBack &&
      (() => {
        putBack();
        draft.arrange(layout.ranges());
      })
    );
  }
  /** Goes on from the best that is known, and ends with it. */
  function search(change: () => (() => void) | undefined, steps: number, heat: number): void {
    let weight = weighed();
    let best = { weight, called: [...draft.called], order: layout.state() };
    for (let step = 0, tries = 0; step < steps && tries < 100 * steps; tries++) {
      const takeBack = change();
      if (!takeBack) continue;
      const now = weighed();
      if (isKept(now - weight, cooling(heat, 0.05, step++ / steps), random)) weight = now;
      else takeBack();
      if (weight < best.weight) best = { weight, called: [...draft.called], order: layout.state() };
    }
    draft.call(new Map(best.called.entries()));
    layout.restore(best.order);
    draft.arrange(layout.ranges());
  }

  for (let step = 0; step < quick; step++) attempt(cooling(3, 0.5, step / quick));
  for (let round = 0; round < rounds; round++) {
    search(() => attempt(4), names, 0.4);
    search(move, moves, round ? 0.5 : 1);
  }
}
