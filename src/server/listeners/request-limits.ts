import type { RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Refusal } from '../../protocol/index';
import type { Scheduler } from '../flow/index';
import type { ConnectionGate } from './connection-gate';

/** How long a request may take to arrive as a whole, in ms. */
const requestTime = 30_000;

/** So many requests of one connection may wait for their answers: no browser sends more, and each takes room. */
const unansweredAtMost = 8;

/**
 * Serves the requests of a web server, and ends connections whose far side does not get on: it has `time` ms to begin, and
 * again after each answer. A WebSocket is judged by what it says.
 */
export function superviseRequests(server: Server, gate: ConnectionGate, time: number, serve: RequestListener): void {
  const open = new Map<Socket, Set<ServerResponse>>();

  function unansweredOf(socket: Socket): Set<ServerResponse> {
    const found = open.get(socket);
    if (found) return found;
    const responses = new Set<ServerResponse>();
    open.set(socket, responses);
    socket.once('close', () => {
      open.delete(socket);
      // Node tells it to the first of them only, and the others would wait for ever.
      for (const response of responses) response.destroy().emit('close');
    });
    return responses;
  }

  server.on('connection', (socket) => gate.setDeadline(socket, time));
  server.on('upgrade', ({ socket }) => gate.clearDeadline(socket));
  server.on('request', (request, response) => {
    const { socket } = request;
    // Requests that came together with the one that was too many are still read.
    if (socket.destroyed) return;
    const unanswered = unansweredOf(socket);
    if (unanswered.size >= unansweredAtMost) return gate.cut(socket, `more than ${unansweredAtMost} requests at once`);
    unanswered.add(response);
    // What is left of a body in pieces, each of which costs time, is not read for the sake of another request.
    if (request.headers['transfer-encoding'] !== undefined) response.shouldKeepAlive = false;
    gate.identified(socket);
    gate.setDeadline(socket, requestTime, () => request.complete);
    response.once('close', () => {
      unanswered.delete(response);
      gate.setDeadline(socket, time);
    });
    serve(request, response);
  });
}

/** Serves requests as there is time: very many at once, or such as take long, are not to keep everybody else waiting. */
export function inTurns(scheduler: Scheduler, serve: RequestListener): RequestListener {
  function serveNow(...[request, response]: Parameters<RequestListener>): void {
    if (response.destroyed) return;
    scheduler.begin();
    serve(request, response);
  }
  return (request, response) => {
    if (scheduler.isOver) scheduler.wait(() => serveNow(request, response));
    else serveNow(request, response);
  };
}

/** A refusal as an HTTP response, for a socket from which no request was read. */
export function busy({ message }: Refusal): string {
  const head = 'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n';
  return `${head}Content-Length: ${Buffer.byteLength(message) + 1}\r\n\r\n${message}\n`;
}
