import { once } from 'node:events';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { tcp } from '../../../src/adapters/tcp';
import { connect } from '../../../src/index';
import { type Server, type ServerOptions, startServer } from '../../../src/server/start-server';
import { certificate } from '../../helpers/certificate';
import { until, within } from '../../helpers/raw';
import { createVirtualClock } from '../../helpers/virtual-clock';

const ca = certificate.cert;

async function openServer(options: ServerOptions = {}): Promise<Server> {
  const server = await startServer({ port: 0, tcpPort: 0, tls: certificate, ...options });
  onTestFinished(() => server.close());
  return server;
}

/** What https gives. */
function get(server: Server, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: 'localhost', port: server.port, path, ca, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () => resolve(text));
    });
    asked.once('error', reject).end();
  });
}

test('A server with a certificate says so in its addresses', async () => {
  const server = await openServer();
  expect(server.url).toBe(`wss://127.0.0.1:${server.port}/ws`);
  expect(server.tcpUrl).toBe(`tls://127.0.0.1:${server.tcpPort}`);
});

for (const [what, tls] of [
  ['texts', certificate],
  ['bytes', { key: Buffer.from(certificate.key), cert: new TextEncoder().encode(certificate.cert) }],
] as const) {
  test(`Clients over TCP, WebSocket and HTTP meet on one server, whose key comes as ${what}`, async () => {
    const server = await openServer({ tls });
    const line = await connect(tcp({ port: server.tcpPort, tls: { ca } }), { handle: 'line' });
    onTestFinished(() => line.close());
    const heard = line.messages('room');
    await line.flush();
    const web = new WebSocket(server.url, { ca });
    await within(once(web, 'open'), 'a WebSocket');
    web.send('web');
    await within(once(web, 'message'), 'the welcome');
    web.send('sendjson room {"by":"wss"}');
    expect((await within(heard.next(), 'the message by wss')).value).toMatchObject({
      sender: 'web',
      data: { by: 'wss' },
    });
    expect(await get(server, '/send/room/https')).toBe('Sent to room.\n');
    expect((await within(heard.next(), 'the message by https')).value).toMatchObject({ data: { parameter: 'https' } });
    const answered = once(web, 'message');
    line.send('web', { by: 'tls', text: 'x'.repeat(60_000) });
    expect(String((await within(answered, 'the message by tls'))[0])).toContain('"by":"tls"');
    web.close();
    await line.close();
  });
}

test('A client that does not know the certificate does not connect, and says why', async () => {
  const server = await openServer();
  await expect(connect(server.tcpUrl)).rejects.toThrow(/certificate/i);
  await expect(connect(server.url)).rejects.toThrow();
  expect(server.broker.clients()).toEqual([]);
});

test('Clients without TLS are turned away, and harm nobody', async () => {
  const server = await openServer();
  for (const port of [server.port, server.tcpPort ?? 0]) {
    const socket = connectTcp({ host: '127.0.0.1', port });
    socket.on('error', () => undefined);
    socket.resume().write('alice(JSON)\nGET / HTTP/1.1\r\n\r\n');
    await within(once(socket, 'close'), 'the end');
  }
  await expect(fetch(`http://127.0.0.1:${server.port}/health`)).rejects.toThrow();
  expect(JSON.parse(await get(server, '/health'))).toMatchObject({ status: 'ok', clients: 0 });
});

test('Who connects and agrees on no key is cut after the time for a handshake', async () => {
  const clock = createVirtualClock();
  const server = await openServer({ clock });
  const silent = await Promise.all(
    [server.port, server.tcpPort ?? 0].map(async (port) => {
      const socket = connectTcp({ host: '127.0.0.1', port });
      socket.on('error', () => undefined).resume();
      await once(socket, 'connect');
      return socket;
    }),
  );
  // One has said half a hello.
  silent[1]?.write(Buffer.from([0x16, 3, 1, 2]));
  await until(() => clock.timers === 2, 'both are awaited');
  const closed = Promise.all(silent.map((socket) => once(socket, 'close')));
  await clock.advance(4_999);
  expect(silent.map((socket) => socket.destroyed)).toEqual([false, false]);
  await clock.advance(1_000);
  await within(closed, 'both are cut');
});

test('Who agreed on a key and says nothing is told so after the time for a handshake', async () => {
  const clock = createVirtualClock();
  const server = await openServer({ clock });
  const socket = connectTls({ host: 'localhost', port: server.tcpPort, ca });
  await within(once(socket, 'secureConnect'), 'a connection');
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const closed = once(socket, 'close');
  await until(() => server.stats().unauthenticated === 1, 'the server knows it');
  await clock.advance(5_000);
  await within(closed, 'the end');
  expect(text).toBe('error (say who you are within 5 s)\n');
});

test('A server with a certificate closes as any other, and leaves nothing behind', async () => {
  const clock = createVirtualClock();
  const server = await openServer({ clock });
  const socket = connectTls({ host: 'localhost', port: server.tcpPort, ca });
  socket.write('alice(JSON)\n');
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  await until(() => text.includes('welcome'), 'the welcome');
  const closed = once(socket, 'close');
  await within(Promise.all([server.close(), closed]), 'the end');
  expect(text).toMatch(/bye\n$/);
  expect(clock.timers).toBe(0);
});

for (const [what, tls, message] of [
  ['no key', { ...certificate, key: '' }, /^tls\.key must be what a PEM file holds/],
  ['a certificate that is no text', { ...certificate, cert: 1 }, /^tls\.cert must be what a PEM file holds/],
  [
    'a certificate that is none',
    { ...certificate, cert: 'nonsense' },
    /^tls must be a key and its certificate in PEM \(/,
  ],
  ['a key of another certificate', { ...certificate, cert: certificate.key }, /^tls must be a key and its certificate/],
  ['an unknown option', { ...certificate, ca: '' }, /^Unknown option "tls\.ca": use key or cert/],
] as const) {
  test(`A server with ${what} does not start, and says what is wrong`, async () => {
    const options: Record<string, unknown> = { port: 0, tcpPort: 0, tls };
    const thrown: unknown = await startServer(options).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(TypeError);
    expect(thrown).toMatchObject({ message: expect.stringMatching(message) });
    // A key is nobody's business.
    expect(String(thrown)).not.toContain('BEGIN');
  });
}
