// Connections as thin as can be, so that what is measured is the server: over TCP and over WebSocket.
import { request } from 'node:http';
import { connect } from 'node:net';

/**
 * @typedef {object} Wire
 * @property {import('node:net').Socket} socket
 * @property {(text: string) => Buffer} pack A line or a frame as the server reads it.
 * @property {number} head How many bytes stand before or behind the text of a short message to a client.
 */

/** @type {(port: number) => Promise<Wire>} */
export function dialTcp(port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true }, () => {
      resolve({ socket, pack: (text) => Buffer.from(`${text}\n`), head: 1 });
    });
    socket.on('error', reject);
  });
}

/** @type {(port: number) => Promise<Wire>} */
export function dialWeb(port) {
  return new Promise((resolve, reject) => {
    const headers = {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    };
    const asked = request({ host: '127.0.0.1', port, path: '/ws', headers });
    asked.on('upgrade', (_response, socket, rest) => {
      if (rest.length > 0) socket.unshift(rest);
      socket.setNoDelay(true);
      socket.on('error', reject);
      resolve({ socket, pack: frame, head: 2 });
    });
    asked.on('error', reject).end();
  });
}

/** A text frame as a client sends it; a mask of zeros leaves the text as it is. @type {(text: string) => Buffer} */
function frame(text) {
  const body = Buffer.from(text);
  if (body.length > 125) throw new RangeError(`only short frames are sent here, not ${text}`);
  return Buffer.concat([Uint8Array.of(0x81, 0x80 | body.length, 0, 0, 0, 0), body]);
}

/** Resolves with all that came, once it holds `text`. @type {(wire: Wire, text: string) => Promise<string>} */
export function hears({ socket }, text) {
  return new Promise((resolve) => {
    let heard = '';
    socket.on('data', function listen(piece) {
      heard += piece.toString('latin1');
      if (!heard.includes(text)) return;
      socket.off('data', listen);
      resolve(heard);
    });
  });
}

/** Resolves once `count` bytes have come; what came is for whoever checks it later. @type {(wire: Wire, count: number) => Promise<{ at: number, bytes: Buffer }>} */
export function takes({ socket }, count) {
  return new Promise((resolve) => {
    /** @type {Buffer[]} */
    const pieces = [];
    let missing = count;
    socket.on('data', function take(piece) {
      pieces.push(piece);
      missing -= piece.length;
      if (missing > 0) return;
      socket.off('data', take);
      resolve({ at: performance.now(), bytes: Buffer.concat(pieces) });
    });
  });
}
