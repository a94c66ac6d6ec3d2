import type { Node } from './parser';
import { failed, type Value } from './values';

/** The value of an expression, given its variables by their names in lower case; one that is missing has no result. */
export function evaluate(node: Node, variables: ReadonlyMap<string, number>): Value {
  switch (node.kind) {
    case 'value':
      return node.value;
    case 'variable':
      return variables.get(node.name) ?? failed;
    case 'prefix':
      return node.operator.apply(evaluate(node.operand, variables));
    case 'infix':
      return node.operator.apply(
        () => evaluate(node.left, variables),
        () => evaluate(node.right, variables),
      );
    case 'call':
      return node.callable.call(node.args.map((arg) => () => evaluate(arg, variables)));
  }
}
