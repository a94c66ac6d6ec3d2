import type { Socket } from 'node:net';
import type { Peer } from '../peer';

/** Where so much came at once there is more, in bytes or characters. */
const much = 2 ** 14;

/** Reads little of a socket at a time, so that one with very much to say does not keep the others waiting. */
export function takeTurns(socket: Socket, { hold, release }: Required<Pick<Peer, 'hold' | 'release'>>): void {
  socket.on('data', ({ length }: { readonly length: number }) => {
    if (length < much) return;
    hold();
    setImmediate(release);
  });
}
