// How a case is set up: which children play which roles, and what one round of it is. Each setup gives a function that
// starts it and answers with { round, end }; `round` gives the figures of one round.
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { startChild } from './children.js';
import { browserAddress } from './chromium.js';
import { now, sleep } from './clock.js';

/**
 * @typedef {Record<string, number>} Round
 * @typedef {{ round: (ms: number) => Promise<Round>, end: () => Promise<unknown> }} Started
 * @typedef {() => Promise<Started>} Setup
 */

/** Time for what was asked last to arrive where nobody answers, in ms. */
const settleTime = 50;

/** What is sent in one go, by kind of message. @type {Record<string, number>} */
const burst = { small: 50_000, kilobyte: 10_000, value: 50_000 };

/**
 * Starts children, and ends them all if that fails.
 *
 * @template T
 * @param {(start: typeof startChild) => Promise<T>} prepare
 * @param {(prepared: T) => (ms: number) => Promise<Round>} rounds
 * @returns {Promise<Started>}
 */
async function withChildren(prepare, rounds) {
  /** @type {import('./children.js').Child[]} */
  const children = [];
  const end = () => Promise.all(children.map((child) => child.end()));
  try {
    const prepared = await prepare(async (role, ...options) => {
      const child = await startChild(role, ...options);
      children.unshift(child);
      return child;
    });
    return { round: rounds(prepared), end };
  } catch (error) {
    await end();
    throw error;
  }
}

/**
 * Bursts, one after the other, until they have taken so many ms together.
 *
 * @param {number} deliveries how many messages arrive in one burst
 * @param {() => Promise<number>} run one burst; gives the ms it took
 * @returns {(ms: number) => Promise<Round>}
 */
const bursts = (deliveries, run) => async (ms) => {
  let spent = 0;
  let count = 0;
  while (spent < ms) {
    spent += await run();
    count += deliveries;
  }
  return { rate: (count / spent) * 1_000, lost: 0 };
};

/**
 * A client, and the bare other side that it is connected to.
 *
 * @param {typeof startChild} start
 * @param {{ driver: string, transport: 'tcp' | 'ws', role: string, channels?: number }} options
 */
async function besideFar(start, { driver, transport, role, channels = 1 }) {
  const far = await start('far');
  const address = await far.call('listen', { transport, greeting: driver.startsWith('oocsi') });
  const client = await start(role);
  const place = role === 'browser' && { browser: await browserAddress() };
  await client.call('open', { driver, address, ...place });
  const took = await client.call('subscribe', { channels, settle: false });
  await sleep(settleTime);
  return { far, client, took };
}

/**
 * A client sends to the bare other side.
 *
 * @param {{ driver: string, transport: 'tcp' | 'ws', kind?: string, perTurn?: number, count?: number, role?: string }} options
 * @returns {Setup}
 */
export function sending({ driver, transport, kind = 'small', perTurn = 500, role = 'client', count = burst[kind] }) {
  return () =>
    withChildren(
      (start) => besideFar(start, { driver, transport, role }),
      ({ far, client }) =>
        bursts(count, async () => {
          await far.call('expect', { count });
          const began = await client.call('send', { count, perTurn, kind });
          return (await far.call('came')) - began;
        }),
    );
}

/**
 * The bare other side pours messages into a client.
 *
 * @param {{ driver: string, transport: 'tcp' | 'ws', kind?: string, count?: number, channels?: number, role?: string }} options
 * @returns {Setup}
 */
export function receiving({ driver, transport, kind = 'small', channels = 1, role = 'client', count = burst[kind] }) {
  return () =>
    withChildren(
      (start) => besideFar(start, { driver, transport, role, channels }),
      ({ far, client, took }) => {
        const run = bursts(count, async () => {
          await client.call('expect', { count, streams: channels });
          const began = await far.call('pour', { count, kind, channels });
          return (await client.call('came')) - began;
        });
        return async (ms) => ({ ...(await run(ms)), subscribing: took ?? 0 });
      },
    );
}

/**
 * Publishers and subscribers on the server of a system, each side a process of its own.
 *
 * @param {{ driver: string, publishers?: number, subscribers?: number, channels?: number, count: number, perTurn?: number }} options
 * @returns {Setup}
 */
