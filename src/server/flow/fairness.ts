import type { Source } from './backpressure';

/** After a piece of this length more is to come at once, in bytes or characters. */
const longPiece = 2 ** 14;

/** A stream that hands over what comes in, piece by piece. */
export interface Inlet {
  on(event: 'data', listener: (piece: { readonly length: number }) => void): unknown;
}

/** Reads little of a socket at a time, so that one with very much to say does not keep the others waiting. */
export function takeTurns(inlet: Inlet, source: Source): void {
  inlet.on('data', ({ length }) => {
    if (length < longPiece) return;
    source.hold();
    setImmediate(() => source.release());
  });
}
