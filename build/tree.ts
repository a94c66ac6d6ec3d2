/** A node of the syntax tree that Rollup's parser makes, with fields to be looked at before use. */
export interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && 'start' in value;

/** The nodes that a field holds: none, one, or a list. */
export const nodesOf = (field: unknown): Node[] => (Array.isArray(field) ? field : [field]).filter(isNode);

/** The nodes right below a node. */
export const childrenOf = (node: Node): Node[] => Object.values(node).flatMap(nodesOf);

/** Every node below, with what it is a part of. */
export function* walk(node: Node): Generator<{ node: Node; parent: Node }> {
  for (const child of childrenOf(node)) {
    yield { node: child, parent: node };
    yield* walk(child);
  }
}
