// The language of filters and transforms, as the Java server has it (EvalEx 3). What an expression comes to is worked out by
// servers; whether it is one, both sides ask here.

import { nearestName } from '../util/index';

/** An expression that has been read. Names are in lower case, as the language sees no difference. */
export type Syntax =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'constant' | 'variable'; readonly name: string }
  | { readonly kind: 'prefix'; readonly operator: string; readonly operand: Syntax }
  | { readonly kind: 'infix'; readonly operator: string; readonly left: Syntax; readonly right: Syntax }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Syntax[] };

export interface Expression {
  readonly root: Syntax;
  /** The variables in lower case, and the keys they stand for. */
  readonly variables: ReadonlyMap<string, string>;
  /** Why it can be read but cannot mean what it says; undefined when it may. */
  readonly warning: string | undefined;
}

/** Numbers, names, operators and calls in one expression. It also bounds the depth of what is evaluated. */
export const mostParts = 500;
/** Brackets, signs and powers within each other; what reads an expression calls itself that often. */
export const deepest = 64;

export const constants: ReadonlySet<string> = new Set(['true', 'false', 'null', 'pi', 'e']);

/** Operators between two values. The one with more power takes the value between two of them. */
const infixes: ReadonlyMap<string, number> = new Map(
  [['||'], ['&&'], ['=', '==', '!=', '<>'], ['<', '<=', '>', '>='], ['+', '-'], ['*', '/', '%'], ['^']].flatMap(
    (operators, power) => operators.map((operator) => [operator, power] as const),
  ),
);
const equalities: ReadonlySet<string> = new Set(['=', '==', '!=', '<>']);

const noTruths = 'keys are numbers, and never true or false: send 1 or 0, and ask for == 1';
const noNothing =
  'keys are numbers, and a message without one never comes through: leave this out, or send a number for nothing, such as 0';
/** Why a key is never equal to what has this name, and never unequal. The language has no `undefined`: it would be a key. */
const neverEqual: ReadonlyMap<string | undefined, string> = new Map([
  ['true', noTruths],
  ['false', noTruths],
  ['null', noNothing],
  ['undefined', noNothing],
]);

function nameOf(it: Syntax): string | undefined {
  return it.kind === 'constant' || it.kind === 'variable' ? it.name : undefined;
}

/** Signs have more power than any operator between two values, `^` included: `-2^2` is 4. */
const prefixes: ReadonlySet<string> = new Set(['+', '-', '!']);

/** How many values functions take: at least, at most, and which they are. Angles are in degrees, or in radians with `r`. */
const arities: readonly (readonly [least: number, most: number, names: string])[] = [
  [0, 0, 'random'],
  [0, Infinity, 'coalesce'],
  [1, 1, 'abs ceiling floor fact log log10 sqrt not deg rad sinh cosh tanh coth sech csch asinh acosh atanh acoth'],
  [1, 1, 'sin sinr cos cosr tan tanr cot cotr sec secr csc cscr asin asinr acos acosr atan atanr acot acotr'],
  [1, Infinity, 'min max average'],
  [2, 2, 'atan2 atan2r round sum mean stdev emin emax'],
  [3, 3, 'if'],
  [3, Infinity, 'switch'],
];

/** The functions by their names in lower case. */
export const functions: ReadonlyMap<string, { readonly least: number; readonly most: number }> = new Map(
  arities.flatMap(([least, most, names]) => names.split(' ').map((name) => [name, { least, most }] as const)),
);

interface Token {
  readonly kind: 'number' | 'name' | 'symbol' | 'end';
  readonly text: string;
  /** Where it begins, from 0. */
  readonly at: number;
}

/**
 * A number must not run into a point, a digit or an `e`: `2e` is half a number, not two times `e`. No two parts of the
 * expression can share characters, so that long texts are read in one go.
 */
