// Every case, in the order in which it is measured. To add one: give it a name, variants (each a setup of
// kit/setups.js), the figure that counts, and what it must reach, if anything.
import { join } from 'node:path';
import { alone, calling, crowding, pinging, receiving, sending, sizeOf, spreading } from './kit/setups.js';

/**
 * @typedef {object} Gate
 * @property {string} of a variant
 * @property {string} [to] the variant that it is compared with; without it, the figure itself counts
 * @property {number} [atLeast]
 * @property {number} [atMost]
 * @property {string} [figure] when it is not that of the case
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {'client' | 'system' | 'browser' | 'growth'} group
 * @property {'bursts'} [plan] how often and how long it is measured, when not as others of its group
 * @property {string} title
 * @property {string} figure the one that counts, of those that a round gives
 * @property {string} unit
 * @property {Record<string, import('./kit/setups.js').Setup>} variants the first one is ours
 * @property {Gate[]} [gates]
 * @property {string[]} [also] other figures of ours to print
 * @property {number} [warmth] how many times as long as others it warms up
 * @property {boolean} [once] a round needs no warm-up and is not repeated within a process
 * @property {readonly [series: string, size: number]} [growth] where it stands on the chart
 * @property {boolean} [onlyFull] whether it is left out of a quick run
 */

/** Ours against raw, both over the same transport. @type {(transport: 'tcp' | 'ws', options?: object) => Case['variants']} */
const sends = (transport, options) => ({
  'oocsi-client': sending({ driver: `oocsi-${transport}`, transport, ...options }),
  raw: sending({ driver: `bare-${transport}`, transport, ...options }),
});

/** @type {(transport: 'tcp' | 'ws', options?: object) => Case['variants']} */
const receives = (transport, options) => ({
  'oocsi-client': receiving({ driver: `oocsi-${transport}`, transport, ...options }),
  raw: receiving({ driver: `bare-${transport}`, transport, ...options }),
});

/** @type {(atLeast: number) => Gate[]} */
const toRaw = (atLeast) => [{ of: 'oocsi-client', to: 'raw', atLeast }];

const rate = /** @type {const} */ ({ figure: 'rate', unit: 'messages/s' });
const single = { perTurn: 1, count: 5_000 };
const large = { kind: 'kilobyte' };
const onlyFull = true;
const value = { kind: 'value' };

/** @type {Case[]} */
const clientCases = [
  { name: 'send-tcp', title: 'TCP send, 500 small messages in a turn', variants: sends('tcp'), gates: toRaw(0.8) },
  {
    name: 'send-tcp-1k',
    onlyFull,
    title: 'TCP send, 500 of 1 KB in a turn',
    variants: sends('tcp', large),
    gates: toRaw(0.75),
  },
  { name: 'send-tcp-single', onlyFull, title: 'TCP send, one small message in a turn', variants: sends('tcp', single) },
  { name: 'send-ws', title: 'WebSocket send, 500 small messages in a turn', variants: sends('ws'), gates: toRaw(0.92) },
  {
    name: 'send-ws-1k',
    onlyFull,
    title: 'WebSocket send, 500 of 1 KB in a turn',
    variants: sends('ws', large),
    gates: toRaw(0.92),
  },
  {
    name: 'send-ws-single',
    onlyFull,
    title: 'WebSocket send, one small message in a turn',
    variants: sends('ws', single),
  },
  {
    name: 'receive-tcp',
    title: 'TCP receive, bursts of 100,000 small messages',
    variants: receives('tcp', { count: 100_000 }),
    gates: toRaw(0.75),
  },
  {
    name: 'receive-tcp-1k',
    onlyFull,
    title: 'TCP receive, 1 KB',
    variants: receives('tcp', large),
    gates: toRaw(0.75),
  },
  {
    name: 'receive-ws',
    title: 'WebSocket receive, bursts of 100,000 small messages',
    variants: receives('ws', { count: 100_000 }),
    gates: toRaw(0.92),
  },
  {
    name: 'receive-ws-1k',
    onlyFull,
    title: 'WebSocket receive, 1 KB',
    variants: receives('ws', large),
    gates: toRaw(0.92),
  },
  {
    name: 'variable-set',
    title: 'Variable set 500 times in a turn, TCP',
    variants: {
      'oocsi-client': sending({ driver: 'oocsi-variable', transport: 'tcp', ...value }),
      raw: sending({ driver: 'bare-tcp', transport: 'tcp', ...value }),
    },
  },
  {
    name: 'variable-hear',
    title: 'Variable set by others, TCP',
    variants: {
      'oocsi-client': receiving({ driver: 'oocsi-variable', transport: 'tcp', ...value }),
      raw: receiving({ driver: 'bare-tcp', transport: 'tcp', ...value }),
    },
  },
  {
    name: 'subscriptions',
    onlyFull,
    title: 'TCP receive over 10,000 subscriptions of one client',
    variants: {
      'oocsi-client': receiving({ driver: 'oocsi-tcp', transport: 'tcp', channels: 10_000 }),
      'with one subscription': receiving({ driver: 'oocsi-tcp', transport: 'tcp' }),
    },
    also: ['subscribing'],
  },
].map((it) => ({ group: 'client', plan: 'bursts', ...rate, ...it }));

