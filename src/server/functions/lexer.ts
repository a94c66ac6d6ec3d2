export interface Token {
  readonly kind: 'number' | 'name' | 'symbol';
  readonly text: string;
}

/**
 * A number must not run into a point, a digit or an `e`: `2e` is half a number, not two times `e`. No two parts of the
 * expression can share characters, so that long texts are read in one go.
 */
const token =
  /\s*(?:(?<number>(?:0x[\da-f]+|(?!0x)(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)(?![\d.e]))|(?<name>[\p{L}_][\p{L}\p{Nd}_]*)|(?<symbol>&&|\|\||[=!<>]=|<>|[-+*/^%=<>!(),]))/iuy;

/** The tokens of an expression; undefined when something in it is none. */
export function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  const source = text.trimEnd();
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const groups = token.exec(source)?.groups;
    if (!groups) return undefined;
    const { number, name, symbol } = groups;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else tokens.push({ kind: 'symbol', text: symbol ?? '' });
  }
  return tokens;
}
