import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { readLimits } from '../../../src/server/config/limits';
import { Backpressure } from '../../../src/server/flow/backpressure';
import { Budget, type BufferHolder } from '../../../src/server/flow/budget';
import { LineReader } from '../../../src/server/flow/line-reader';
import { until } from '../../helpers/raw';
import { createVirtualClock } from '../../helpers/virtual-clock';
import { dataOf, openWorld, say } from '../../helpers/world';

function openBudget(limit: number) {
  const turns: (() => void)[] = [];
  const budget = new Budget(limit, (task) => turns.push(task));
  const cut: string[] = [];
  return {
    ...{ budget, turns, cut },
    add(name: string, own: number, shared: readonly Uint8Array[] = []): void {
      const holder: BufferHolder = {
        ...{ own, shared },
        cut(reason) {
          cut.push(`${name}: ${reason}`);
          forget();
        },
      };
      const forget = budget.add(holder);
      budget.grew(own);
      for (const { length } of shared) budget.grew(length);
    },
    nextTurn: () => turns.shift()?.(),
  };
}

const reason = (bytes: number): string =>
  `too much waited in the server, and the most of it, ${bytes} bytes, for this connection`;

test('When all hold more than the budget, the largest are cut until it is kept', () => {
  const { add, nextTurn, cut } = openBudget(1_000);
  add('a', 300);
  add('b', 500);
  add('c', 200);
  nextTurn();
  expect(cut).toEqual([]);
  add('d', 400);
  nextTurn();
  expect(cut).toEqual([`b: ${reason(500)}`]);
  add('e', 301);
  nextTurn();
  expect(cut.slice(1)).toEqual([`d: ${reason(400)}`]);
});

test('What waits for many counts once, and for each in part', () => {
  const { add, nextTurn, cut } = openBudget(1_000);
  const message = new Uint8Array(900);
  for (let index = 0; index < 100; index++) add(`r${index}`, 0, [message]);
  nextTurn();
  expect(cut).toEqual([]);
  add('large', 150);
  nextTurn();
  expect(cut).toEqual([`large: ${reason(150)}`]);
});

test('All are looked at once in a turn, and only when a sixteenth of the budget may have come', () => {
  const { budget, turns, nextTurn } = openBudget(1_600);
  budget.grew(99);
  expect(turns).toHaveLength(0);
  for (let times = 0; times < 50; times++) budget.grew(100);
  expect(turns).toHaveLength(1);
  nextTurn();
  budget.grew(99);
  expect(turns).toHaveLength(0);
});

test('From three quarters of the budget on, who writes to one that holds more than its share waits', async () => {
  const limits = readLimits({ buffers: 1_600, stall: 1_000, queue: 1_000 });
  const backpressure = new Backpressure({ clock: createVirtualClock(), limits });
  const said: string[] = [];
  const cut = (reason: unknown): void => void said.push(String(reason));
  const receiver = { buffered: 700, own: 700, cut };
  backpressure.budget.add(receiver);
  for (let count = 0; count < 3; count++) backpressure.budget.add({ own: 200, cut });
  expect(backpressure.fullAt).toBe(1_000);
  backpressure.budget.grew(1_300);
  await new Promise(setImmediate);
  expect(backpressure.fullAt).toBe(400);
  backpressure.beginWork({ hold: () => said.push('hold'), release: () => said.push('release') });
  backpressure.full(receiver);
  backpressure.endWork();
  Object.assign(receiver, { buffered: 200, own: 200 });
  backpressure.moved(receiver, true);
  expect(said).toEqual(['hold', 'release']);
  backpressure.budget.grew(100);
  await new Promise(setImmediate);
  expect(backpressure.fullAt).toBe(1_000);
});