/** @type {Case[]} */
const ownCases = [
  {
    name: 'calls',
    title: 'Calls, 100 in flight, TCP',
    figure: 'rate',
    unit: 'calls/s',
    variants: { 'oocsi-client': calling({ driver: 'oocsi-tcp', inFlight: 100 }) },
    gates: [{ of: 'oocsi-client', atLeast: 25_000 }],
    also: ['p50', 'p99'],
  },
  {
    name: 'call-time',
    title: 'Time of a call, TCP',
    figure: 'p50',
    unit: 'µs',
    warmth: 5,
    variants: {
      'oocsi-client': calling({ driver: 'oocsi-tcp', inFlight: 1 }),
      'two messages': pinging({ driver: 'oocsi-tcp' }),
    },
    gates: [{ of: 'oocsi-client', to: 'two messages', atMost: 1.3 }],
    also: ['p99'],
  },
  ...['tcp', 'ws'].map((transport) => ({
    name: `first-${transport}`,
    title: `From connect to the first message, ${transport === 'tcp' ? 'TCP' : 'WebSocket'}`,
    figure: 'p50',
    unit: 'µs',
    variants: {
      'oocsi-client': alone({ role: 'first', method: 'first', server: `oocsi-${transport}`, args: { way: 'oocsi' } }),
      raw: alone({ role: 'first', method: 'first', server: `oocsi-${transport}`, args: { way: transport } }),
    },
    also: ['p99'],
  })),
  ...['tcp', 'ws'].map((transport) => ({
    name: `memory-client-${transport}`,
    title: `Memory of a client, ${transport === 'tcp' ? 'TCP' : 'WebSocket'}`,
    figure: 'bytes',
    unit: 'bytes',
    once: true,
    variants: {
      'oocsi-client': keeps('ofClients', `oocsi-${transport}`, `oocsi-${transport}`),
      raw: keeps('ofClients', `oocsi-${transport}`, `bare-${transport}`),
    },
  })),
  {
    name: 'memory-subscription',
    onlyFull,
    title: 'Memory of a subscription',
    figure: 'bytes',
    unit: 'bytes',
    once: true,
    variants: { 'oocsi-client': keeps('ofSubscriptions', 'oocsi-tcp', 'oocsi-tcp', { size: 10_000 }) },
  },
  {
    name: 'size',
    title: 'Size of `oocsi.min.js`, gzip',
    figure: 'bytes',
    unit: 'bytes',
    once: true,
    variants: { 'oocsi-client': sizeOf(join(import.meta.dirname, '../dist/oocsi.min.js')) },
    gates: [{ of: 'oocsi-client', atMost: 13_000 }],
  },
].map((it) => ({ group: 'client', ...it }));

/** @type {(method: string, server: string, driver: string, options?: { size: number }) => import('./kit/setups.js').Setup} */
function keeps(method, server, driver, options) {
  return alone({ role: 'memory', method, server, args: { driver }, execArgv: ['--expose-gc'], once: true, ...options });
}

/** @type {(options: Omit<Parameters<typeof spreading>[0], 'driver'>) => Case['variants']} */
const everybody = (options) => ({
  'oocsi, TCP': spreading({ driver: 'oocsi-tcp', ...options }),
  'oocsi, WebSocket': spreading({ driver: 'oocsi-ws', ...options }),
  // It gives everything to everybody, so with many publishers it would be no match.
  ...(options.publishers === undefined && { 'bare ws': spreading({ driver: 'bare-ws', ...options }) }),
  'mqtt.js + aedes': spreading({ driver: 'mqtt', ...options }),
  'socket.io': spreading({ driver: 'socket.io', ...options }),
  'nats.js + nats-server': spreading({ driver: 'nats', ...options }),
});

/** @type {Gate[]} */
const ahead = [
  { of: 'oocsi, TCP', to: 'nats.js + nats-server', atLeast: 1 },
  { of: 'oocsi, TCP', to: 'mqtt.js + aedes', atLeast: 2 },
  { of: 'oocsi, TCP', to: 'socket.io', atLeast: 2 },
];

