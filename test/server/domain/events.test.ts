import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connect, memory } from '../../../src/index';
import type { Link } from '../../../src/protocol/link';
import { createBroker } from '../../../src/server/broker/broker';
import type { ServerEvents } from '../../../src/server/domain/events';
import { startServer } from '../../../src/server/start-server';
import { printable } from '../../../src/util/printable';
import { until } from '../../helpers/raw';
import { dialects, openWorld, say } from '../../helpers/world';

const names = ['join', 'leave', 'subscribe', 'message', 'refused', 'slow', 'error'] as const;

for (const dialect of dialects) {
  test(`A server tells who comes, subscribes, sends, is refused and goes (${dialect})`, async () => {
    const world = await openWorld();
    const told: unknown[] = [];
    for (const name of names) world.server.on(name, (...args: unknown[]) => told.push([name, ...args]));
    const alice = await world[dialect]('alice');
    const who = { handle: 'alice', dialect, address: '127.0.0.1' };
    await say(alice, 'subscribe secret:word', 'sendjson secret:word {"n":1}', 'subscribe secret:word');
    const twin = dialect === 'line' ? await world.tcp('alice(JSON)') : await world.ws('alice');
    await twin.closed();
    await alice.leave();
    await until(() => world.server.broker.clients().length === 0, 'alice is gone');
    const reason = 'name already registered: alice';
    const timestamp = world.clock.now();
    expect(told).toEqual([
      ['join', who],
      ['subscribe', who, 'secret'],
      ['message', { sender: 'alice', recipient: 'secret:***', timestamp, data: { n: 1 } }],
      ['refused', { reason, code: 'taken', handle: 'alice', address: '127.0.0.1' }],
      ['leave', who, 'left'],
    ]);
  });

  test(`A server tells why a client is gone (${dialect})`, async () => {
    const world = await openWorld({ limits: { line: 1_000 } });
    const told: string[] = [];
    world.server.on('leave', ({ handle }, reason) => told.push(`${handle} ${reason}`));
    await world[dialect]('silent');
    await world.clock.advance(125_000);
    await world[dialect]('ghost');
    await world.clock.advance(11_000);
    const heir = dialect === 'line' ? await world.tcp('ghost(JSON)') : await world.ws('ghost');
    for (let turns = 0; turns < 10; turns++) await new Promise(setImmediate);
    await world.clock.advance(2_000);
    await heir.heard();
    if (dialect === 'line') heir.say('x'.repeat(1_001));
    else await heir.leave();
    await until(() => told.length === 3, 'three are gone');
    await world[dialect]('last');
    world.server.broker.close();
    const third = dialect === 'line' ? 'ghost refused' : 'ghost left';
    expect(told).toEqual(['silent silent', 'ghost replaced', third, 'last closed']);
  });
}

test('A client behind a link of its own is cut, too, when it takes too little', () => {
  const broker = createBroker({ limits: { queue: 1_000 } });
  const told: unknown[] = [];
  broker.on('slow', ({ handle, reason, waiting }) => told.push([handle, reason, waiting]));
  broker.on('leave', ({ handle }, reason) => told.push([handle, reason]));
  let [buffered, isClosed] = [0, false];
  const link: Link = {
    send(frame) {
      buffered += frame.length;
    },
    close() {
      isClosed = true;
    },
    get buffered() {
      return buffered;
    },
  };
  const events = broker.accept(link, 'line');
  events.frame('lamp(JSON)');
  while (!isClosed) events.frame(`sendraw lamp {"t":"${'x'.repeat(300)}"}`);
  expect(buffered).toBeLessThan(1_500);
  expect(told).toEqual([
    ['lamp', 'more than 1000 bytes waited', buffered],
    ['lamp', 'slow'],
  ]);
  expect(broker.stats()).toMatchObject({ clients: 0, slow: 1 });
});

test('What on() gives ends it, and so does a signal', async () => {
  const broker = createBroker();
  const told: string[] = [];
  const stop = broker.on('join', ({ handle }) => told.push(`first ${handle}`));
  const controller = new AbortController();
  broker.on('join', ({ handle }) => told.push(`second ${handle}`), { signal: controller.signal });
  await using _a = await connect(memory(broker.accept), { handle: 'a' });
  stop();
  await using _b = await connect(memory(broker.accept), { handle: 'b' });
  controller.abort();
  await using _c = await connect(memory(broker.accept), { handle: 'c' });
  expect(told).toEqual(['first a', 'second a', 'second b']);
});