const token =
  /(?<number>(?:0x[\da-f]+|(?!0x)(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)(?![\d.e]))|(?<name>[\p{L}_][\p{L}\p{Nd}_]*)|(?<symbol>&&|\|\||[=!<>]=|<>|[-+*/^%=<>!(),])/iuy;

/** What people write who think of another language, and what they can write here. */
const foreign = /===|!==|>>|<<|=>|=<|\*\*|&&|\|\||[&|"'`.?[\]{}:;]/y;
const instead: ReadonlyMap<string, string> = new Map([
  ['===', 'use =='],
  ['!==', 'use !='],
  ['>>', 'use >'],
  ['<<', 'use <'],
  ['=>', 'use >='],
  ['=<', 'use <='],
  ['**', 'use ^'],
  ['&', 'use &&'],
  ['|', 'use ||'],
  ['and', 'use &&'],
  ['or', 'use ||'],
  ['not', 'use !'],
  ['?', 'use if(condition, a, b)'],
  ['.', 'only keys at the top level of the data can be used, and functions go by their names alone'],
  ...[...`"'\``].map((quote) => [quote, 'there are no texts, only numbers'] as const),
]);

/**
 * Reads an expression.
 *
 * @throws TypeError that says where it cannot be read, and what to write instead
 * @example
 * readExpression('temperature >> 20'); // TypeError: "temperature >> 20" cannot be read at character 13, ">>": use >
 */
export function readExpression(text: string): Expression {
  const reader = new Reader(text);
  const root = reader.whole();
  return { root, variables: reader.variables, warning: reader.warning };
}

/** How much of an expression is shown where it cannot be read, in characters. */
const longestShown = 100;

function unreadable(text: string, at: number, found: string, why: string): TypeError {
  const shown = text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
  return new TypeError(`"${shown}" cannot be read at character ${at + 1}${found && `, "${found}"`}: ${why}`);
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  let at = text.length - text.trimStart().length;
  while (at < end) {
    foreign.lastIndex = at;
    const odd = foreign.exec(text)?.[0] ?? '';
    const hint = instead.get(odd);
    token.lastIndex = at;
    const found = token.exec(text);
    // A number may begin with a point.
    if (!found?.groups || (hint && !found.groups['number'])) {
      throw unreadable(
        text,
        at,
        odd || String.fromCodePoint(text.codePointAt(at) ?? 0),
        hint ?? 'expressions know no such sign',
      );
    }
    const { number, name } = found.groups;
    tokens.push({ kind: number ? 'number' : name ? 'name' : 'symbol', text: found[0], at });
    at += found[0].length;
    while (/\s/.test(text.charAt(at))) at++;
  }
  tokens.push({ kind: 'end', text: '', at: end });
  return tokens;
}

class Reader {
  readonly variables = new Map<string, string>();
  warning: string | undefined;
  readonly #tokens: readonly Token[];
  #at = 0;
  #parts = 0;

  constructor(private readonly text: string) {
    this.#tokens = tokensOf(text);
  }

  whole(): Syntax {
    const root = this.expression(0, 0);
    const { kind, text } = this.next;
    if (kind !== 'end')
      throw this.unexpected(text === ')' ? 'there is no ( for it' : 'an operator is missing before it');
    this.count(0);
    return root;
  }

  private get next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '', at: this.text.length };
  }

  /** Where something does not fit, a word that means an operator elsewhere is the likely fault, there or just before. */
  private unexpected(why: string): TypeError {
    for (const { text, at } of this.#tokens.slice(Math.max(0, this.#at - 1), this.#at + 1)) {
      const hint = instead.get(text.toLowerCase());
      if (hint) return unreadable(this.text, at, text, hint);
    }
    return unreadable(this.text, this.next.at, this.next.text, why);
  }

  private count(parts: number): void {
    this.#parts += parts;
    if (this.#parts > mostParts) throw unreadable(this.text, this.next.at, '', `it has more than ${mostParts} parts`);
  }

  /**
   * Reads as far as operators have at least this power.
   *
   * @param depth what may nest without end; operands on the right nest by growing power, which ends by itself
   */
  private expression(least: number, depth: number): Syntax {
    let left = this.operand(depth);
    for (;;) {
      const { text } = this.next;
      const written = infixes.has(text);
      const operator = written ? text : this.isProduct() ? '*' : '';
      const power = infixes.get(operator) ?? -1;
      if (power < least) return left;
      const { at } = this.next;
      if (written) this.#at++;
      this.count(1);
      // Powers are read from the right.
      const right: Syntax = operator === '^' ? this.expression(power, depth + 1) : this.expression(power + 1, depth);
      this.warn(operator, left, right, at);
      left = { kind: 'infix', operator, left, right };
    }
  }

  private warn(operator: string, left: Syntax, right: Syntax, at: number): void {
    if (!equalities.has(operator)) return;
    const why =
      (left.kind === 'variable' && neverEqual.get(nameOf(right))) ||
      (right.kind === 'variable' && neverEqual.get(nameOf(left)));
    if (!why) return;
    this.warning ??= unreadable(this.text, at, operator, why).message.replace('cannot be read', 'never works');
  }

  private operand(depth: number): Syntax {
    if (depth > deepest) throw this.unexpected(`it nests deeper than ${deepest}`);
    const { kind, text } = this.next;
    if (kind === 'end' || (kind === 'symbol' && text !== '(' && !prefixes.has(text))) {
      throw this.unexpected(kind === 'end' ? 'a value is missing at the end' : 'a value is missing before it');
    }
    this.#at++;
    if (text !== '(') this.count(1);
    if (kind === 'number') return { kind, value: Number(text) };
    if (kind === 'name') return this.next.text === '(' ? this.call(text.toLowerCase(), depth + 1) : this.named(text);
    if (text !== '(') return { kind: 'prefix', operator: text, operand: this.operand(depth + 1) };
    const inner = this.expression(0, depth + 1);
    this.take(')');
    return inner;
  }

  private take(symbol: string): void {
    if (this.next.text !== symbol) {
      throw this.unexpected(
        this.next.kind === 'end' ? `${symbol} is missing at the end` : 'an operator is missing before it',
      );
    }
    this.#at++;
  }

  private call(name: string, depth: number): Syntax {
    const { at } = this.#tokens[this.#at - 1] ?? this.next;
    const arity = functions.get(name);
    if (!arity) throw unreadable(this.text, at, name, `there is no such function${didYouMean(name)}`);
    this.take('(');
    const args: Syntax[] = [];
    while (this.next.text !== ')') {
      if (args.length > 0) this.take(',');
      args.push(this.expression(0, depth));
    }
    this.#at++;
    const { least, most } = arity;
    if (args.length >= least && args.length <= most) return { kind: 'call', name, args };
    const wanted = least === most ? least : `at least ${least}`;
    throw unreadable(this.text, at, name, `it takes ${wanted} values, not ${args.length}`);
  }

  private named(text: string): Syntax {
    const name = text.toLowerCase();
    if (constants.has(name)) return { kind: 'constant', name };
    // As at the Java server, `V` and `v` are one variable, and the key is written as the first of them.
    if (!this.variables.has(name)) this.variables.set(name, text);
    return { kind: 'variable', name };
  }

  /** Whether two factors meet: `2a`, `2(a)` and `(a)(b)`, but neither `a(b)`, `(a)b` nor `2sin(a)`. */
  private isProduct(): boolean {
    const before = this.#tokens[this.#at - 1];
    const { kind, text } = this.next;
    if (text === '(') return before?.kind === 'number' || before?.text === ')';
    return before?.kind === 'number' && kind === 'name' && this.#tokens[this.#at + 1]?.text !== '(';
  }
}

/** The function that is called most like it, if there is one. */
function didYouMean(name: string): string {
  const nearest = nearestName(name, functions.keys());
  return nearest === undefined ? '' : `: did you mean ${nearest}?`;
}
