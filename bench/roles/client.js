// One program with one or more connections of one driver: it sends, receives, echoes and pings.
import { driverOf } from '../drivers/index.js';
import { nextTurn, now, patience, sleep } from '../kit/clock.js';
import { quantile } from '../kit/figures.js';
import { channelName, createTally, kinds } from '../kit/messages.js';

/** @type {import('../drivers/index.js').Connection[]} */
const connections = [];
/** @type {ReturnType<typeof createTally>[]} */
let tallies = [];

/** How many dial at the same time. */
const atOnce = 50;

/**
 * @param {{ driver: string, address: string, count?: number }} options
 */
export async function open({ driver, address, count = 1 }) {
  const { connect } = await driverOf(driver);
  for (let index = 0; index < count; index += atOnce) {
    const some = Array.from({ length: Math.min(atOnce, count - index) }, (_, more) => connect(address, index + more));
    connections.push(...(await Promise.all(some)));
  }
}

/** Each connection listens to so many channels. @param {{ channels?: number, settle?: boolean }} options */
export async function subscribe({ channels = 1, settle = true }) {
  const start = now();
  tallies = connections.map(createTally);
  for (const [index, connection] of connections.entries()) {
    const { take } = tallies[index];
    for (let channel = 0; channel < channels; channel++) await connection.subscribe(channelName(channel), take);
    if (settle) await connection.settle();
  }
  return now() - start;
}

/** Of what is awaited. */
let expected = 0;
/** @type {Promise<number>} */
let whenAll = Promise.resolve(0);

/**
 * From now on so many messages are awaited on each connection.
 *
 * @param {{ count: number, streams?: number }} options
 */
export function expect({ count, streams = 1 }) {
  expected = count;
  let open = tallies.length;
  whenAll = new Promise((resolve) => {
    const done = () => {
      if (--open === 0) resolve(now());
    };
    for (const tally of tallies) tally.begin(count, streams, done);
  });
}

/** When the last of them came; checks that none is lost or out of order. */
export async function came() {
  const end = await Promise.race([whenAll, sleep(patience)]);
  const sum = (/** @type {'left' | 'wrong'} */ what) => tallies.reduce((total, tally) => total + tally[what], 0);
  if (end === undefined) throw new Error(`${sum('left')} of ${expected * tallies.length} messages are lost`);
  if (sum('wrong') > 0) throw new Error(`${sum('wrong')} messages came out of order`);
  return end;
}

/**
 * Sends messages, so many a turn, over all connections and channels in turn.
 *
 * @param {{ count: number, perTurn?: number, kind?: string, channels?: number }} options
 * @returns {Promise<number>} when it began
 */
export async function send({ count, perTurn = 500, kind = 'small', channels = 1 }) {
  const make = kinds[kind];
  const names = Array.from({ length: channels }, (_, index) => channelName(index));
  const total = connections.length;
  const start = now();
  for (let n = 0; n < count; ) {
    for (const end = Math.min(n + perTurn, count); n < end; n++) {
      connections[n % total].publish(names[n % channels], make(n));
    }
    for (const connection of connections) connection.flush();
    await nextTurn();
  }
  return start;
}

/** Sends back what comes in. */
export async function echo() {
  const [connection] = connections;
  await connection.subscribe('there', (data) => {
    connection.publish('back', data);
    connection.flush();
  });
  await connection.settle();
}

/** @type {((data: { n: number }) => void)} */
let heard = () => {};

export async function beginPings() {
  const [connection] = connections;
  await connection.subscribe('back', (data) => heard(data));
  await connection.settle();
}

/**
 * Sends one message at a time, and the next one when it is back.
 *
 * @param {{ count: number }} options
 * @returns {Promise<{ p50: number, p99: number }>} in µs
 */
export async function ping({ count }) {
  const [connection] = connections;
  const times = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    const start = now();
    await new Promise((resolve, reject) => {
      heard = (data) => (data.n === n ? resolve(undefined) : reject(new Error(`${n} came back as ${data.n}`)));
      connection.publish('there', kinds.small(n));
      connection.flush();
    });
    times[n] = (now() - start) * 1_000;
  }
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
