import { createServer, type Socket } from 'node:net';
import type { Clock } from '../../core/clock';
import type { LinkEvents } from '../../core/link';
import type { Broker } from '../broker';
import { longestFrame } from '../limits';
import { LineReader } from '../traffic/line-reader';
import { OutQueue } from '../traffic/out-queue';
import { pieceSize } from '../traffic/pieces';
import { HeldSource } from '../traffic/source';
import type { Traffic } from '../traffic/traffic';
import { createTurn, type Turn } from '../traffic/turn';
import { createListener, type Listener } from './listener';

/** How long a socket that was closed may stand still before it is cut, in ms. */
const closeTimeout = 5_000;

/** Takes clients over TCP. */
export function createTcpListener(broker: Broker, clock: Clock, traffic: Traffic): Listener {
  const turn = createTurn(packLines);
  const server = createServer({ noDelay: true }, (socket) => {
    const link = linkOn(socket, turn, traffic);
    readFrom(socket, link, broker.accept(link, 'line'), traffic);
  });
  return createListener(server, 'tcpPort', clock);
}

function linkOn(socket: Socket, turn: Turn, traffic: Traffic): OutQueue {
  return new OutQueue(socket, turn, traffic, () => {
    socket.end();
    socket.setTimeout(closeTimeout, () => socket.destroy());
  });
}

function readFrom(socket: Socket, link: OutQueue, events: LinkEvents, traffic: Traffic): void {
  const lines = new LineReader(longestFrame);
  const source = new HeldSource(socket, traffic, () => {
    const line = lines.next();
    if (line === undefined) return false;
    events.frame(line);
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
  socket.setEncoding('utf8');
  socket.on('data', (piece: string) => {
    lines.add(piece);
    source.run();
  });
}

/** A line can be cut anywhere: nothing else is written to the socket. */
function packLines(lines: readonly string[]): Uint8Array[] {
  const bytes = Buffer.from(lines.length === 1 ? (lines[0] ?? '') : lines.join(''));
  if (bytes.length <= pieceSize) return [bytes];
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += pieceSize) pieces.push(bytes.subarray(at, at + pieceSize));
  return pieces;
}
