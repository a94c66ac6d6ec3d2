import { parseAst } from 'rollup/parseAst';
import { chance, cooling, isKept, weigh } from './annealing';
import { childrenOf, type Node, nodesOf } from './tree';

/** A stretch of text with functions in it, each of which may stand where another one of its list stands. */
interface Stretch {
  start: number;
  end: number;
  slots: { list: Stretch[]; index: number; start: number; end: number }[];
}

/**
 * Puts function declarations of the same block into the order that compresses best: like next to like. They are there
 * before the first line of the block runs, so that their order means nothing.
 */
export function orderFunctions(code: string, steps: number, seed = 1): { text: string; from: number }[] {
  const lists: Stretch[][] = [];

  function read(node: Node, into: Stretch): void {
    const inBlock = /^(Program|BlockStatement)$/.test(node.type) ? nodesOf(node['body']) : [];
    const functions = inBlock.filter(({ type }) => type === 'FunctionDeclaration');
    const list: Stretch[] = functions.map(({ start, end }) => ({ start, end, slots: [] }));
    if (list.length > 1) lists.push(list);
    const inTextOrder = childrenOf(node).sort((a, b) => a.start - b.start);
    for (const child of inTextOrder) {
      const index = functions.indexOf(child);
      const own = list[index];
      if (own) into.slots.push({ list, index, start: own.start, end: own.end });
      read(child, own ?? into);
    }
  }
  const whole: Stretch = { start: 0, end: code.length, slots: [] };
  for (const program of nodesOf(parseAst(code))) read(program, whole);

  function* pieces({ start, end, slots }: Stretch): Generator<{ text: string; from: number }> {
    let from = start;
    for (const slot of slots) {
      yield { text: code.slice(from, slot.start), from };
      const stands = slot.list[slot.index];
      if (stands) yield* pieces(stands);
      from = slot.end;
    }
    yield { text: code.slice(from, end), from };
  }
  const textNow = (): string => [...pieces(whole)].map(({ text }) => text).join('');

  const random = chance(seed);
  const movable = lists.flatMap((list) => list.map(() => list));
  let weight = weigh(code);
  let best = { weight, pieces: [...pieces(whole)] };
  for (let step = 0; step < steps && movable.length > 0; step++) {
    const list = movable[Math.floor(random() * movable.length)] ?? [];
    const before = [...list];
    const moved = list.splice(Math.floor(random() * list.length), 1);
    list.splice(Math.floor(random() * (list.length + 1)), 0, ...moved);
    const now = weigh(textNow());
    if (isKept(now - weight, cooling(1, 0.1, step / steps), random)) weight = now;
    else list.splice(0, list.length, ...before);
    if (weight < best.weight) best = { weight, pieces: [...pieces(whole)] };
  }
  return best.pieces;
}
