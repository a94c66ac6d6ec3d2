import { parseAst } from 'rollup/parseAst';
import { chance, cooling, isKept, weigh } from './annealing';
import { childrenOf, type Node, nodesOf } from './tree';

/** A stretch of text with functions in it, each of which may stand where another one of its list stands. */
interface Stretch {
  start: number;
  end: number;
  slots: { list: Stretch[]; index: number; start: number; end: number }[];
}

/** Whether nothing runs to get this value. */
const isStill = (value?: Node): boolean => !value || /^(Arrow|Literal$|FunctionE)/.test(value.type);

/** A declaration or default that may come sooner or later. */
const isFree = ({ type, ...node }: Node): boolean =>
  type === 'VariableDeclarator' ? isStill(nodesOf(node['init'])[0]) : nodesOf(node['value']).every(isPlain);
const isPlain = ({ type, ...value }: Node): boolean =>
  type === 'Identifier' || (type === 'AssignmentPattern' && nodesOf(value['right']).every(isStill));

/**
 * Lists of what may change places. Function declarations are there before the first line of the block runs; of variables
 * next to each other, and of properties that are taken apart, none needs another.
 */
function listsIn(node: Node): Node[][] {
  switch (node.type) {
    case 'Program':
    case 'BlockStatement':
      return [nodesOf(node['body']).filter(({ type }) => type === 'FunctionDeclaration')];
    case 'VariableDeclaration': {
      const lists: Node[][] = [[]];
      for (const one of nodesOf(node['declarations'])) {
        if (isFree(one)) lists.at(-1)?.push(one);
        else lists.push([]);
      }
      return lists;
    }
    case 'ObjectPattern': {
      const properties = nodesOf(node['properties']).filter(({ type }) => type === 'Property');
      return properties.every(isFree) ? [properties] : [];
    }
    default:
      return [];
  }
}

/** Puts what may change places into the order that compresses best: like next to like. */
export function orderFunctions(code: string, steps: number, seed = 1): { text: string; from: number }[] {
  const lists: Stretch[][] = [];

  function read(node: Node, into: Stretch): void {
    const movable = listsIn(node).map((nodes) => {
      const list: Stretch[] = nodes.map(({ start, end }) => ({ start, end, slots: [] }));
      if (list.length > 1) lists.push(list);
      return { nodes, list };
    });
    const inTextOrder = childrenOf(node).sort((a, b) => a.start - b.start);
    for (const child of inTextOrder) {
      const { nodes, list } = movable.find((one) => one.nodes.includes(child)) ?? { nodes: [], list: [] };
      const index = nodes.indexOf(child);
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
