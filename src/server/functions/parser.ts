import { type Token, tokensOf } from './lexer';
import { type Callable, constants, library } from './library';
import { deepest, mostParts } from './limits';
import { type Infix, infixes, type Prefix, prefixes, times } from './operators';
import { sound, type Value } from './values';

export type Node =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'prefix'; readonly operator: Prefix; readonly operand: Node }
  | { readonly kind: 'infix'; readonly operator: Infix; readonly left: Node; readonly right: Node }
  | { readonly kind: 'call'; readonly callable: Callable; readonly args: readonly Node[] };

export interface Expression {
  readonly root: Node;
  /** The variables in lower case, and the keys they stand for. */
  readonly variables: ReadonlyMap<string, string>;
}

/** Reads an expression, with windows of its own; undefined when it is none, or beyond the limits. */
export function parse(text: string): Expression | undefined {
  const tokens = tokensOf(text);
  if (!tokens) return undefined;
  const reader = new Reader(tokens);
  const root = reader.expression(0, 0);
  return root && reader.isDone ? { root, variables: reader.variables } : undefined;
}

class Reader {
  readonly variables = new Map<string, string>();
  #at = 0;
  #parts = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get isDone(): boolean {
    return this.#at === this.tokens.length && this.#parts <= mostParts;
  }

  /**
   * Reads as far as operators have at least this power.
   *
   * @param depth what may nest without end; operands on the right nest by growing power, which ends by itself
   */
  expression(least: number, depth: number): Node | undefined {
    let left = this.operand(depth);
    while (left) {
      const written = this.symbol(infixes);
      const operator = written ?? (this.isProduct() ? times : undefined);
      if (!operator || operator.power < least) break;
      if (written) this.#at++;
      this.#parts++;
      const right: Node | undefined = operator.rightToLeft
        ? this.expression(operator.power, depth + 1)
        : this.expression(operator.power + 1, depth);
      left = right && { kind: 'infix', operator, left, right };
    }
    return left;
  }

  private operand(depth: number): Node | undefined {
    if (depth > deepest) return undefined;
    const operator = this.symbol(prefixes);
    const token = this.tokens[this.#at++];
    if (token?.text !== '(') this.#parts++;
    if (operator) {
      const operand = this.operand(depth + 1);
      return operand && { kind: 'prefix', operator, operand };
    }
    switch (token?.kind) {
      case 'number':
        return { kind: 'value', value: sound(Number(token.text)) };
      case 'name':
        return this.take('(') ? this.call(token.text.toLowerCase(), depth + 1) : this.named(token.text);
      default:
        return token?.text === '(' ? this.closed(this.expression(0, depth + 1)) : undefined;
    }
  }

  private call(name: string, depth: number): Node | undefined {
    const callable = library.get(name)?.();
    if (!callable) return undefined;
    const args: Node[] = [];
    while (!this.take(')')) {
      if (args.length > 0 && !this.take(',')) return undefined;
      const arg = this.expression(0, depth);
      if (!arg) return undefined;
      args.push(arg);
    }
    const fits = args.length >= callable.least && args.length <= callable.most;
    return fits ? { kind: 'call', callable, args } : undefined;
  }

  private named(text: string): Node {
    const name = text.toLowerCase();
    const value = constants.get(name);
    if (value !== undefined) return { kind: 'value', value };
    // As at the reference server, `V` and `v` are one variable, and the key is written as the first of them.
    if (!this.variables.has(name)) this.variables.set(name, text);
    return { kind: 'variable', name };
  }

  private closed(node: Node | undefined): Node | undefined {
    return this.take(')') ? node : undefined;
  }

  /** Whether two factors meet: `2a`, `2(a)` and `(a)(b)`, but neither `a(b)`, `(a)b` nor `2sin(a)`. */
  private isProduct(): boolean {
    const before = this.tokens[this.#at - 1];
    const next = this.tokens[this.#at];
    if (next?.text === '(') return before?.kind === 'number' || before?.text === ')';
    return before?.kind === 'number' && next?.kind === 'name' && this.tokens[this.#at + 1]?.text !== '(';
  }

  private symbol<Operator>(operators: ReadonlyMap<string, Operator>): Operator | undefined {
    const token = this.tokens[this.#at];
    return token && operators.get(token.text);
  }

  private take(text: string): boolean {
    const found = this.tokens[this.#at]?.text === text;
    if (found) this.#at++;
    return found;
  }
}
