import type { Source } from './backpressure';

/** Where so much came at once there is more, in bytes or characters. */
const much = 2 ** 14;

/** What comes in piece by piece. */
export interface Inlet {
  on(event: 'data', listener: (piece: { readonly length: number }) => void): unknown;
}

/** Reads little of a socket at a time, so that one with very much to say does not keep the others waiting. */
export function takeTurns(inlet: Inlet, source: Source): void {
  inlet.on('data', ({ length }) => {
    if (length < much) return;
    source.hold();
    setImmediate(() => source.release());
  });
}
