import { connect } from '../../dist/node/index.js';
import { startServer } from '../../dist/node/server.js';

/** Up to so many clients, and channels, a server takes by itself. */
const usual = 1_000;

/** All limits are those that users get, except where a case is larger than what they allow. @param {number} size */
function limitsFor(size) {
  return size > usual ? { clients: 2 * size, channels: 2 * size, channelsPerClient: 2 * size } : {};
}

/** @type {(size?: number) => Promise<{ tcp: string, ws: string, close: () => unknown }>} */
async function start(size = 1) {
  const server = await startServer({ host: '127.0.0.1', port: 0, tcpPort: 0, limits: limitsFor(size) });
  return {
    tcp: `tcp://127.0.0.1:${server.tcpPort}`,
    ws: `ws://127.0.0.1:${server.port}/ws`,
    close: () => server.close(),
  };
}

/** What this machine's own fault would be must not pass for speed. @param {Error} error */
const fail = (error) => {
  throw error;
};

/** @type {(address: string, index: number) => Promise<import('./index.js').Connection>} */
async function open(address, index) {
  const oocsi = await connect(address, { handle: `bench_${process.pid}_${index}`, on: { error: fail } });
  return {
    publish(channel, data) {
      if (oocsi.send(channel, data) !== 'sent') throw new Error('not sent');
    },
    flush() {},
    subscribe: (channel, listener) => oocsi.subscribe(channel, ({ data }) => listener(data)),
    settle: () => oocsi.flush(),
    close: () => oocsi.close(),
  };
}

/** @type {import('./index.js').Driver} */
export const overTcp = {
  async serve(size) {
    const { tcp, close } = await start(size);
    return { address: tcp, close };
  },
  connect: open,
};

/** @type {import('./index.js').Driver} */
export const overWebSocket = {
  async serve(size) {
    const { ws, close } = await start(size);
    return { address: ws, close };
  },
  connect: open,
};

/** A shared variable in the place of messages: `n` is its key. @type {import('./index.js').Driver} */
export const asVariable = {
  serve: overTcp.serve,
  async connect(address, index) {
    const oocsi = await connect(address, { handle: `bench_${process.pid}_${index}`, on: { error: fail } });
    /** @type {Map<string, import('../../src/index').Variable<number>>} */
    const variables = new Map();
    const variable = (/** @type {string} */ channel) => {
      const known = variables.get(channel) ?? oocsi.variable(channel, 'n');
      variables.set(channel, known);
      return known;
    };
    return {
      publish: (channel, { n }) => variable(channel).set(n),
      flush() {},
      subscribe: (channel, listener) => variable(channel).subscribe((n) => listener({ n })),
      settle: () => oocsi.flush(),
      close: () => oocsi.close(),
    };
  },
};
