import { createServer as createWebServer } from 'node:http';
import { createServer as createSecureWebServer } from 'node:https';
import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { connect, createClient, webSocket } from '../../src/index';
import { startServer } from '../../src/server/index';
import { tcp } from '../../src/tcp';
import { certificate } from '../helpers/certificate';
import { listening } from '../helpers/listening';
import { dialTcp, dialWeb } from '../helpers/raw';

describe('A server whose certificate nobody has signed', () => {
  const tls = certificate;
  const why = /it shows a self-signed certificate.*tcp\(\{ tls: \{ ca \} \}\) or webSocket\(url, \{ ca \}\)/;

  test('is named, over TCP and over WebSocket', async () => {
    await using server = await startServer({ port: 0, tcpPort: 0, tls });
    for (const target of [server.url, `tls://localhost:${server.tcpPort}`]) {
      await expect(connect(target)).rejects.toMatchObject({
        code: 'unreachable',
        message: expect.stringMatching(why),
        cause: expect.objectContaining({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
      });
    }
  });

  test('is reached by who trusts it, over both', async () => {
    await using server = await startServer({ port: 0, tcpPort: 0, tls });
    const ca = tls.cert;
    const targets = [
      webSocket(server.url, { ca }),
      webSocket(server.url, { ca: new TextEncoder().encode(ca) }),
      webSocket(server.url, { ca: [ca] }),
      webSocket(server.url, { rejectUnauthorized: false }),
      tcp({ port: server.tcpPort, tls: { ca } }),
    ];
    for (const target of targets) await (await connect(target)).close();
  });

  test('is named for another host, over both', async () => {
    const web = await listening(createSecureWebServer(tls));
    const lines = await listening(createTlsServer(tls));
    const targets = [
      webSocket(`wss://127.0.0.1:${web.port}`, { ca: tls.cert, servername: 'studio.example' }),
      tcp({ host: '127.0.0.1', port: lines.port, tls: { ca: tls.cert, servername: 'studio.example' } }),
    ];
    for (const target of targets) {
      await expect(connect(target)).rejects.toMatchObject({
        code: 'unreachable',
        message: expect.stringContaining('its certificate is for another name'),
      });
    }
    await Promise.all([web.close(), lines.close()]);
  });
});

describe('webSocket(url, options)', () => {
  test('sends the headers', async () => {
    const { port, close } = await listening(
      createWebServer().on('upgrade', ({ headers }, socket) => {
        socket.end(`HTTP/1.1 403 No\r\nContent-Type: text/plain\r\n\r\n${headers['x-studio']} from ${headers.origin}`);
      }),
    );
    const adapter = webSocket(`ws://127.0.0.1:${port}`, {
      headers: { 'X-Studio': 'key' },
      origin: 'http://studio.example',
    });
    await expect(connect(adapter)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('HTTP 403: key from http://studio.example'),
    });
    await close();
  });

  test.each<[options: unknown, said: string]>([
    [{ header: {} }, 'Unknown option "header": did you mean "headers"?'],
    ['me', 'options cannot be "me": use an object with ca,'],
    [{ agent: {} }, 'agent cannot be Object: use an Agent of node:http or node:https'],
  ])('says what can be where %j cannot', (options, said) => {
    expect(() => Reflect.apply(webSocket, undefined, ['ws://localhost', options])).toThrow(said);
  });
});

describe('A byte order mark as the first byte', () => {
  test('of a server is named, over TCP and over WebSocket', async () => {
    const lines = await listening(createServer((socket) => socket.write(`\ufeff{'message' : "welcome lamp"}\n`)));
    const upgrades = createWebServer();
    new WebSocketServer({ server: upgrades }).on('connection', (socket) =>
      socket.send('\ufeff{"message" : "welcome lamp"}'),
    );
    const web = await listening(upgrades);
    for (const target of [`127.0.0.1:${lines.port}`, `ws://127.0.0.1:${web.port}`]) {
      await expect(connect(target)).rejects.toMatchObject({
        code: 'protocol',
        message: expect.stringContaining('begins with a byte order mark'),
      });
    }
    await Promise.all([lines.close(), web.close()]);
  });

  test('of a client is named by the server, over both', async () => {
    await using server = await startServer({ port: 0, tcpPort: 0 });
    const reason = 'handle begins with a byte order mark: send UTF-8 without one';
    const line = await dialTcp(server.tcpPort ?? 0);
    line.bytes('\ufefflamp(JSON)\n');
    expect(await line.closed()).toEqual([`error (${reason})`]);
    const web = await dialWeb(server.url);
    web.say('\ufefflamp');
    expect((await web.closed()).join()).toContain(reason);
  });
});

describe('A function of the program that does not come to an end is named', () => {
  const never = (): Promise<never> => new Promise(() => {});
  test.each([
    ['handle()', () => 'localhost:1', { handle: never }],
    ['password()', () => 'localhost:1', { password: never }],
    ['The function that gives the address', never, {}],
  ])('%s', async (name, target, options) => {
    const error = { code: 'timeout', message: `${name} gave nothing within 20 ms.` };
    await expect(connect(target, { ...options, timeout: 20 })).rejects.toMatchObject(error);
    const client = createClient(target, { ...options, timeout: 20, reconnect: false });
    expect(await client.closed).toMatchObject(error);
  });
});

test.each(['url', 'tcpUrl'] as const)('A call of what only the caller registered is named (%s)', async (address) => {
  await using server = await startServer({ port: 0, tcpPort: 0 });
  const dice = await connect(server[address], { handle: 'dice' });
  dice.register('game', 'roll', () => ({ value: 6 }));
  await expect(dice.call('game', 'roll', {}, { timeout: 50 })).rejects.toMatchObject({
    code: 'timeout',
    message:
      'Nobody but this client has registered "roll" on game, and servers send no message back to who sent it: call the function itself. It did not answer within 50 ms.',
  });
  // By its handle a client reaches itself.
  expect(await dice.call('dice', 'roll')).toEqual({ value: 6 });
  await dice.close();
});
