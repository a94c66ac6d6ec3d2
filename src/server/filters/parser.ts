import { type Expression as Read, readExpression, type Syntax } from '../../protocol/index';
import type { Callable } from './callable';
import { constants, library } from './library';
import { type Infix, infixes, type Prefix, prefixes } from './operators';
import { failed, sound, type Value } from './values';

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
  const read = tryToRead(text);
  return read && { root: bind(read.root), variables: read.variables };
}

function tryToRead(text: string): Read | undefined {
  try {
    return readExpression(text);
  } catch {
    // Why it cannot be read, its sender was told when it came.
    return undefined;
  }
}

const nothing: Node = { kind: 'value', value: failed };

/** Puts the work of operators and functions in the place of their names. */
function bind(syntax: Syntax): Node {
  switch (syntax.kind) {
    case 'number':
      return { kind: 'value', value: sound(syntax.value) };
    case 'constant':
      return { kind: 'value', value: constants.get(syntax.name) ?? null };
    case 'variable':
      return { kind: 'variable', name: syntax.name };
    case 'prefix': {
      const operator = prefixes.get(syntax.operator);
      return operator ? { kind: 'prefix', operator, operand: bind(syntax.operand) } : nothing;
    }
    case 'infix': {
      const operator = infixes.get(syntax.operator);
      return operator ? { kind: 'infix', operator, left: bind(syntax.left), right: bind(syntax.right) } : nothing;
    }
    case 'call': {
      const callable = library.get(syntax.name)?.();
      return callable ? { kind: 'call', callable, args: syntax.args.map(bind) } : nothing;
    }
  }
}
