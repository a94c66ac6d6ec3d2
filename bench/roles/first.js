// From nothing to the first message: dial, be welcomed, send oneself a message, get it.
import { once } from 'node:events';
import { connect as dial } from 'node:net';
import WebSocket from 'ws';
import { connect } from '../../dist/node/index.js';
import { now } from '../kit/clock.js';
import { quantile } from '../kit/figures.js';

/** @type {Record<string, (address: string, handle: string) => Promise<() => unknown>>} */
const ways = {
  async oocsi(address, handle) {
    const oocsi = await connect(address, { handle });
    await new Promise((resolve) => {
      oocsi.subscribe(resolve);
      oocsi.send(handle, { n: 1 });
    });
    return () => oocsi.close();
  },

  async tcp(address, handle) {
    const { hostname, port } = new URL(address);
    const socket = dial({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    socket.write(`${handle}(JSON)\n`);
    await once(socket, 'data');
    socket.write(`sendraw ${handle} {"n":1}\n`);
    const [line] = await once(socket, 'data');
    JSON.parse(line);
    return () => socket.destroy();
  },

  async ws(address, handle) {
    const socket = new WebSocket(address, { perMessageDeflate: false });
    await once(socket, 'open');
    socket.send(handle);
    await once(socket, 'message');
    socket.send(`sendjson ${handle} {"n":1}`);
    const [frame] = await once(socket, 'message');
    JSON.parse(frame);
    return () => socket.terminate();
  },
};

let dialled = 0;

/**
 * @param {{ address: string, way: string, count: number }} options
 * @returns {Promise<{ p50: number, p99: number }>} in µs
 */
export async function first({ address, way, count }) {
  const times = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    const start = now();
    const close = await ways[way](address, `first_${process.pid}_${++dialled}`);
    times[n] = (now() - start) * 1_000;
    await close();
  }
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
