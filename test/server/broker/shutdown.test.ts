import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { createBroker } from '../../../src/server/broker/broker';
import { endAll } from '../../../src/server/broker/shutdown';
import { ask } from '../../helpers/ask';
import { until, within } from '../../helpers/raw';
import { createVirtualClock } from '../../helpers/virtual-clock';
import { dataOf, openWorld, say } from '../../helpers/world';

/** When each of so many connections is ended, in ms from the start. */
async function farewells(count: number): Promise<number[]> {
  const clock = createVirtualClock();
  const start = clock.now();
  const connections = new Set(Array.from({ length: count }, (_, index) => index));
  const times: number[] = [];
  const over = endAll(clock, connections, (each) => {
    connections.delete(each);
    times.push(clock.now() - start);
  });
  await clock.advance(10_000);
  await over;
  expect(clock.timers).toBe(0);
  return times;
}

test('A handful of clients is sent away at once, and at the same time', async () => {
  expect(await farewells(0)).toEqual([]);
  expect(new Set(await farewells(25))).toEqual(new Set([0]));
});

test('Many clients are sent away a handful after the other, within 2 s', async () => {
  const hundred = await farewells(100);
  expect(hundred).toHaveLength(100);
  expect(hundred.at(-1)).toBe(150);
  for (const count of [1_000, 4_000, 10_001]) {
    const times = await farewells(count);
    expect(times).toHaveLength(count);
    expect(times.at(-1)).toBeGreaterThan(1_800);
    expect(times.at(-1)).toBeLessThanOrEqual(2_000);
    const perStep = new Map<number, number>();
    for (const time of times) perStep.set(time, (perStep.get(time) ?? 0) + 1);
    expect(Math.max(...perStep.values())).toBe(Math.ceil(count / 40));
  }
});

test('A client that comes while the others are sent away goes, too', async () => {
  const clock = createVirtualClock();
  const connections = new Set(Array.from({ length: 60 }, (_, index) => index));
  const ended: number[] = [];
  const over = endAll(clock, connections, (each) => {
    connections.delete(each);
    ended.push(each);
  });
  connections.add(60);
  await clock.advance(100);
  await over;
  expect(ended).toHaveLength(61);
});

test('Clients that are still there while a server stops go on talking, but nobody new comes in', async () => {
  const world = await openWorld();
  const all = await Promise.all(Array.from({ length: 300 }, (_, index) => world.line(`c${index}`)));
  const late = all.slice(290);
  for (const raw of late) await say(raw, 'subscribe room');
  const closing = world.server.close();
  await until(() => all.filter((raw) => raw.isClosed).length >= 25, 'the first ones are sent away');
  const stranger = connectTcp({ host: '127.0.0.1', port: world.server.tcpPort ?? 0 });
  const [refused] = await within(once(stranger, 'error'), 'a refusal');
  expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
  const [speaker, ...listeners] = late.filter((raw) => !raw.isClosed);
  speaker?.say('sendraw room {"n":1}');
  await speaker?.settled();
  expect(listeners.length).toBeGreaterThan(1);
  for (const raw of listeners) expect(dataOf(await raw.heard())).toEqual([{ n: 1 }]);
  await world.clock.advance(2_000);
  await within(closing, 'the server to close');
  for (const raw of late) expect((await raw.closed()).at(-1)).toBe('bye');
  expect(world.server.broker.clients()).toEqual([]);
});

test('What was sent before a server stops still arrives', async () => {
  const world = await openWorld();
  const [alice, bob, page] = [await world.line('alice'), await world.line('bob'), await world.web('page')];
  for (const raw of [bob, page]) await say(raw, 'subscribe room');
  const messages = Array.from({ length: 500 }, (_, n) => `sendraw room {"n":${n},"text":"${'x'.repeat(2_000)}"}`);
  await say(alice, ...messages);
  const closing = world.server.close();
  const [line, web] = await Promise.all([bob.closed(), page.closed()]);
  expect([line.pop(), line.length, web.length]).toEqual(['bye', 500, 500]);
  expect(dataOf(line).at(-1)).toMatchObject({ n: 499 });
  await within(closing, 'the server to close');
});

test('A call over HTTP that waits for its answer is told that the server stops', async () => {
  const world = await openWorld();
  await world.line('lamp');
  const asked = ask(world, '/lamp/mix');
  await until(() => world.server.stats().messagesIn === 1, 'the call is there');
  await Promise.all([
    expect(asked).resolves.toMatchObject({ status: 503, text: 'The server is stopping.\n' }),
    within(world.server.close(), 'the server to close'),
  ]);
  expect(world.clock.timers).toBe(0);
});

test('A broker without a server sends everybody away at once', () => {
  const broker = createBroker();
  const closed: number[] = [];
  for (let index = 0; index < 100; index++) {
    const link = { send: () => undefined, close: () => void closed.push(index), buffered: 0 };
    broker.accept(link).frame(`c${index}`);
  }
  broker.close();
  expect(closed).toHaveLength(100);
});

test('A program ends by itself once its server is closed', async () => {
  // As a program of its own, built from these sources: nothing else is to keep it alive, and nothing is to end it.
  const { outputFiles } = await build({
    stdin: {
      resolveDir: join(import.meta.dirname, '../../../src'),
      contents: `
        import { connect } from './index';
        import { startServer } from './server/index';
        const server = await startServer({ port: 0, tcpPort: 0 });
        const clients = await Promise.all([server.url, server.tcpUrl].map((url) => connect(url, { reconnect: false })));
        const events = await fetch(\`http://localhost:\${server.port}/subscribe/room\`);
        await server.close();
        console.log((await Promise.all(clients.map(({ closed }) => closed))).length, await events.text());
      `,
    },
    ...{ bundle: true, write: false, platform: 'node', format: 'esm', packages: 'external', logLevel: 'error' },
  });
  const root = join(import.meta.dirname, '../../..');
  await mkdir(join(root, '.tmp'), { recursive: true });
  const folder = await mkdtemp(join(root, '.tmp/stop-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'program.mjs'), outputFiles[0]?.text ?? '');
  const child = spawn(process.execPath, [join(folder, 'program.mjs')], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, errors, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  expect([exit, errors]).toEqual([0, '']);
  expect(out).toMatch(/^2 retry: 2000\n/);
});
