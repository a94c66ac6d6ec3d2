import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../../helpers/raw';
import { dataOf, openWorld, say, type World } from '../../helpers/world';

const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';

/** A connection that is never closed from this side, and all that it was told. */
function open(world: World, text: string): { readonly text: string; readonly isOver: boolean } {
  const socket = connect({ host: '127.0.0.1', port: world.server.port, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  const told = { text: '', isOver: false };
  socket.setEncoding('latin1').on('data', (piece: string) => {
    told.text += piece;
  });
  for (const event of ['end', 'error']) socket.on(event, () => Object.assign(told, { isOver: true }));
  socket.write(text, 'latin1');
  return told;
}

const wish = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n';

test('Who would like HTTP/2 is answered as others are, as HTTP wants it', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  await say(alice, 'subscribe caf\u00e9');
  const got = open(world, `GET /health HTTP/1.1\r\nHost: localhost\r\n${wish}\r\n`);
  const head = 'POST /send/caf%C3%A9 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  const posted = open(world, `${head}${wish}Content-Length: 7\r\n\r\n{"n":1}`);
  await until(() => got.isOver && posted.isOver, 'both are answered');
  expect(got.text).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close[\s\S]*\r\n\r\n\{"status":"ok"/);
  expect(posted.text).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(dataOf(await alice.heard())).toEqual([{ n: 1 }]);
});

test('Who would like something else is turned away by the same rules', async () => {
  const world = await openWorld();
  const refused = open(world, `GET /health HTTP/1.1\r\nHost: evil.example\r\n${wish}\r\n`);
  await until(() => refused.isOver, 'it is answered');
  expect(refused.text).toMatch(/^HTTP\/1\.1 403 /);
  const late = open(world, `POST /send/x HTTP/1.1\r\nHost: localhost\r\n${wish}Content-Length: 7\r\n\r\n`);
  const timers = world.clock.timers;
  await expect.poll(() => world.clock.timers).toBeGreaterThan(timers);
  await world.clock.advance(10_000);
  await until(() => late.isOver, 'it is given up');
  expect(late.text).toMatch(/^HTTP\/1\.1 408 /);
});

test('A WebSocket elsewhere than at /ws is refused', async () => {
  const world = await openWorld();
  const asked = open(
    world,
    `GET /wss HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n`,
  );
  await until(() => asked.isOver, 'it is answered');
  expect(asked.text).toMatch(/^HTTP\/1\.1 400 /);
});

for (const [who, head, time] of [
  ['says nothing', '', 5_000],
  ['may not come', 'Origin: https://evil.example\r\n', 0],
] as const) {
  test(`A WebSocket that ${who}, and does not close either, is cut half a second later`, async () => {
    const world = await openWorld();
    const timers = world.clock.timers;
    const upgrade = `GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n${head}${key}\r\n`;
    const silent = open(world, upgrade);
    await until(() => silent.text.includes('101 Switching'), 'it is open');
    await expect.poll(() => world.clock.timers).toBeGreaterThan(timers);
    await world.clock.advance(time);
    await until(() => silent.text.includes('ERROR: '), 'it is told why');
    await world.clock.advance(499);
    expect(silent.isOver).toBe(false);
    await world.clock.advance(1);
    await until(() => silent.isOver, 'it is cut');
    await until(() => world.clock.timers === timers, 'nothing is left');
    expect(world.server.stats()).toMatchObject({ refused: 1, unauthenticated: 0 });
  });
}

test('A WebSocket that closes when it is refused leaves nothing behind', async () => {
  const world = await openWorld();
  const timers = world.clock.timers;
  const refused = await world.ws('SERVER');
  await refused.closed();
  await until(() => world.clock.timers === timers, 'no timer is left');
});

test('A client that was let in has longer to close', async () => {
  const world = await openWorld();
  const upgrade = `GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n`;
  const lamp = open(world, `${upgrade}\x81\x84\0\0\0\0lamp`);
  await until(() => lamp.text.includes('welcome lamp'), 'it is welcomed');
  world.server.broker.close();
  await world.clock.advance(1_000);
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate);
  expect(lamp.isOver).toBe(false);
});
