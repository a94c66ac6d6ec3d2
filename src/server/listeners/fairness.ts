import type { Peer } from '../peer';

/** Where so much came at once there is more, in bytes or characters. */
const much = 2 ** 14;

/** What comes in piece by piece. */
export interface Inlet {
  on(event: 'data', listener: (piece: { readonly length: number }) => void): unknown;
}

/** Reads little of a socket at a time, so that one with very much to say does not keep the others waiting. */
export function takeTurns(socket: Inlet, { hold, release }: Required<Pick<Peer, 'hold' | 'release'>>): void {
  socket.on('data', ({ length }) => {
    if (length < much) return;
    hold();
    setImmediate(release);
  });
}
