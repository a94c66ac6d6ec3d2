import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { connect, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { createRefusal } from '../../../src/protocol/refusals';
import { readLimits } from '../../../src/server/config/limits';
import { createCounts } from '../../../src/server/config/stats';
import { createServerEvents } from '../../../src/server/domain/events';
import { ConnectionGate } from '../../../src/server/listeners/connection-gate';
import { createListener } from '../../../src/server/listeners/listener';
import { busy, inTurns, superviseRequests } from '../../../src/server/listeners/request-limits';
import { certificate } from '../../helpers/certificate';
import { dialTcp, type Raw, until, within } from '../../helpers/raw';
import { createTurns } from '../../helpers/turns';
import { createVirtualClock } from '../../helpers/virtual-clock';
import { openWorld } from '../../helpers/world';

const head = 'GET /nothing HTTP/1.1\r\nHost: localhost\r\n';

/** A connection to the port for pages that can be written to as it likes; a few turns let the server read it. */
async function say(raw: Raw, text: string): Promise<void> {
  raw.bytes(text);
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
}

test('A connection for pages that asks for nothing is cut after 5 s', async () => {
  const world = await openWorld();
  const silent = await dialTcp(world.server.port);
  await say(silent, head);
  await world.clock.advance(4_999);
  expect(silent.isClosed).toBe(false);
  await world.clock.advance(1);
  await silent.closed();
  expect(world.server.stats().refused).toBe(1);
});

for (const [what, tls] of [
  ['', undefined],
  [' over TLS', certificate],
] as const) {
  test(`A connection that a browser opens in advance${what} and does not need is cut, and is no refusal`, async () => {
    const lines: string[] = [];
    const world = await openWorld({ logger: (line) => lines.push(line), ...(tls && { tls }) });
    const { port } = world.server;
    const advance = tls
      ? connectTls({ host: 'localhost', port, ca: certificate.cert })
      : connect({ host: '127.0.0.1', port });
    // A server that speaks TLS gives a ticket for the session as soon as both sides have agreed.
    const opened = once(advance, tls ? 'session' : 'connect');
    // It may be reset, too.
    const closed = new Promise((resolve) => advance.on('error', () => undefined).once('close', resolve));
    await within(opened, 'the connection');
    advance.resume();
    await until(() => world.clock.timers > 0, 'the server expects a request');
    await world.clock.advance(5_000);
    await within(closed, 'the end of the connection');
    expect(world.server.stats().refused).toBe(0);
    expect(lines).toEqual([]);
  });
}

test('A second request has 5 s as well, and no more', async () => {
  const world = await openWorld();
  const raw = await dialTcp(world.server.port);
  await say(raw, `${head}\r\n`);
  for (let seconds = 0; seconds < 3; seconds++) {
    await world.clock.advance(4_000);
    await say(raw, `${head}\r\n`);
    expect(raw.isClosed).toBe(false);
  }
  await say(raw, 'GET /noth');
  await world.clock.advance(5_000);
  expect((await raw.closed()).filter((line) => line.startsWith('HTTP/1.1 404'))).toHaveLength(4);
});

test('A request whose body does not come is cut', async () => {
  const world = await openWorld();
  const raw = await dialTcp(world.server.port);
  await say(raw, 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nx');
  await world.clock.advance(30_000);
  await raw.closed();
});

test('Eight requests that come together are answered in order', async () => {
  const world = await openWorld();
  const socket = connect({ host: '127.0.0.1', port: world.server.port });
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const paths = ['/health', '/', '/nothing', '/health', '/a/b', '/demo', '/send/x', '/nothing'];
  socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(''));
  const statuses = (): string => String(text.match(/(?<=HTTP\/1.1 )\d+/g));
  await expect.poll(statuses).toBe('200,200,404,200,404,308,405,404');
  expect(socket.closed).toBe(false);
});

test('Who sends more requests at once than anybody needs is cut, and what waited is given up', async () => {
  const world = await openWorld();
  const lamp = await world.line('lamp');
  await lamp.settled();
  const [timers, told] = [world.clock.timers, [] as string[]];
  world.server.on('refused', ({ reason, address }) => told.push(`${address} ${reason}`));
  const raw = await dialTcp(world.server.port);
  await say(raw, 'GET /lamp/on HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(1_000));
  await raw.closed();
  expect(told).toEqual(['127.0.0.1 more than 8 requests at once']);
  expect(world.server.stats().messagesIn).toBe(8);
  expect(world.clock.timers).toBe(timers);
});

test('Connections that ask for nothing at the moment do not keep a server from closing', async () => {
  const { server } = await openWorld();
  const raw = await dialTcp(server.port);
  await say(raw, `${head}\r\n`);
  await within(server.close(), 'the server to close');
  await raw.closed();
});

test('An answer may take as long as it likes', async () => {
  const clock = createVirtualClock();
  const [limits, counts, events] = [readLimits(), createCounts(), createServerEvents()];
  const gate = new ConnectionGate({ clock, limits, counts, events });
  const server = createServer();
  superviseRequests(server, gate, limits.handshakeTime, (_request, response) => void response.write('first\n'));
  const listener = createListener(
    { clock, limits, gate },
    {
      ...{ option: 'port', allowHalfOpen: true, refusal: busy },
      serve(socket) {
        server.emit('connection', socket);
        socket.resume();
      },
    },
  );
  const raw = await dialTcp((await listener.listen('127.0.0.1', 0)).port);
  await say(raw, `${head}\r\n`);
  await clock.advance(600_000);
  expect(raw.isClosed).toBe(false);
  const closing = listener.close();
  await clock.advance(500);
  await within(closing, 'the listener to close');
  await until(() => raw.isClosed, 'the far side is closed');
});

test('Who is one too many is told so in HTTP', () => {
  expect(busy(createRefusal('full', 'too many connections'))).toMatch(
    /^HTTP\/1\.1 503 .*\r\nContent-Length: 21\r\n\r\ntoo many connections\n$/s,
  );
});

test('Very many requests are served as there is time, each in its order', () => {
  const turns = createTurns();
  const served: number[] = [];
  const request = new IncomingMessage(new Socket());
  const responses = Array.from({ length: 20 }, () => new ServerResponse(request));
  const serve = inTurns(turns.scheduler, (_request, response) => {
    served.push(responses.indexOf(response));
    turns.pass(5);
  });
  for (const response of responses) serve(request, response);
  expect(served).toEqual([0, 1]);
  // Whoever is gone meanwhile is not served.
  responses[19]?.destroy();
  expect([turns.next(), turns.next(), served.length]).toEqual([10, 10, 6]);
  turns.rest();
  expect(served).toEqual(Array.from({ length: 19 }, (_, index) => index));
});

test('A body in very many small pieces is refused, and one in a few large ones is not', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  const start = 'POST /send/alice HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n';
  const tiny = await dialTcp(world.server.port);
  tiny.bytes(`${start}${'1\r\nx\r\n'.repeat(1_001)}`);
  expect((await tiny.closed()).join('\n')).toMatch(/^HTTP\/1\.1 400 .*more than 1000 pieces of less than 16 bytes/s);
  const large = await dialTcp(world.server.port);
  const body = `{"text":"${'x'.repeat(20 * 2_000)}"}`;
  const pieces = body.match(/.{1,20}/g) ?? [];
  large.bytes(`${start}${pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('')}0\r\n\r\n`);
  expect((await large.closed()).join('\n')).toMatch(/^HTTP\/1\.1 200 /);
  expect(await alice.heard()).toHaveLength(1);
});

test.each(['GET /health', 'GET /nothing', 'POST /health', 'HEAD /'])(
  'A connection ends after the answer to %s with a body in pieces',
  async (line) => {
    const world = await openWorld();
    const raw = await dialTcp(world.server.port);
    raw.bytes(`${line} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n`);
    expect((await raw.closed()).join('\n')).toMatch(/^HTTP\/1\.1 \d+ .*Connection: close/s);
  },
);