test('Clients that read slowly keep a sender waiting, and none is cut, when they hold nearly the whole budget', async () => {
  const world = await openWorld({ limits: { buffers: 2 ** 22, stall: 2 ** 20, queue: 2 ** 20 } });
  const lost: string[] = [];
  world.server.on('refused', ({ reason }) => lost.push(reason));
  world.server.on('slow', ({ reason }) => lost.push(reason));
  const [readers, messages, text] = [12, 200, 'x'.repeat(50_000)];
  const received = await Promise.all(
    Array.from({ length: readers }, async (_, index) => {
      const socket = connect({ host: '127.0.0.1', port: world.server.tcpPort ?? 0 });
      onTestFinished(() => void socket.destroy());
      socket.write(`r${index}(JSON)\n`);
      await once(socket, 'data');
      const tally = { bytes: 0 };
      socket.on('data', ({ length }) => {
        tally.bytes += length;
        socket.pause();
        let turns = 50;
        const goOn = (): unknown => (--turns > 0 ? setImmediate(goOn) : socket.resume());
        setImmediate(goOn);
      });
      return tally;
    }),
  );
  const sender = await world.line('sender');
  for (let count = 0; count < messages; count++) {
    for (let index = 0; index < readers; index++) sender.bytes(`sendraw r${index} {"x":"${text}"}\n`);
  }
  await until(
    () => lost.length > 0 || received.every(({ bytes }) => bytes > messages * text.length),
    'everything has arrived',
  );
  expect(lost).toEqual([]);
});

test('A line that comes letter by letter is counted, and takes no more than twice its length', () => {
  const lines = new LineReader(2 ** 20);
  for (let index = 0; index < 100_000; index++) {
    lines.add('x');
    expect(lines.next()).toBeUndefined();
  }
  expect(lines.held).toBeGreaterThanOrEqual(100_000);
  expect(lines.held).toBeLessThan(200_000);
  lines.add('\nnext');
  expect(lines.next()).toBe('x'.repeat(100_000));
  expect(lines.next()).toBeUndefined();
  expect(lines.held).toBeLessThan(100);
  lines.add(' ü聊\r\n');
  expect([lines.next(), lines.held]).toEqual(['next ü聊', 0]);
});

test('Unfinished lines of many clients over TCP do not go beyond the budget, and others notice nothing', async () => {
  const world = await openWorld({ limits: { buffers: 2 ** 20 } });
  const reasons: string[] = [];
  world.server.on('refused', (refused) => reasons.push(refused.reason));
  const bystander = await world.line('bystander');
  const greedy = await Promise.all(Array.from({ length: 8 }, (_, index) => world.line(`greedy${index}`)));
  for (const raw of greedy) raw.bytes(`sendraw bystander {"x":"${'x'.repeat(200_000)}`);
  await until(() => reasons.length >= 3, 'the largest are cut');
  expect(reasons.every((text) => text.startsWith('too much waited in the server'))).toBe(true);
  await say(bystander, 'sendraw bystander {"n":1}');
  expect(dataOf(await bystander.heard())).toEqual([{ n: 1 }]);
  // The others may go on.
  const left = greedy.filter(({ isClosed }) => !isClosed);
  expect(left.length).toBeLessThanOrEqual(5);
});

test('Unfinished frames of many clients over WebSocket do not go beyond the budget', async () => {
  const world = await openWorld({ limits: { buffers: 2 ** 20 } });
  const reasons: string[] = [];
  world.server.on('refused', (refused) => reasons.push(refused.reason));
  const bystander = await world.web('bystander');
  for (let index = 0; index < 8; index++) {
    const socket = new WebSocket(world.server.url);
    socket.on('error', () => undefined);
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    socket.send(`greedy${index}`);
    await once(socket, 'message');
    // Pings in between do not make it less.
    socket.send(`sendjson bystander {"x":"${'x'.repeat(200_000)}`, { fin: false });
    for (let pings = 0; pings < 20; pings++) socket.ping();
  }
  await until(() => reasons.length >= 3, 'the largest are cut');
  await say(bystander, 'sendjson bystander {"n":1}');
  expect(dataOf(await bystander.heard())).toEqual([{ n: 1 }]);
});