test('An event that there is not, and a listener that is none, are refused', () => {
  const broker = createBroker();
  const event: keyof ServerEvents = JSON.parse('"joined"');
  expect(() => broker.on(event, () => undefined)).toThrow(/^Unknown event "joined": did you mean "join"\?/);
  expect(() => broker.on('join', JSON.parse('null'))).toThrow(TypeError);
});

test('A listener that throws stops nobody, and is told to error', async () => {
  const broker = createBroker();
  const faults: string[] = [];
  broker.on('error', ({ message }) => faults.push(message));
  broker.on('join', () => {
    throw new Error('oh');
  });
  const told: string[] = [];
  broker.on('join', ({ handle }) => told.push(handle));
  await using _a = await connect(memory(broker.accept), { handle: 'a' });
  expect([told, faults]).toEqual([['a'], ['A listener failed: oh']]);
});

test('stats() counts what was done and what is there', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.web('bob')];
  await world.tcp();
  await say(bob, 'subscribe colour');
  await say(alice, 'subscribe colour', 'subscribe sound');
  const before = world.server.stats();
  await say(alice, 'sendraw colour {"n":1}', 'sendraw bob {"_DELAY":60}', 'sendraw colour {"_RETAIN":60}');
  await say(alice, 'sendraw OOCSI_clients {"n":1}');
  const after = world.server.stats();
  expect(after).toMatchObject({ clients: 2, unauthenticated: 1, channels: 2, retained: 1, delayed: 1, uptime: 0 });
  expect(after).toMatchObject({ messagesIn: before.messagesIn + 4, messagesOut: before.messagesOut + 2, dropped: 1 });
  const said = 'sendraw colour {"n":1}sendraw bob {"_DELAY":60}sendraw colour {"_RETAIN":60}';
  expect(after.bytesIn - before.bytesIn).toBe(`${said}pingsendraw OOCSI_clients {"n":1}ping`.length);
  expect(after.bytesOut).toBeGreaterThan(before.bytesOut);
  await world.clock.advance(3_000);
  expect(world.server.stats().uptime).toBe(3_000);
});

test('The log tells everything but messages, in a line each without control characters', async () => {
  const lines: string[] = [];
  const world = await openWorld({ logger: (line) => lines.push(line) });
  const alice = await world.line('alice');
  await say(alice, 'subscribe x\u202e\u200f1m', 'sendraw alice {"n":1}');
  await (await world.tcp('SERVER(JSON)')).closed();
  const who = '{"handle":"alice","dialect":"line","address":"127.0.0.1"}';
  expect(lines).toEqual([
    `join ${who}`,
    `subscribe ${who} "x\\u202e\\u200f1m"`,
    'refused {"reason":"name reserved for the server: SERVER","code":"handshake","handle":"SERVER","address":"127.0.0.1"}',
  ]);
});

test('Nothing that clients say gets into the log as it is', () => {
  // Seeded by fast-check, which prints the seed of what fails.
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const line = printable(text);
      expect(line).not.toMatch(/[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
    }),
    { numRuns: 5_000 },
  );
  expect(printable('a\n\x1b[2J\x7f\u0085\u061c\u200f')).toBe('a\\u000a\\u001b[2J\\u007f\\u0085\\u061c\\u200f');
});

test('A logger that is none is refused, and one that throws is not the end of a server', async () => {
  await expect(startServer({ port: 0, tcpPort: 0, logger: JSON.parse('3') })).rejects.toThrow(/logger must be/);
});

test.each([
  ['0.0.0.0', [], 1],
  ['0.0.0.0', ['lamp:word'], 0],
  ['127.0.0.1', [], 0],
  ['localhost', [], 0],
])('At %s with the users %j, a server warns %i times', async (host, users, times) => {
  const lines: string[] = [];
  await using _server = await startServer({ host, users, port: 0, tcpPort: 0, logger: (line) => lines.push(line) });
  expect(lines.filter((line) => line.startsWith('warning anybody who reaches'))).toHaveLength(times);
});
