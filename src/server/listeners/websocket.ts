import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { LinkEvents } from '../../core/link';
import type { Broker } from '../broker';
import { longestFrame } from '../limits';
import { OutQueue } from '../traffic/out-queue';
import { HeldSource } from '../traffic/source';
import type { Traffic } from '../traffic/traffic';
import { createTurn, type Turn } from '../traffic/turn';
import { packFrames } from './frames';

/** Where clients find the WebSocket. */
export const webSocketPath = '/ws';

// The broker is the one to say that a frame is too long; this only bounds what it is given, in bytes.
const maxPayload = 4 * longestFrame;

/** Lets a web server take WebSockets for a broker. */
export function attachWebSockets(server: Server, broker: Broker, traffic: Traffic): void {
  const turn = createTurn(packFrames);
  const upgrades = new WebSocketServer({ server, path: webSocketPath, maxPayload, perMessageDeflate: false });
  // Faults of the web server come here, too; who listens with it has them already.
  upgrades.on('error', () => undefined);
  upgrades.on('connection', (socket, request) => {
    const link = linkOn(socket, request.socket, turn, traffic);
    readFrom(socket, link, broker.accept(link), traffic);
  });
}

/**
 * Frames go past `socket` to the one below it, each put into bytes once for all its receivers; they are whole, so what
 * `socket` has to say by itself fits between them.
 */
function linkOn(socket: WebSocket, below: Socket, turn: Turn, traffic: Traffic): OutQueue {
  return new OutQueue(below, turn, traffic, () => socket.close(1000));
}

function readFrom(socket: WebSocket, link: OutQueue, events: LinkEvents, traffic: Traffic): void {
  // What has come already when it is to be read no more.
  const frames: string[] = [];
  let at = 0;
  const source = new HeldSource(socket, traffic, () => {
    const frame = frames[at];
    if (frame === undefined) {
      frames.length = 0;
      at = 0;
      return false;
    }
    at++;
    events.frame(frame);
    return true;
  });
  let failure: Error | undefined;
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', () => {
    source.finish();
    link.drop();
    events.close(link.fault ?? failure);
  });
  // Frames of bytes are no part of OOCSI.
  socket.on('message', (data, isBinary) => {
    if (isBinary) return;
    frames.push(String(data));
    source.run();
  });
}