/** @type {Case[]} */
const systemCases = [
  ...['tcp', 'ws'].map((transport) => {
    const ours = transport === 'tcp' ? 'oocsi, TCP' : 'oocsi, WebSocket';
    const [peer, driver] = transport === 'tcp' ? ['nats.js + nats-server', 'nats'] : ['socket.io', 'socket.io'];
    return {
      name: `round-trip-${transport}`,
      title: `Round trip, ${transport === 'tcp' ? 'TCP' : 'WebSocket'}`,
      figure: 'p50',
      unit: 'µs',
      // One message at a time, so that it takes long until a program knows its ways.
      warmth: 5,
      variants: {
        [ours]: pinging({ driver: `oocsi-${transport}` }),
        'bare sockets': pinging({ driver: `bare-${transport}` }),
        [peer]: pinging({ driver }),
        ...(transport === 'tcp' && { 'mqtt.js + aedes': pinging({ driver: 'mqtt' }) }),
      },
      gates: [{ of: ours, to: 'bare sockets', atMost: 1.4 }],
      also: ['p99'],
    };
  }),
  { name: 'one-to-one', title: '1 → 1', ...rate, variants: everybody({ count: 20_000 }), gates: ahead, warmth: 4 },
  {
    name: 'one-to-ten',
    title: '1 → 10',
    ...rate,
    variants: everybody({ count: 4_000, subscribers: 10 }),
    gates: ahead,
  },
  {
    name: 'one-to-thousand',
    onlyFull,
    title: '1 → 1,000',
    ...rate,
    variants: everybody({ count: 20, subscribers: 1_000 }),
  },
  { name: 'ten-to-one', onlyFull, title: '10 → 1', ...rate, variants: everybody({ count: 20_000, publishers: 10 }) },
  ...['tcp', 'ws'].map((transport) => ({
    name: `burst-${transport}`,
    title: `Lost of 100,000 messages sent in one turn, ${transport === 'tcp' ? 'TCP' : 'WebSocket'}`,
    figure: 'lost',
    unit: 'messages',
    once: true,
    variants: { oocsi: spreading({ driver: `oocsi-${transport}`, count: 100_000, perTurn: 100_000 }) },
    gates: [{ of: 'oocsi', atMost: 0 }],
    also: ['rate'],
  })),
].map((it) => ({ group: 'system', ...it }));

/** @type {Case[]} */
const browserCases = [
  {
    name: 'chromium-send',
    title: 'Chromium send, 500 small messages in a turn',
    setup: sending,
    kind: 'small',
    count: 1_500,
  },
  {
    name: 'chromium-send-1k',
    onlyFull,
    title: 'Chromium send, 500 of 1 KB in a turn',
    setup: sending,
    kind: 'kilobyte',
    count: 1_000,
  },
  {
    name: 'chromium-receive',
    title: 'Chromium receive, small messages',
    setup: receiving,
    kind: 'small',
    count: 1_500,
  },
  {
    name: 'chromium-receive-1k',
    onlyFull,
    title: 'Chromium receive, 1 KB',
    setup: receiving,
    kind: 'kilobyte',
    count: 1_000,
  },
].map(({ setup, kind, count, ...it }) => {
  const options = /** @type {const} */ ({ transport: 'ws', role: 'browser', kind, count });
  return {
    group: 'browser',
    ...rate,
    ...it,
    variants: {
      'oocsi-client': setup({ driver: 'oocsi', ...options }),
      raw: setup({ driver: 'bare', ...options }),
    },
    gates: toRaw(0.95),
  };
});

const sizes = [1, 10, 100, 1_000, 10_000];

/** @type {Case[]} */
const growthCases = [
  ...sizes.map((size) => ({
    name: `growth-channels-${size}`,
    title: size === 1 ? '1 channel' : `${size.toLocaleString('en')} channels, one client subscribed to all`,
    growth: /** @type {const} */ (['channels', size]),
    variants: { 'oocsi, TCP': spreading({ driver: 'oocsi-tcp', channels: size, count: 20_000 }) },
  })),
  ...sizes.map((size) => {
    const options = { subscribers: size, count: Math.max(200, Math.min(20_000, 200_000 / size)) };
    return {
      name: `growth-subscribers-${size}`,
      title: `${size.toLocaleString('en')} subscriber${size === 1 ? '' : 's'} of one channel`,
      growth: /** @type {const} */ (['subscribers', size]),
      variants: {
        'oocsi, TCP': crowding({ driver: 'oocsi-tcp', ...options }),
        // What so many sockets cost by themselves.
        'bare sockets': crowding({ driver: 'bare-tcp', ...options }),
      },
    };
  }),
].map((it) => ({ group: 'growth', onlyFull, ...rate, ...it }));

/** @type {Case[]} */
export const cases = [...clientCases, ...ownCases, ...systemCases, ...browserCases, ...growthCases];
