// What hostile and broken clients do. Each attack goes against a server of a test, from a process of its own, so that the
// work of attacking is not mistaken for that of the server.
import { connect } from 'node:net';
import WebSocket from 'ws';

/** @typedef {{ port: number, webPort: number, victim: string }} Target */

const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A socket that never closes by itself, and does not mind being cut. */
function open(/** @type {number} */ port) {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  socket.on('error', () => undefined);
  return socket.resume();
}

/** Writes until all is taken, the socket is cut, or `ms` are over. */
async function write(
  /** @type {import('node:net').Socket} */ socket,
  /** @type {string | Uint8Array} */ data,
  ms = 3_000,
) {
  if (socket.destroyed) return;
  await Promise.race([new Promise((resolve) => socket.write(data, resolve)), pause(ms)]);
}

/** How many clients there were: no two have one handle, even when several attacks go on at once. */
let known = 0;

/** Lets `count` clients over TCP say `text` behind their handshake, and cuts them after `ms`. */
async function clients(/** @type {Target} */ { port }, count, text, ms = 300) {
  const sockets = Array.from({ length: count }, () => open(port));
  await Promise.all(sockets.map((socket) => write(socket, `evil_${process.pid}_${known++}(JSON)\n${text}`)));
  await pause(ms);
  for (const socket of sockets) socket.destroy();
}

/** The same without a handshake. */
async function strangers(/** @type {Target} */ { port }, count, data, ms = 300) {
  const sockets = Array.from({ length: count }, () => open(port));
  await Promise.all(sockets.map((socket) => write(socket, data)));
  await pause(ms);
  for (const socket of sockets) socket.destroy();
}

/** A client over WebSocket says `frames`. */
async function web(/** @type {Target} */ { webPort }, frames, ms = 300) {
  const socket = new WebSocket(`ws://127.0.0.1:${webPort}/ws`);
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('open', resolve).once('close', resolve));
  if (socket.readyState !== WebSocket.OPEN) return;
  for (const frame of [`web_${process.pid}_${known++}`, ...frames]) socket.send(frame);
  await pause(ms);
  socket.terminate();
}

const times = (/** @type {number} */ count, make) => Array.from({ length: count }, (_, index) => make(index));
const lines = (/** @type {number} */ count, make) => times(count, (index) => `${make(index)}\n`).join('');
const deep = (/** @type {number} */ levels, open, shut) => `{"a":${open.repeat(levels)}1${shut.repeat(levels)}}`;

/** Keys that Java and others cannot tell apart by their hash. */
const colliding = times(2 ** 14, (index) => times(14, (bit) => ((index >> bit) & 1 ? 'Aa' : 'BB')).join(''));

