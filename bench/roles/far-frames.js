import { createHash } from 'node:crypto';
import { channelName, kinds, timeOf } from '../kit/messages.js';

const text = 0x81;

/**
 * Reads the head of a WebSocket frame; undefined when it is not whole.
 *
 * @param {Buffer} bytes
 * @param {number} at
 */
function headAt(bytes, at) {
  if (bytes.length - at < 2) return undefined;
  const short = bytes[at + 1] & 0x7f;
  const masked = bytes[at + 1] > 0x7f;
  const size = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (masked ? 4 : 0);
  if (bytes.length - at < size) return undefined;
  const length =
    short === 126 ? bytes.readUInt16BE(at + 2) : short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short;
  return { size, length, masked };
}

/** A frame as a server sends it. @param {string} said */
function frameOf(said) {
  const body = Buffer.from(said);
  const head =
    body.length < 126 ? Buffer.of(text, body.length) : Buffer.of(text, 126, body.length >> 8, body.length & 255);
  if (body.length > 0xffff) throw new Error('too long for this bench');
  return Buffer.concat([head, body]);
}

/** What the bare other side knows of OOCSI over WebSocket. */
export const frames = {
  welcome: frameOf('{"message" : "welcome bench"}'),
  sign: frameOf('{"recipient":"far","timestamp":1,"sender":"far","data":{}}'),

  /** The answer that makes a WebSocket of a request. @param {string | undefined} key */
  upgrade(key) {
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
  },

  /** Counts the frames in a piece; those that are cut belong to the piece that ends them. */
  counter() {
    let rest = Buffer.alloc(0);
    /** Bytes of a frame that are still to come. */
    let missing = 0;
    return (/** @type {Buffer} */ piece) => {
      const bytes = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
      let at = 0;
      let count = 0;
      rest = Buffer.alloc(0);
      for (;;) {
        if (missing > bytes.length - at) {
          missing -= bytes.length - at;
          return count;
        }
        if (missing > 0) count++;
        at += missing;
        missing = 0;
        const head = headAt(bytes, at);
        if (!head) {
          rest = bytes.subarray(at);
          return count;
        }
        at += head.size;
        missing = head.length;
      }
    };
  },

  /** The numbers of the messages that these bytes hold. @param {Buffer} bytes */
  numbers(bytes) {
    const numbers = [];
    for (let at = 0; at < bytes.length; ) {
      const head = headAt(bytes, at);
      if (!head) throw new Error('a frame is cut');
      const body = bytes.subarray(at + head.size, at + head.size + head.length);
      const mask = bytes.subarray(at + head.size - 4, at + head.size);
      if (head.masked) for (let i = 0; i < body.length; i++) body[i] ^= mask[i & 3];
      numbers.push(JSON.parse(body.toString('utf8', body.indexOf('{'))).n);
      at += head.size + head.length;
    }
    return numbers;
  },

  /** @type {(count: number, kind: string, channels: number) => Buffer} */
  messages(count, kind, channels) {
    const one = (/** @type {number} */ n) => {
      const recipient = channelName(n % channels);
      return JSON.stringify({ recipient, timestamp: timeOf(n), sender: 'far', data: kinds[kind](n) });
    };
    return Buffer.concat(Array.from({ length: count }, (_, n) => frameOf(one(n))));
  },
};
