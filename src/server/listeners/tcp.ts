import type { Socket } from 'node:net';
import type { LinkEvents } from '../../protocol/index';
import { asciiOnly, lineFrames } from '../../protocol/index';
import type { Broker } from '../broker/index';
import { createTurn, InboundQueue, LineReader, OutboundQueue, pieceSize, takeTurns } from '../flow/index';
import { plainAddress } from './addresses';
import { holderOf } from './buffers';
import { type ClientParts, createListener, type Listener } from './listener';

/** How long a socket that was closed may stand still before it is cut, in ms. */
const closeTimeout = 5_000;

/** Takes clients over TCP. */
export function createTcpListener(broker: Broker, parts: ClientParts): Listener {
  const { clock, limits, gate, backpressure } = parts;
  const turn = createTurn(packLines, backpressure.flushes);
  function serve(socket: Socket): void {
    const link = new OutboundQueue(socket, turn, backpressure, () => {
      socket.end();
      socket.setTimeout(closeTimeout, () => socket.destroy());
    });
    const lines = new LineReader(limits.line, limits.handshake);
    const source: InboundQueue = new InboundQueue(socket, backpressure, () => {
      const next = lines.next();
      if (next === undefined) return false;
      events.frame(next);
      return !lines.isEmpty;
    });
    const events: LinkEvents = broker.accept(link, 'line', {
      hold: (isForWork) => source.hold(isForWork),
      release: (isForWork) => source.release(isForWork),
      cutsSlow: true,
      address: plainAddress(socket.remoteAddress ?? ''),
      welcomed: () => gate.identified(socket),
    });
    const forgetBuffers = backpressure.budget.add(holderOf(socket, gate, link, () => lines.held));
    let error: Error | undefined;
    socket.on('error', (thrown) => {
      error = thrown;
    });
    socket.on('close', () => {
      forgetBuffers();
      link.drop();
      source.finish(() => events.close(link.error ?? error));
    });
    // Before Node ends the other way, too: a client that has said all still reads what it was sent and what it asked for.
    socket.prependListener('end', () => link.flush());
    socket.setEncoding('utf8');
    const forget = createDropper(socket);
    socket.on('data', (piece: string) => {
      if (socket.writableEnded) return forget(piece);
      lines.add(piece);
      backpressure.budget.grew(piece.length);
      source.run();
    });
    takeTurns(socket, source);
    socket.resume();
  }

  /** A client that goes on after the end, little by little or much at once, would keep the server busy for ever. */
  function createDropper(socket: Socket): (piece: string) => void {
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
    refusal: lineFrames.refusal,
  });
}

/** JSON can say any character in ASCII; lines for Pure Data, and what the server says itself, are no JSON. */
const plainLine = (text: string): string => (text.startsWith('{') ? asciiOnly(text) : text);

/** A line can be cut anywhere: nothing else is written to the socket. Messages leave as ASCII. */
function packLines(lines: readonly string[]): Uint8Array[] {
  const text = lines.join('');
  let bytes = Buffer.from(text);
  // Only characters outside of ASCII take more than one byte.
  if (bytes.length > text.length) bytes = Buffer.from(lines.map(plainLine).join(''));
  if (bytes.length <= pieceSize) return [bytes];
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += pieceSize) pieces.push(bytes.subarray(at, at + pieceSize));
  return pieces;
}