/** @type {Record<string, (target: Target) => Promise<void>>} */
export const attacks = {
  // Long lines, no line end, exhaustion.
  'lines of 1, 4 and 16 MB': async (target) => {
    for (const size of [1, 4, 16]) await clients(target, 2, `sendraw nobody {"x":"${'x'.repeat(size * 1e6)}"}\n`);
  },
  'a hundred that never end their first line': (target) => strangers(target, 100, 'x'.repeat(2 ** 20)),
  'a hundred that never end a later line': (target) => clients(target, 100, 'x'.repeat(2 ** 20 - 100)),
  'data nested 500 to 100,000 deep': async (target) => {
    for (const levels of [500, 3_000, 5_000, 100_000]) {
      const data = [deep(levels, '[', ']'), deep(levels, '{"a":', '}'), deep(levels, '[', '')];
      await clients(
        target,
        1,
        lines(9, (index) => `sendraw ${target.victim} ${data[index % 3]}`),
      );
      await web(
        target,
        times(9, (index) => `sendjson nobody ${data[index % 3]}`),
      );
    }
  },
  'names that look like functions and presences': (target) =>
    clients(
      target,
      2,
      lines(200, () => `subscribe ${'a'.repeat(30_000)}[`) +
        lines(200, () => `unsubscribe presence(${'a'.repeat(50_000)}`) +
        lines(200, () => `subscribe ${'a['.repeat(20_000)}`) +
        lines(2_000, () => `subscribe ${'a'.repeat(4_000)}[`) +
        lines(2_000, () => `unsubscribe presence(${'a'.repeat(4_000)}`) +
        lines(2_000, () => `subscribe ${'a['.repeat(2_000)}`),
    ),
  'objects of 20,000 keys, and keys of equal hash': (target) => {
    const many = times(20_000, (index) => `"k${index}":${index}`).join();
    const equal = colliding.map((key) => `"${key}":1`).join();
    return clients(
      target,
      1,
      lines(20, (index) => `sendraw ${target.victim}_ {${index % 2 ? many : equal}}`),
      1_000,
    );
  },
  'expressions that take long': async (target) => {
    const bombs = [
      'FACT(200000)>1',
      `${'9^'.repeat(200)}9>1`,
      `${'('.repeat(240)}1${')'.repeat(240)}>1`,
      `x${'*x'.repeat(240)}>1`,
    ];
    const filters = bombs
      .map((bomb, index) => `subscribe bomb${index}[filter(${bomb});transform(y,sum(x,50))]\n`)
      .join('');
    const messages = lines(4_000, (index) => `sendraw bomb${index % 4} {"x":${index}}`);
    await Promise.all([
      clients(target, 10, filters, 1_000),
      pause(300).then(() => clients({ ...target }, 11, messages, 700)),
    ]);
  },
  'windows that all look at every message': async (target) => {
    const windows = times(120, () => 'sum(x,50)').join('+');
    const filters = `subscribe bomb[${times(3, (index) => `transform(y${index},${windows})`).join(';')}]\n`;
    await Promise.all([
      clients(target, 10, filters, 1_500),
      pause(300).then(() =>
        clients(
          target,
          11,
          lines(3_000, (index) => `sendraw bomb {"x":${index}}`),
          1_200,
        ),
      ),
    ]);
  },
  '20,000 subscriptions of one client, and of twenty': async (target) => {
    await clients(
      target,
      1,
      lines(20_000, (index) => `subscribe c${index}`),
      500,
    );
    await clients(
      target,
      20,
      lines(2_000, (index) => `subscribe ${'d'.repeat(190)}${index}`),
      500,
    );
  },
  'much that is to be kept and delayed': (target) =>
    clients(
      target,
      1,
      lines(300, (index) => `sendraw k${index} {"x":"${'x'.repeat(60_000)}","_RETAIN":9,"_DELAY":9}`),
      1_000,
    ),

  // Connections without a handshake.
  '2,000 connections that say nothing': async (target) => {
    await Promise.all([
      strangers(target, 1_500, '', 1_000),
      strangers({ ...target, port: target.webPort }, 500, '', 1_000),
    ]);
  },
  'first lines that are none': async (target) => {
    const hello = Buffer.from('16030100d0010000cc0303', 'hex');
    const odd = [
      'x'.repeat(300),
      'caf\u00e9(JSON)',
      'two words(JSON)',
      '',
      'GET / HTTP/1.1\r\nHost: x',
      'SSH-2.0-OpenSSH_9 x',
      '(JSON)',
      'SERVER(JSON)',
    ];
    for (const line of odd) await strangers(target, 50, `${line}\n`, 50);
    await strangers(target, 50, hello, 50);
  },
  'two hundred that send a byte now and then': async (target) => {
    const sockets = [...times(100, () => open(target.port)), ...times(100, () => open(target.webPort))];
    for (let turn = 0; turn < 20; turn++) {
      for (const socket of sockets) if (!socket.destroyed) socket.write('x');
      await pause(50);
    }
    for (const socket of sockets) socket.destroy();
  },

  // Handles.
  'five hundred that take the name of another, and go on after the refusal': (target) =>
    strangers(
      target,
      500,
      `${target.victim}(JSON)\n${lines(200, () => `sendraw ${target.victim} {"forged":true}`)}`,
      500,
    ),
  'passwords, one after the other': async (target) => {
    for (let round = 0; round < 10; round++) await strangers(target, 50, `owner:guess${round}(JSON)\n`, 30);
  },
  'clients that come and go': async (target) => {
    for (let round = 0; round < 10; round++) await clients(target, 100, `subscribe come_and_go\nquit\n`, 20);
  },

  // Hostile JSON.
  'data that is odd in every way': (target) => {
    const odd = [
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"hasOwnProperty":1,"then":1}',
      '{"sender":"admin","recipient":"x","timestamp":1}',
      '{"data":1}',
      '{"a":NaN,"b":Infinity}',
      "{'a':1}",
      '{"a":1/*x*/}',
      '{"a":',
      '{"a":"\t"}',
      '{"a":null}',
      '{"a":1e400,"b":-0}',
      '{"a":"\\ud800"}',
      '{"a":9223372036854775808}',
      '{"a":9007199254740993}',
      '{"a":1} garbage',
      '{"a":1,"a":2}',
      'text',
      '',
      '{',
      '}',
      '[]',
      '"',
      '\\',
      '\u0000',
      '\u202e',
    ];
    return clients(
      target,
      5,
      lines(4_800, (index) => `sendraw ${target.victim}_ ${odd[index % odd.length]}`),
      500,
    );
  },

  // WebSocket and HTTP.
  'a frame of many tiny fragments': async (target) => {
    const socket = open(target.webPort);
    const head = [
      'GET /ws HTTP/1.1',
      'Host: localhost',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ];
    await write(socket, `${head.join('\r\n')}\r\n\r\n`);
    await pause(50);
    const rest = Buffer.from([0x00, 0x81, 0, 0, 0, 0, 0x78]);
    await write(socket, Buffer.concat([Buffer.from([0x01, 0x81, 0, 0, 0, 0, 0x78]), ...times(200_000, () => rest)]));
    await pause(300);
    socket.destroy();
  },
  'frames over WebSocket that are far too long': (target) =>
    web(
      target,
      times(3, () => 'x'.repeat(8e6)),
      500,
    ),
  'thousands of requests at once': async (target) => {
    const ask = (path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(2_000);
    const web = { ...target, port: target.webPort };
    for (const path of ['/channels', `/${target.victim}/call`, '/oocsi.js']) await strangers(web, 1, ask(path), 300);
  },
  'requests with long and many headers': async (target) => {
    const head = `GET / HTTP/1.1\r\nHost: localhost\r\n${lines(20_000, (index) => `X-${index}: ${index}\r`)}`;
    await strangers({ ...target, port: target.webPort }, 50, head, 300);
  },
};
