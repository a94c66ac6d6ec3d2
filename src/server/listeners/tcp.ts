import type { Socket } from 'node:net';
import { createLineSplitter } from '../../core/lines';
import type { Link } from '../../core/link';
import type { Broker } from '../broker';
import { createHold } from '../peer';
import { plainAddress } from './addresses';
import { takeTurns } from './fairness';
import { createListener, type Listener, type ListenerParts } from './listener';

/** How long a socket that was closed may stand still before it is cut, in ms. */
const closeTimeout = 5_000;

/** A piece that is so long already does not wait for its turn to end, in characters. */
const pieceSize = 2 ** 16;

/** Takes clients over TCP. */
export function createTcpListener(broker: Broker, parts: ListenerParts): Listener {
  const { clock, limits, door } = parts;
  function serve(socket: Socket): void {
    const hold = createHold(
      () => socket.pause(),
      () => socket.resume(),
    );
    const events = broker.accept(linkOn(socket), 'line', {
      ...hold,
      address: plainAddress(socket.remoteAddress ?? ''),
      welcomed: () => door.know(socket),
    });
    let failure: Error | undefined;
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('close', () => events.close(failure));
    socket.setEncoding('utf8');
    const read = createLineSplitter(events.frame, limits.line, limits.handshake);
    const forget = createRest(socket);
    socket.on('data', (piece: string) => (socket.writableEnded ? forget(piece) : read(piece)));
    takeTurns(socket, hold);
    socket.resume();
  }

  /** Who goes on after the end, little by little or much at once, would keep the server busy for ever. */
  function createRest(socket: Socket): (piece: string) => void {
    let size = 0;
    return ({ length }) => {
      if (size === 0) cutWithin(closeTimeout, socket);
      size += length;
      if (size > limits.line) socket.destroy();
    };
  }

  function cutWithin(ms: number, socket: Socket): void {
    const cancel = clock.after(ms, () => socket.destroy());
    socket.once('close', cancel);
  }

  return createListener(parts, {
    ...{ serve, option: 'tcpPort', allowHalfOpen: false },
    refusal: (reason) => `error (${reason})\n`,
  });
}

/** What is sent in one turn leaves as one piece. */
function linkOn(socket: Socket): Link {
  let text = '';
  const flush = (): void => {
    if (text !== '' && socket.writable) socket.write(text);
    text = '';
  };
  return {
    send(frame) {
      if (text === '') queueMicrotask(flush);
      text += frame;
      // Within one turn a client may ask for more than a text can hold.
      if (text.length > pieceSize) flush();
    },
    close() {
      flush();
      socket.end();
      socket.setTimeout(closeTimeout, () => socket.destroy());
    },
    get buffered() {
      return socket.writableLength + text.length;
    },
  };
}
