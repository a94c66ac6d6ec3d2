import { parseAst } from 'rollup/parseAst';
import { childrenOf, type Node, nodesOf } from './tree';

/** A stretch of text with functions in it, each of which may stand where another one of its list stands. */
interface Stretch {
  /** What is called so, or called first. */
  word: string;
  start: number;
  end: number;
  slots: { list: Stretch[]; index: number; start: number; end: number }[];
}

/** The first name in something. */
function firstWord(node: Node): string {
  const [first] = childrenOf(node).sort((a, b) => a.start - b.start);
  return first ? firstWord(first) : String(node['name']);
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

/** The order of a text: like next to like compresses best. */
export class Layout {
  private readonly whole: Stretch;
  private readonly lists: Stretch[][] = [];
  /** The list of each thing that may change places. */
  private readonly movable: Stretch[][] = [];

  constructor(code: string) {
    this.whole = { word: '', start: 0, end: code.length, slots: [] };
    for (const program of nodesOf(parseAst(code))) this.read(program, this.whole);
  }

  /** The ranges of the text in their order now; where one begins or ends, nothing else is cut. */
  ranges(stretch = this.whole): [start: number, end: number][] {
    const ranges: [number, number][] = [];
    let from = stretch.start;
    for (const { list, index, start, end } of stretch.slots) {
      ranges.push([from, start]);
      const stands = list[index];
      if (stands) ranges.push(...this.ranges(stands));
      from = end;
    }
    return [...ranges, [from, stretch.end]];
  }

  /** Puts one thing elsewhere; answers what puts it back, or nothing where nothing may move. */
  move(below: (count: number) => number): (() => void) | undefined {
    const list = this.movable[below(this.movable.length)];
    if (!list) return undefined;
    const before = [...list];
    const moved = list.splice(below(list.length), 1);
    list.splice(below(list.length + 1), 0, ...moved);
    return () => void list.splice(0, list.length, ...before);
  }

  /** Where the things in each list stood in the text, in their order now. */
  state(): number[][] {
    return this.lists.map((list) => list.map(({ start }) => start));
  }

  restore(state: readonly (readonly number[])[]): void {
    for (const [index, list] of this.lists.entries()) {
      const places = new Map(state[index]?.map((start, place) => [start, place]));
      list.sort((a, b) => (places.get(a.start) ?? 0) - (places.get(b.start) ?? 0));
    }
  }

  /** The first word of each thing in each list, in their order now. */
  words(): string[][] {
    return this.lists.map((list) => list.map(({ word }) => word));
  }

  /** Takes an order for each list of words; what is not in it stays behind what stood before it. */
  arrange(orderOf: (words: readonly string[]) => readonly string[]): void {
    for (const list of this.lists) {
      const order = orderOf(list.map(({ word }) => word));
      let last = -1;
      const ranks = new Map(
        list.map((one) => {
          const rank = order.indexOf(one.word);
          last = rank < 0 ? last : rank;
          return [one, last];
        }),
      );
      list.sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
    }
  }

  private read(node: Node, into: Stretch): void {
    const groups = listsIn(node).map((nodes) => {
      const list: Stretch[] = nodes.map((one) => ({ word: firstWord(one), start: one.start, end: one.end, slots: [] }));
      if (list.length > 1) this.lists.push(list);
      if (list.length > 1) this.movable.push(...list.map(() => list));
      return { nodes, list };
    });
    for (const child of childrenOf(node).sort((a, b) => a.start - b.start)) {
      const { nodes, list } = groups.find((one) => one.nodes.includes(child)) ?? { nodes: [], list: [] };
      const index = nodes.indexOf(child);
      const own = list[index];
      if (own) into.slots.push({ list, index, start: own.start, end: own.end });
      this.read(child, own ?? into);
    }
  }
}
