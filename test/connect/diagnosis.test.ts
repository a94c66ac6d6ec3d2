import { createServer as createWebServer } from 'node:http';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { connect, createClient } from '../../src/index';
import { startServer } from '../../src/server/start-server';
import { listening } from '../helpers/listening';

describe('connect() says', () => {
  test('that nothing answers', async () => {
    for (const target of ['ws://127.0.0.1:1', '127.0.0.1:1', 'tcp://127.0.0.1:1']) {
      await expect(connect(target)).rejects.toMatchObject({
        name: 'OocsiError',
        code: 'unreachable',
        message: expect.stringMatching(/nothing answers there.*Is the server running/),
        cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
      });
    }
  });

  test('that a web server answers which is no OOCSI server', async () => {
    const { port, close } = await listening(createWebServer((_, response) => response.end('a web page')));
    await expect(connect(`ws://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'protocol',
      message: expect.stringContaining('is no OOCSI server'),
    });
    await expect(connect(`127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'protocol',
      message: expect.stringContaining('HTTP/1.1 400 Bad Request'),
    });
    await close();
  });

  test('that the port for TCP was asked for WebSocket', async () => {
    await using server = await startServer({ port: 0, tcpPort: 0 });
    await expect(connect(`ws://127.0.0.1:${server.tcpPort}`)).rejects.toMatchObject({ code: 'protocol' });
  });

  test('that a server opened but sent no welcome', async () => {
    const silent = createServer(() => {});
    const { port, close } = await listening(silent);
    const web = await listening(createWebServer());
    const upgrades = createWebServer();
    new WebSocketServer({ server: upgrades });
    const silentWeb = await listening(upgrades);
    for (const target of [`127.0.0.1:${port}`, `ws://127.0.0.1:${silentWeb.port}`]) {
      await expect(connect(target, { timeout: 100 })).rejects.toMatchObject({
        code: 'timeout',
        message: expect.stringContaining('sent no welcome within 100 ms'),
      });
    }
    await Promise.all([close(), web.close(), silentWeb.close()]);
  });

  test.each(['{"type":"connected"}', '{"type":"hot","data":true}'])(
    'that the socket of a dev server answers: %s',
    async (frame) => {
      const upgrades = createWebServer();
      new WebSocketServer({ server: upgrades }).on('connection', (socket) => socket.send(frame));
      const { port, close } = await listening(upgrades);
      await expect(connect(`ws://127.0.0.1:${port}`)).rejects.toMatchObject({
        code: 'protocol',
        message: expect.stringContaining('This is the dev server of a bundler: give the address of the OOCSI server'),
      });
      await close();
    },
  );

  test('that a server hung up without a welcome', async () => {
    const { port, close } = await listening(createServer((socket) => socket.end()));
    await expect(connect(`127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'protocol',
      message: expect.stringContaining('sent no welcome'),
    });
    await close();
  });

  test('that the name of the host cannot be found', async () => {
    await expect(connect('no-such-host.invalid')).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('that a server has no TLS where it was asked for', async () => {
    await using server = await startServer({ port: 0, tcpPort: 0 });
    for (const address of [`tls://localhost:${server.tcpPort}`, `wss://localhost:${server.port}`]) {
      const message = expect.stringContaining('it does not speak TLS there. Use tcp:// or ws://, or the port for TLS.');
      await expect(connect(address)).rejects.toMatchObject({ code: 'unreachable', message });
    }
  });

  test.each([
    'ftp://localhost',
    'http://localhost:9000',
    '',
    'two words',
    'localhost:99999',
    '::1',
    'tcp://localhost/path',
    'ws://',
  ])('that "%s" cannot be reached, and what can', async (target) => {
    const unsupported = { code: 'unsupported', message: expect.stringContaining("connect('localhost')") };
    await expect(connect(target)).rejects.toMatchObject(unsupported);
    expect(() => createClient(target)).toThrow(expect.objectContaining(unsupported));
  });

  test('why it was aborted', async () => {
    const reason = new Error('changed my mind');
    await expect(connect('localhost:1', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const { port, close } = await listening(createServer(() => {}));
    const abort = new AbortController();
    const connecting = connect(`127.0.0.1:${port}`, { signal: abort.signal });
    abort.abort(reason);
    await expect(connecting).rejects.toBe(reason);
    await close();
  });
});

describe('targets', () => {
  test('may be addresses, URLs, adapters and functions', async () => {
    await using server = await startServer({ port: 0, tcpPort: 0 });
    const targets = [
      server.url,
      `ws://127.0.0.1:${server.port}`,
      `ws://127.0.0.1:${server.port}/`,
      new URL(server.url),
      `127.0.0.1:${server.tcpPort}`,
      `localhost:${server.tcpPort}`,
      new URL(`tcp://127.0.0.1:${server.tcpPort}`),
      () => server.url,
      async () => new URL(server.url),
    ];
    for (const target of targets) {
      const client = await connect(target);
      expect(client.handle).toMatch(/^client_\d{8}$/);
      await client.close();
    }
  });

  test('may be an IPv6 address in brackets', async (context) => {
    const server = await startServer({ host: '::1', port: 0, tcpPort: 0 }).catch(() => undefined);
    if (!server) return context.skip('this machine has no IPv6');
    const client = await connect(`[::1]:${server.tcpPort}`);
    await client.close();
    await server.close();
  });
});
