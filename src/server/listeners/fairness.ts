import type { Socket } from 'node:net';
import type { Source } from '../traffic/traffic';

/** Where so much came at once there is more, in bytes or characters. */
const much = 2 ** 14;

/** Reads little of a socket at a time, so that one with very much to say does not keep the others waiting. */
export function takeTurns(socket: Socket, source: Source): void {
  socket.on('data', ({ length }: { readonly length: number }) => {
    if (length < much) return;
    source.hold();
    setImmediate(() => source.release());
  });
}
