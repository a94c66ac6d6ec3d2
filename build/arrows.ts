import { parseAst } from 'rollup/parseAst';
import type { Piece } from './pieces';
import { childrenOf, type Node, nodesOf, walk } from './tree';

/** What a function has of its own, and an arrow has not. */
function isItsOwn({ type, name }: Node): boolean {
  return /^(This|MetaP|Super)/.test(type) || (type === 'Identifier' && name === 'arguments');
}

function hasItsOwn(node: Node): boolean {
  return childrenOf(node).some((child) => isItsOwn(child) || (!/^Function/.test(child.type) && hasItsOwn(child)));
}

/** Functions that nothing runs before, as they stand first in their block. */
function firstOf(block: Node): Node[] {
  const body = nodesOf(block['body']);
  const other = body.findIndex((node) => node.type !== 'FunctionDeclaration' && !('directive' in node));
  return body.slice(0, other < 0 ? undefined : other).filter(({ type }) => type === 'FunctionDeclaration');
}

/** `function f(a){…}` becomes `let f=(a)=>{…};`: one kind of text less, and Terser shortens it further. */
export function onlyArrows(code: string): Piece[] {
  const nodes = nodesOf(parseAst(code)).flatMap((program) => [program, ...[...walk(program)].map(({ node }) => node)]);
  const made = new Set(
    nodes
      .filter(({ type }) => type === 'NewExpression')
      .flatMap(({ callee }) => nodesOf(callee).map(({ name }) => name)),
  );
  const edits: { start: number; end: number; text: string }[] = [];
  for (const node of nodes.filter(({ type }) => /^(Program|BlockStatement)$/.test(type)).flatMap(firstOf)) {
    const [[id], [body]] = [nodesOf(node['id']), nodesOf(node['body'])];
    if (!id || !body || node['generator'] || made.has(id['name']) || hasItsOwn(node)) continue;
    edits.push(
      { start: node.start, end: id.start, text: 'let ' },
      { start: id.end, end: id.end, text: node['async'] ? '=async' : '=' },
      { start: body.start, end: body.start, text: '=>' },
      { start: node.end, end: node.end, text: ';' },
    );
  }
  const pieces: Piece[] = [];
  let from = 0;
  for (const { start, end, text } of edits.sort((a, b) => a.start - b.start)) {
    pieces.push({ text: code.slice(from, start), from }, { text, from: start });
    from = end;
  }
  return [...pieces, { text: code.slice(from), from }];
}
