import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { type Broker, type ServerStats, startServer } from '../../../src/server/index';
import { until } from '../../helpers/raw';

const count = 15_000;
const filling = 'x'.repeat(430);

interface Place {
  readonly broker: Broker;
  readonly tcpPort: number;
  readonly webPort: number;
  /** Who was cut, and why. */
  readonly slow: Map<string, string>;
  /** Who is gone, and why. */
  readonly left: Map<string, string>;
  stats(): ServerStats;
}

async function openPlace(): Promise<Place> {
  const [slow, left] = [new Map<string, string>(), new Map<string, string>()];
  const server = await startServer({ port: 0, tcpPort: 0 });
  server.on('slow', ({ handle, reason, waiting }) =>
    slow.set(handle, `${reason}, with ${waiting} bytes waiting for it`),
  );
  server.on('leave', ({ handle }, reason) => left.set(handle, reason));
  onTestFinished(() => server.close());
  return { broker: server.broker, stats: server.stats, slow, left, tcpPort: server.tcpPort ?? 0, webPort: server.port };
}

async function enterTcp({ tcpPort }: Place, handle: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: tcpPort, noDelay: true });
  // A client that was cut notices so at its next read.
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  socket.write(`${handle}(JSON)\nsubscribe channel\n`);
  await once(socket, 'data');
  return socket;
}

/** What a client got: how many messages there are, and whether one was missing or out of order. */
interface Tally {
  received: number;
  isBroken: boolean;
}

function tally(text: string, kept: Tally): void {
  for (const [, index] of text.matchAll(/"i":(\d+)/g)) {
    if (Number(index) !== kept.received++) kept.isBroken = true;
  }
}

function readLines(socket: Socket): Tally {
  const kept: Tally = { received: 0, isBroken: false };
  let rest = '';
  socket.on('data', (piece) => {
    const text = rest + piece.toString('latin1');
    const end = text.lastIndexOf('\n') + 1;
    rest = text.slice(end);
    tally(text.slice(0, end), kept);
  });
  return kept;
}

async function readFrames({ webPort }: Place, handle: string): Promise<Tally> {
  const kept: Tally = { received: 0, isBroken: false };
  const socket = new WebSocket(`ws://127.0.0.1:${webPort}/ws`);
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  socket.send(handle);
  await once(socket, 'message');
  socket.send('subscribe channel');
  socket.on('message', (frame) => tally(String(frame), kept));
  return kept;
}

test('One frozen and one slow client among 20 are cut; the others get everything in order', async () => {
  const place = await openPlace();
  const quick = [
    ...(await Promise.all(
      Array.from({ length: 9 }, async (_, index) => readLines(await enterTcp(place, `t${index}`))),
    )),
    ...(await Promise.all(Array.from({ length: 9 }, (_, index) => readFrames(place, `w${index}`)))),
  ];
  const frozen = await enterTcp(place, 'frozen');
  frozen.pause();
  const slow = await enterTcp(place, 'slow');
  slow.pause();
  const sipping = setInterval(() => slow.read(1_024), 100);
  onTestFinished(() => clearInterval(sipping));
  const sender = await enterTcp(place, 'sender');
  await until(() => place.broker.clients().length === 21, 'all are there');

  for (let index = 0; index < count; index++) sender.write(`sendraw channel {"i":${index},"filling":"${filling}"}\n`);
  const all = Array.from(quick, () => ({ received: count, isBroken: false }));
  await expect.poll(() => quick, { interval: 20 }).toEqual(all);
  await expect.poll(() => [...place.slow.keys()].sort()).toEqual(['frozen', 'slow']);
  expect(place.slow.get('frozen')).toMatch(
    /^(did not keep up with what was sent to it|took nothing for 10 s), with \d+ bytes waiting for it$/,
  );
  expect(place.broker.clients()).not.toContain('frozen');
  expect(place.broker.clients()).not.toContain('slow');
  expect(Object.fromEntries(place.left)).toEqual({ frozen: 'slow', slow: 'slow' });
  expect(place.stats().slow).toBe(2);
}, 90_000);

test('A frozen WebSocket is cut, and its neighbour gets everything', async () => {
  const place = await openPlace();
  const neighbour = await readFrames(place, 'neighbour');
  const frozen = new WebSocket(`ws://127.0.0.1:${place.webPort}/ws`);
  frozen.on('error', () => undefined);
  onTestFinished(() => frozen.terminate());
  await once(frozen, 'open');
  frozen.send('frozen');
  await once(frozen, 'message');
  frozen.send('subscribe channel');
  frozen.pause();
  const sender = await enterTcp(place, 'sender');
  await until(() => place.broker.clients().length === 3, 'all are there');
  for (let index = 0; index < count; index++) sender.write(`sendraw channel {"i":${index},"filling":"${filling}"}\n`);
  await expect.poll(() => neighbour, { interval: 20 }).toEqual({ received: count, isBroken: false });
  await expect.poll(() => [...place.slow.keys()]).toEqual(['frozen']);
  expect([[...place.left], place.stats().slow]).toEqual([[['frozen', 'slow']], 1]);
}, 60_000);

test('A client that pauses in the middle of a burst loses nothing, as its sender waits for it', async () => {
  const place = await openPlace();
  const socket = await enterTcp(place, 'pausing');
  const pausing = readLines(socket);
  const sender = await enterTcp(place, 'sender');
  let pauses = 0;
  socket.on('data', () => {
    if (pauses === 20 || pausing.received < pauses * 500) return;
    pauses++;
    socket.pause();
    setTimeout(() => socket.resume(), 20);
  });
  for (let index = 0; index < count; index++) sender.write(`sendraw channel {"i":${index},"filling":"${filling}"}\n`);
  await expect.poll(() => pausing, { interval: 20 }).toEqual({ received: count, isBroken: false });
  expect(pauses).toBe(20);
  expect([...place.slow]).toEqual([]);
}, 60_000);
