// The same work in a page: by oocsi-client, or by a bare WebSocket with JSON.
import { channelName, createTally, kinds } from './messages.js';
import { connect } from './oocsi.js';

const address = location.href.replace('http', 'ws');
const tally = createTally();

const drivers = {
  async oocsi() {
    const oocsi = await connect(address, { handle: 'bench' });
    return {
      publish(channel, data) {
        if (oocsi.send(channel, data) !== 'sent') throw new Error('not sent');
      },
      subscribe: (channel, listener) => oocsi.subscribe(channel, ({ data }) => listener(data)),
    };
  },
  async bare() {
    const socket = new WebSocket(address);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    return {
      publish: (_channel, data) => socket.send(JSON.stringify(data)),
      subscribe(_channel, listener) {
        socket.onmessage = (event) => listener(JSON.parse(event.data).data);
      },
    };
  },
};

let connection;
let whenAll;

/** A turn that no timer holds up. */
function nextTurn() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(0);
  });
}

window.bench = {
  now: () => performance.now(),
  async open(driver) {
    connection = await drivers[driver]();
  },
  subscribe() {
    connection.subscribe(channelName(0), tally.take);
  },
  expect(count) {
    whenAll = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${tally.left} of ${count} messages are lost`)), 30_000);
      tally.begin(count, 1, () => {
        clearTimeout(timer);
        resolve(performance.now());
      });
    });
  },
  async came() {
    const end = await whenAll;
    if (tally.wrong > 0) throw new Error(`${tally.wrong} messages came out of order`);
    return end;
  },
  async send(count, perTurn, kind) {
    const start = performance.now();
    const channel = channelName(0);
    for (let n = 0; n < count; ) {
      for (const end = Math.min(n + perTurn, count); n < end; n++) connection.publish(channel, kinds[kind](n));
      await nextTurn();
    }
    return start;
  },
};
