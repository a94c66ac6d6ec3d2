/** Lets many listen to one signal. They may in pages; `abort.node.ts` takes the place of this file in Node. */
export function letMany(_signal: AbortSignal | undefined): void {}
