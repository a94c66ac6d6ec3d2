/** A piece of the new text, and where it stood in the old one. */
export interface Piece {
  text: string;
  from: number;
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** A number in a source map: five bits a digit, the lowest first, the sign before them. */
function encoded(value: number): string {
  let rest = value < 0 ? -value * 2 + 1 : value * 2;
  let out = '';
  do {
    out += digits.charAt((rest & 31) | (rest > 31 ? 32 : 0));
    rest >>>= 5;
  } while (rest > 0);
  return out;
}

/** The new text and its source map. */
export function join(old: string, pieces: readonly Piece[]) {
  const lineStarts = [0, ...[...old.matchAll(/\n/g)].map(({ index }) => index + 1)];
  let code = '';
  let mappings = '';
  let last = { column: 0, oldLine: 0, oldColumn: 0 };
  let lineStart = 0;
  for (const { text, from } of pieces) {
    // A piece of several lines has a mapping at the start of each.
    for (const { 0: part, index } of text.matchAll(/[^\n]*\n|[^\n]+$/g)) {
      const at = from + index;
      const oldLine = lineStarts.filter((start) => start <= at).length - 1;
      const now = { column: code.length - lineStart, oldLine, oldColumn: at - (lineStarts[oldLine] ?? 0) };
      const steps = [now.column - last.column, 0, now.oldLine - last.oldLine, now.oldColumn - last.oldColumn];
      mappings += `${/[^;]$/.test(mappings) ? ',' : ''}${steps.map(encoded).join('')}`;
      last = now;
      code += part;
      if (part.endsWith('\n')) {
        mappings += ';';
        lineStart = code.length;
        last.column = 0;
      }
    }
  }
  return { code, map: { version: 3, names: [], sources: ['-'], mappings } };
}
