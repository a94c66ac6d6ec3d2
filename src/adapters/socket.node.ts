import type { Socket } from 'node:net';
import WebSocket from 'isomorphic-ws';
import { OocsiError, textOf } from '../core/errors';
import { whyUnreachable } from './unreachable.node';
import type { WebSocketLike } from './websocket-like';

// Node's WebSocket. It takes the place of `socket.ts` there.

/** A piece that is so long already need not wait for its turn to end, in bytes. */
const pieceSize = 262_144;

/** Frames shorter than this are handed over as bytes, in characters. */
const shortFrame = 256;

const options = {
  perMessageDeflate: false,
  /** A longer frame ends the connection before it fills the memory, in bytes; one that is shorter is read and then judged. */
  maxPayload: 2 ** 24,
  /** How long a socket that was closed waits for the other side, in ms. */
  closeTimeout: 5_000,
};

/** Node blocks nothing. */
export function checkAllowed(_url: URL): void {}

/** Frames of one turn leave as one piece: for many small ones, most of the work would be to write each alone. */
export function openSocket(url: string, hear: (frame: string) => void): WebSocketLike {
  const socket = new WebSocket(url, options);
  let below: Socket | undefined;
  let isHeld = false;
  const release = (): void => {
    isHeld = false;
    below?.uncork();
  };
  socket.on('upgrade', (response) => {
    below = response.socket;
  });
  // Frames of bytes are no part of OOCSI.
  socket.on('message', (data, isBinary) => isBinary || hear(String(data)));
  const send = socket.send.bind(socket);
  return Object.assign(socket, {
    send(frame: string): void {
      if (!isHeld) {
        isHeld = true;
        below?.cork();
        queueMicrotask(release);
      }
      // Bytes are masked as they are copied behind their head, so that one write does; long texts are better masked in place.
      if (frame.length < shortFrame) send(Buffer.from(frame), { binary: false });
      else send(frame);
      if (below && below.writableLength > pieceSize) {
        below.uncork();
        below.cork();
      }
    },
  });
}

/** What an `error` event is about. */
export function faultOf(event: object): unknown {
  return 'error' in event ? event.error : event;
}

export async function whyFailed(url: URL, cause: unknown, _signal: AbortSignal): Promise<OocsiError> {
  const text = textOf(cause);
  // What `ws` says when a web server declines, or when what answers is no web server at all.
  if (!/^(Unexpected server response|Parse Error|Invalid|Missing|socket hang up)/.test(text))
    return whyUnreachable(url.href, cause);
  const hint = url.port === '4444' ? ' 4444 is usually the port for TCP: try 9000, or tcp:// in Node.' : '';
  return new OocsiError(
    'protocol',
    `Something answers at ${url.host}, but ${url} is no OOCSI server (${text}). Check port and path.${hint}`,
    { cause },
  );
}
