import type { Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Link } from '../../core/link';
import type { Broker } from '../broker';
import { longestFrame } from '../limits';

/** Where clients find the WebSocket. */
export const webSocketPath = '/ws';

// The broker is the one to say that a frame is too long; this only bounds what it is given, in bytes.
const maxPayload = 4 * longestFrame;

/** Lets a web server take WebSockets for a broker. */
export function attachWebSockets(server: Server, broker: Broker): void {
  const upgrades = new WebSocketServer({ server, path: webSocketPath, maxPayload, perMessageDeflate: false });
  // Faults of the web server come here, too; who listens with it has them already.
  upgrades.on('error', () => undefined);
  upgrades.on('connection', (socket) => {
    const events = broker.accept(linkOn(socket));
    let failure: Error | undefined;
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('close', () => events.close(failure));
    // Frames of bytes are no part of OOCSI.
    socket.on('message', (data, isBinary) => {
      if (!isBinary) events.frame(String(data));
    });
  });
}

function linkOn(socket: WebSocket): Link {
  return {
    send: (frame) => socket.send(frame),
    close: () => socket.close(1000),
    get buffered() {
      return socket.bufferedAmount;
    },
  };
}
