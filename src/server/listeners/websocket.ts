import type { IncomingMessage, Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Link } from '../../core/link';
import type { Broker } from '../broker';
import type { Counts } from '../counts';
import { createHold } from '../peer';
import type { ServerNews } from '../server-events';
import { web } from '../wording';
import { plainAddress } from './addresses';
import { takeTurns } from './fairness';
import type { ListenerParts } from './listener';
import type { Gatekeeper } from './origin';

/** Where clients find the WebSocket. */
export const webSocketPath = '/ws';

/** Into how many fragments, and pieces that arrive one by one, a frame may be cut: each takes much more room than it holds. */
const cuts = { maxFragments: 1_024, maxBufferedChunks: 2 ** 14 };
/** How long the far side has to close a WebSocket that was closed from this side, in ms. */
const closeTimeout = 5_000;
/** WebSocket's code for a peer that breaks a rule of the server. */
const policyViolation = 1_008;

/** What is needed to take WebSockets. */
export interface WebSocketParts extends ListenerParts {
  readonly gatekeeper: Gatekeeper;
  readonly news: ServerNews;
  readonly counts: Counts;
}

/** Lets a web server take WebSockets for a broker. */
export function attachWebSockets(server: Server, broker: Broker, parts: WebSocketParts): void {
  const { limits, door, gatekeeper, news, counts } = parts;
  const upgrades = new WebSocketServer({
    ...{ server, path: webSocketPath, perMessageDeflate: false, closeTimeout, ...cuts },
    // Longer frames are not even read; WebSocket has a word of its own for them.
    maxPayload: limits.line,
  });
  // Faults of the web server come here, too; who listens with it has them already.
  upgrades.on('error', () => undefined);
  upgrades.on('connection', (socket, request: IncomingMessage) => {
    const address = plainAddress(request.socket.remoteAddress ?? '');
    const reason = gatekeeper.refuses(request);
    if (reason !== undefined) return turnAway(socket, reason, address);
    const hold = createHold(
      () => socket.pause(),
      () => socket.resume(),
    );
    takeTurns(request.socket, hold);
    const events = broker.accept(linkOn(socket), 'web', {
      ...hold,
      address,
      welcomed: () => door.know(request.socket),
    });
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

  /** A browser tells a page why only once the WebSocket is open. */
  function turnAway(socket: WebSocket, reason: string, address: string): void {
    counts.refused++;
    news.emit('refused', { reason, handle: undefined, address });
    socket.on('error', () => undefined);
    socket.send(web.fault(reason));
    socket.close(policyViolation);
  }
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