export function spreading({ driver, publishers = 1, subscribers = 1, channels = 1, count, perTurn = 500 }) {
  return () =>
    withChildren(
      async (start) => {
        const size = Math.max(publishers, subscribers, channels);
        const address = await (await start('server')).call('serve', { driver, size });
        const receiver = await start('client');
        await receiver.call('open', { driver, address, count: subscribers });
        await receiver.call('subscribe', { channels });
        const sender = await start('client');
        await sender.call('open', { driver, address, count: publishers });
        await sleep(settleTime);
        return { sender, receiver };
      },
      ({ sender, receiver }) =>
        bursts(count * subscribers, async () => {
          await receiver.call('expect', { count, streams: Math.max(publishers, channels) });
          const began = await sender.call('send', { count, perTurn, channels });
          return (await receiver.call('came')) - began;
        }),
    );
}

/**
 * One publisher, and very many subscribers that only count.
 *
 * @param {{ driver: string, subscribers: number, count: number, perTurn?: number }} options
 * @returns {Setup}
 */
export function crowding({ driver, subscribers, count, perTurn = 500 }) {
  return () =>
    withChildren(
      async (start) => {
        const address = await (await start('server')).call('serve', { driver, size: subscribers });
        const crowd = await start('crowd');
        await crowd.call('open', { driver, address, count: subscribers });
        const sender = await start('client');
        await sender.call('open', { driver, address });
        await sleep(settleTime);
        return { sender, crowd };
      },
      ({ sender, crowd }) =>
        bursts(count * subscribers, async () => {
          await crowd.call('expect', { count });
          const began = await sender.call('send', { count, perTurn });
          return (await crowd.call('came')) - began;
        }),
    );
}

/**
 * One message at a time, there and back: client, server, client, server, client. All of them share one core.
 *
 * @param {{ driver: string }} options
 * @returns {Setup}
 */
export function pinging({ driver }) {
  return () =>
    withChildren(
      async (start) => {
        const address = await (await start('server', [], true)).call('serve', { driver });
        const other = await start('client', [], true);
        await other.call('open', { driver, address });
        await other.call('echo');
        const client = await start('client', [], true);
        await client.call('open', { driver, address });
        await client.call('beginPings');
        await sleep(settleTime);
        return client;
      },
      (client) => repeated((count) => client.call('ping', { count })),
    );
}

/**
 * As often as fits into so many ms, measured by a short try before.
 *
 * @param {(count: number) => Promise<Round>} run
 * @returns {(ms: number) => Promise<Round>}
 */
export function repeated(run, atFirst = 100) {
  let each = 0;
  return async (ms) => {
    const count = each === 0 ? atFirst : Math.max(20, Math.ceil(ms / each));
    const start = now();
    const result = await run(count);
    each = (now() - start) / count;
    return result;
  };
}

/**
 * Calls over our server: caller and responder are processes of their own, and share a core when there is one call at a time.
 *
 * @param {{ driver: string, inFlight: number }} options
 * @returns {Setup}
 */
export function calling({ driver, inFlight }) {
  return () =>
    withChildren(
      async (start) => {
        const sharesCore = inFlight === 1;
        const address = await (await start('server', [], sharesCore)).call('serve', { driver });
        await (await start('calls', [], sharesCore)).call('respond', { address });
        const caller = await start('calls', [], sharesCore);
        await caller.call('open', { address });
        return caller;
      },
      (caller) => repeated((count) => caller.call('calls', { count, inFlight }), 1_000),
    );
}

/**
 * A role that measures by itself, on our server.
 *
 * @param {{ role: string, method: string, server: string, size?: number, args?: object, execArgv?: string[], once?: boolean }} options
 * @returns {Setup}
 */
export function alone({ role, method, server, size, args = {}, execArgv, once = false }) {
  return () =>
    withChildren(
      async (start) => {
        const address = await (await start('server')).call('serve', { driver: server, size });
        return { client: await start(role, execArgv), address };
      },
      ({ client, address }) =>
        once
          ? () => client.call(method, { address, ...args })
          : repeated((count) => client.call(method, { address, count, ...args }), 20),
    );
}

/**
 * The size of a file as it travels, in bytes.
 *
 * @param {string} path
 * @returns {Setup}
 */
export const sizeOf = (path) => async () => ({
  round: async () => ({ bytes: gzipSync(await readFile(path), { level: 9 }).length }),
  end: async () => undefined,
});
