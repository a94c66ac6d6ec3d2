import { pieceSize } from '../flow/index';

const text = 0x1;
const last = 0x80;

/**
 * Texts as WebSocket frames of a server (RFC 6455, section 5.2), one behind the other. A long one goes out in fragments:
 * a pong or the end of the connection may come between them.
 */
export function packFrames(texts: readonly string[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let short: string[] = [];
  let room = pieceSize;
  const flush = (): void => {
    if (short.length > 0) pieces.push(joined(short));
    short = [];
    room = pieceSize;
  };
  for (const one of texts) {
    // A character takes 3 bytes at most.
    if (one.length * 3 > pieceSize) {
      flush();
      pieces.push(...fragments(Buffer.from(one)));
    } else {
      if (one.length > room) flush();
      room -= one.length;
      short.push(one);
    }
  }
  flush();
  return pieces;
}

function joined(texts: readonly string[]): Uint8Array {
  let size = 0;
  for (const one of texts) size += longestHead + Buffer.byteLength(one);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const one of texts) {
    const length = Buffer.byteLength(one);
    at = writeHead(bytes, at, text | last, length);
    at += bytes.write(one, at);
  }
  return bytes.subarray(0, at);
}

function fragments(body: Buffer): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < body.length; at += pieceSize) {
    const part = body.subarray(at, at + pieceSize);
    const bytes = Buffer.allocUnsafe(longestHead + part.length);
    const first = at === 0 ? text : 0;
    const start = writeHead(bytes, 0, at + pieceSize < body.length ? first : first | last, part.length);
    part.copy(bytes, start);
    pieces.push(bytes.subarray(0, start + part.length));
  }
  return pieces;
}

/** How long the head of a frame can be that is no longer than a piece. */
const longestHead = 10;

/** Gives where the body begins. */
function writeHead(bytes: Buffer, at: number, kind: number, length: number): number {
  bytes[at] = kind;
  if (length < 126) {
    bytes[at + 1] = length;
    return at + 2;
  }
  if (length < 2 ** 16) {
    bytes[at + 1] = 126;
    return bytes.writeUInt16BE(length, at + 2);
  }
  bytes[at + 1] = 127;
  return bytes.writeBigUInt64BE(BigInt(length), at + 2);
}
