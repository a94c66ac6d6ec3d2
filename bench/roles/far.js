// The bare other side of a client: it welcomes whoever comes, counts what it gets, and pours out what was made before.
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { now, patience, sleep } from '../kit/clock.js';
import { frames } from './far-frames.js';
import { lines } from './far-lines.js';
import { pageFor } from './far-page.js';

const dialects = { tcp: lines, ws: frames };
/** @type {typeof lines} */
let dialect = lines;
/** Whether the first thing said is a greeting that wants its welcome. */
let greets = true;
/** @type {import('node:net').Socket | undefined} */
let socket;
/** @type {Buffer[]} */
let pieces = [];
let counted = 0;
let wanted = Number.POSITIVE_INFINITY;
let reached = () => {};

/** @param {import('node:net').Socket} given */
function take(given) {
  socket = given;
  socket.setNoDelay(true);
  const count = dialect.counter();
  let isWelcome = !greets;
  socket.on('data', (piece) => {
    if (!isWelcome) {
      isWelcome = true;
      given.write(dialect.welcome);
      // What came along with the greeting is counted, too, but not the greeting.
      counted += count(piece) - 1;
      return;
    }
    counted += count(piece);
    if (wanted < Number.POSITIVE_INFINITY) pieces.push(piece);
    if (counted >= wanted) reached();
  });
  socket.on('error', () => given.destroy());
}

/**
 * @param {{ transport: 'tcp' | 'ws', greeting?: boolean }} options
 * @returns {Promise<string>} the address
 */
export async function listen({ transport, greeting = true }) {
  dialect = dialects[transport];
  greets = greeting;
  const server = transport === 'tcp' ? createServer(take) : createHttpServer(pageFor);
  if (transport === 'ws') {
    server.on('upgrade', (request, upgraded) => {
      upgraded.write(frames.upgrade(request.headers['sec-websocket-key']));
      take(upgraded);
    });
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return `${transport}://127.0.0.1:${port}`;
}

/** @type {Promise<number>} */
let whenAll = Promise.resolve(0);

/** From now on so many messages are awaited. @param {{ count: number }} options */
export function expect({ count }) {
  pieces = [];
  counted = 0;
  wanted = count;
  // A client that only sends would ask whether anybody is there, and that would be counted.
  if (greets) socket?.write(dialect.sign);
  whenAll = new Promise((resolve) => {
    reached = () => resolve(now());
  });
}

/** When the last of them came; checks that they are whole and in order. */
export async function came() {
  const end = await Promise.race([whenAll, sleep(patience)]);
  if (end === undefined) throw new Error(`${wanted - counted} of ${wanted} messages are lost`);
  const numbers = dialect.numbers(Buffer.concat(pieces));
  const wrong = numbers.findIndex((n, index) => n !== index);
  if (wrong >= 0 || numbers.length !== wanted) throw new Error(`message ${wrong} of ${numbers.length} is wrong`);
  wanted = Number.POSITIVE_INFINITY;
  pieces = [];
  return end;
}

/** @type {Map<string, Buffer>} */
const made = new Map();

/**
 * Sends messages as fast as they are taken.
 *
 * @param {{ count: number, kind?: string, channels?: number }} options
 * @returns {Promise<number>} when it began
 */
export async function pour({ count, kind = 'small', channels = 1 }) {
  const key = `${count} ${kind} ${channels}`;
  const bytes = made.get(key) ?? dialect.messages(count, kind, channels);
  made.set(key, bytes);
  const start = now();
  socket?.write(bytes);
  return start;
}
