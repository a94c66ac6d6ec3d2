import { parseAst } from 'rollup/parseAst';
import { nodesOf, walk } from './tree';

/** Replaces text by text of the same length, so that source maps stay right. */
function respell(code: string, edits: { start: number; text: string }[]): string {
  let out = code;
  for (const { start, text } of edits) out = out.slice(0, start) + text + out.slice(start + text.length);
  return out;
}

/** One word for both: types have seen to it that nothing assigns to a `const`. Terser joins more of them then, too. */
export function onlyLet(code: string): string {
  const edits = nodesOf(parseAst(code))
    .flatMap((program) => [...walk(program)])
    .filter(({ node }) => node.type === 'VariableDeclaration' && node['kind'] === 'const')
    .map(({ node }) => ({ start: node.start, text: 'let  ' }));
  return respell(code, edits);
}

/** One kind of quotes: a text in plain quotes becomes a template, where both mean the same. */
export function onlyTemplates(code: string): string {
  const edits = nodesOf(parseAst(code))
    .flatMap((program) => [...walk(program)])
    .filter(({ node, parent }) => {
      if (node.type !== 'Literal' || typeof node['value'] !== 'string') return false;
      // Keys, sources of modules, `use strict` and the like; and after a line's end it would go on with the line.
      const isPlain = !/^(Property|MethodDefinition|PropertyDefinition|Import|Export)/.test(parent.type);
      const isValue = isPlain || (parent['value'] === node && parent['key'] !== node);
      return isValue && !('directive' in parent) && !/[`\\$\n]/.test(code.slice(node.start - 1, node.end));
    })
    .map(({ node }) => ({ start: node.start, text: `\`${code.slice(node.start + 1, node.end - 1)}\`` }));
  return respell(code, edits);
}
