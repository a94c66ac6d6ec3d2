import { chance, cooling, isKept, weigh } from './annealing';
import { type Draft, letters } from './draft';
import { Novelty } from './novelty';

export interface Effort {
  /** Steps that only look at how much is new in the text. */
  quick: number;
  /** Steps that compress it: about 0.5 ms each. */
  exact: number;
  seed?: number;
}

/** Chooses names so that the text compresses well: tries others, and keeps what helps. */
export function chooseNames(draft: Draft, { quick, exact, seed = 1 }: Effort): void {
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

  for (let step = 0; step < quick; step++) attempt(cooling(3, 0.5, step / quick));

  let weight = weigh(draft.toString());
  let best = { weight, called: [...draft.called] };
  for (let step = 0; step < exact; ) {
    const takeBack = attempt(4);
    if (!takeBack) continue;
    const now = weigh(draft.toString());
    if (isKept(now - weight, cooling(0.4, 0.05, step++ / exact), random)) weight = now;
    else takeBack();
    if (weight < best.weight) best = { weight, called: [...draft.called] };
  }
  draft.call(new Map(best.called.entries()));
}
