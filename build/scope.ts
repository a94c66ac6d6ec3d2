import { type Node, nodesOf } from './tree';

/** What is declared in one place of a program, and what is used in there. */
export class Scope {
  readonly own = new Map<string, number>();
  /** What a declaration here must differ from: the variables and the foreign names that are used in here. */
  readonly used = new Set<number>();
  readonly foreign = new Set<string>();

  constructor(
    readonly outer?: Scope,
    readonly takesVar = false,
    /** The parameters of a body: `(a) => { let a; }` is no program. */
    readonly parameters?: Scope,
  ) {}
}

export const textOf = (node: Node): string => String(node['name']);

/** The identifiers that a pattern declares. */
export function declaredBy(pattern: Node): Node[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern];
    case 'ObjectPattern':
      return nodesOf(pattern['properties']).flatMap((each) => declaredBy(nodesOf(each['value'])[0] ?? each));
    case 'ArrayPattern':
      return nodesOf(pattern['elements']).flatMap(declaredBy);
    case 'AssignmentPattern':
      return nodesOf(pattern['left']).flatMap(declaredBy);
    case 'RestElement':
      return nodesOf(pattern['argument']).flatMap(declaredBy);
    default:
      throw new Error(`no names known in ${pattern.type}`);
  }
}
