import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocketServer } from 'ws';

/**
 * Hands requests for WebSocket to `sockets`. A request for something else, as Java and curl make for HTTP/2, is answered
 * as if it asked for nothing: HTTP leaves that to the server.
 */
export function takeUpgrades(server: Server, sockets: WebSocketServer): void {
  server.on('upgrade', (request, socket, head) => {
    if (request.headers.upgrade?.toLowerCase() === 'websocket') {
      sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened, request));
    } else readAgain(server, request, socket, head);
  });
}

/** Node stops reading HTTP at such a request, so it is put back without what made it stop. */
function readAgain(server: Server, request: IncomingMessage, socket: Duplex, rest: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`, 'Connection: close'];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    if (!leftOut.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  socket.unshift(rest);
  socket.unshift(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  server.emit('connection', socket);
  socket.resume();
}

const leftOut: ReadonlySet<string> = new Set(['connection', 'upgrade', 'http2-settings']);
