import type { Server } from 'node:http';
import type { Door } from './door';

/** How long a request may take to arrive as a whole, in ms. */
const requestTime = 30_000;

/**
 * Ends connections of a web server whose far side does not get on: it has `time` ms to begin, and again after each answer.
 * A WebSocket is judged by what it says.
 */
export function superviseRequests(server: Server, door: Door, time: number): void {
  server.on('connection', (socket) => door.expect(socket, time));
  server.on('upgrade', ({ socket }) => door.trust(socket));
  server.prependListener('request', (request, response) => {
    const { socket } = request;
    door.know(socket);
    door.expect(socket, requestTime, () => request.complete);
    response.once('close', () => door.expect(socket, time));
  });
}

/** A refusal as HTTP words it, for who comes before a request could be read. */
export function busy(reason: string): string {
  const head = 'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n';
  return `${head}Content-Length: ${Buffer.byteLength(reason) + 1}\r\n\r\n${reason}\n`;
}
