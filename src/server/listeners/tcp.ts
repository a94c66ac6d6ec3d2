import { createServer, type Socket } from 'node:net';
import type { Clock } from '../../core/clock';
import { createLineSplitter } from '../../core/lines';
import type { Link } from '../../core/link';
import type { Broker } from '../broker';
import { longestFrame } from '../limits';
import { createListener, type Listener } from './listener';

/** How long a socket that was closed may stand still before it is cut, in ms. */
const closeTimeout = 5_000;

/** A piece that is so long already does not wait for its turn to end, in characters. */
const pieceSize = 2 ** 16;

/** Takes clients over TCP. */
export function createTcpListener(broker: Broker, clock: Clock): Listener {
  const server = createServer({ noDelay: true }, (socket) => {
    const events = broker.accept(linkOn(socket), 'line');
    let failure: Error | undefined;
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('close', () => events.close(failure));
    socket.setEncoding('utf8');
    socket.on('data', createLineSplitter(events.frame, longestFrame));
  });
  return createListener(server, 'tcpPort', clock);
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
