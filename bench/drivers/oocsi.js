import { connect } from '../../dist/node/index.js';
import { startServer } from '../../dist/node/server.js';

/** Where a server of this machine stops by itself is no matter here: the largest cases go beyond it. */
const limits = { clients: 20_000, perAddress: 20_000, channels: 20_000, channelsPerClient: 20_000 };

/** @returns {Promise<{ tcp: string, ws: string, close: () => unknown }>} */
async function start() {
  const server = await startServer({ host: '127.0.0.1', port: 0, tcpPort: 0, limits });
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
  async serve() {
    const { tcp, close } = await start();
    return { address: tcp, close };
  },
  connect: open,
};

/** @type {import('./index.js').Driver} */
export const overWebSocket = {
  async serve() {
    const { ws, close } = await start();
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
