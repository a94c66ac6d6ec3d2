/** Whether keys should be taken out of data last one first. Code for pages is shorter without; see `shape.node.ts`. */
export const keepsShape = false;
