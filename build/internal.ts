import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAst } from 'rollup/parseAst';
import { nodesOf, walk } from './tree';

/** Read from links, which others may have made. */
const ofLinks = ['ask', 'hear'];

const wordsOf = (text: string): string[] => text.match(/[\w$]+/g) ?? [];
const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');

function wordsIn(folder: string, isRead: (file: string) => boolean): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isRead);
  if (files.length === 0) throw new Error(`no declarations in ${folder}`);
  return files.flatMap((file) => wordsOf(withoutComments(readFileSync(join(folder, file), 'utf8'))));
}

/**
 * Tells which properties only this code itself knows, so that their names mean nothing to anybody: those that no
 * declaration of ours, of the language or of browsers has, that are not on the wire and in no text of the code.
 */
export function internalIn(code: string): (property: string) => boolean {
  const known = new Set([
    ...ofLinks,
    ...wordsIn('dist/types', (file) => file.endsWith('.d.ts')),
    ...wordsIn('node_modules/typescript/lib', (file) => /^lib\.(es|dom|decorators).*\.d\.ts$/.test(file)),
    ...[...readFileSync('PROTOCOL.md', 'utf8').matchAll(/```[\s\S]*?```|`[^`]*`/g)].flatMap(([span]) => wordsOf(span)),
  ]);
  for (const { node } of nodesOf(parseAst(code)).flatMap((program) => [...walk(program)])) {
    if (node.type === 'Literal' || node.type === 'TemplateElement') {
      for (const word of wordsOf(code.slice(node.start, node.end))) known.add(word);
    }
  }
  return (property) => !known.has(property) && !property.startsWith('_');
}
