import { expect, test } from 'vitest';
import { createBroker } from '../../../src/server/broker/broker';
import { readLimits } from '../../../src/server/config/limits';
import { startServer } from '../../../src/server/start-server';
import { dataOf, dialects, objects, openWorld, say } from '../../helpers/world';

/** What a client heard of faults, in either dialect. */
function faults(frames: readonly string[]): string[] {
  return frames.flatMap((frame) => /^error \((.*)\)$/.exec(frame)?.[1] ?? /ERROR: ([^"]*)"/.exec(frame)?.[1] ?? []);
}

test('Limits that are not given keep their defaults', () => {
  const all = readLimits();
  expect(readLimits({ clients: 3 })).toEqual({ ...all, clients: 3 });
  expect(readLimits({ clients: undefined, trusted: undefined })).toEqual(all);
  expect(all).toMatchObject({ handshake: 256, handshakeTime: 5_000, clients: 4_096, line: 1_048_576, idle: 120_000 });
  expect(all).toMatchObject({ queue: 1_048_576, stall: 262_144, writeDeadline: 10_000, trusted: [] });
});

test.each([
  ['{ "client": 3 }', TypeError, /Unknown option "limits\.client": did you mean "limits\.clients"\?/],
  ['{ "toString": 3 }', TypeError, /Unknown option "limits\.toString"/],
  ['{ "clients": "3" }', TypeError, /limits\.clients cannot be "3"/],
  ['{ "clients": null }', TypeError, /limits\.clients cannot be null: use a number/],
  ['{ "clients": 0 }', RangeError, /limits\.clients cannot be 0: use a number of at least 1/],
  ['{ "idle": -5 }', RangeError, /limits\.idle cannot be -5/],
  ['{ "trusted": "10.0.0.1" }', TypeError, /limits\.trusted cannot be "10\.0\.0\.1"/],
  ['{ "trusted": [1] }', TypeError, /limits\.trusted cannot be 1/],
  ['null', TypeError, /limits cannot be null: use an object with handshake/],
  ['3', TypeError, /limits cannot be 3/],
])('Limits that cannot be meant are refused by name: %s', async (json, kind, text) => {
  const limits = JSON.parse(json);
  for (const start of [async () => createBroker({ limits }), () => startServer({ port: 0, tcpPort: 0, limits })]) {
    const thrown = await start().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(kind);
    expect(thrown).toMatchObject({ message: expect.stringMatching(text) });
  }
});

test('A limit that is not a number is refused', () => {
  expect(() => readLimits({ line: Number.NaN })).toThrow(RangeError);
});

for (const dialect of dialects) {
  test(`One client more than there may be is told that the server is full (${dialect})`, async () => {
    const world = await openWorld({ limits: { clients: 2 } });
    const [alice] = [await world[dialect]('alice'), await world[dialect]('bob')];
    const third = dialect === 'line' ? await world.tcp('carol(JSON)') : await world.ws('carol');
    expect(faults(await third.closed())).toEqual(['the server is full: try again later']);
    await alice.leave();
    await expect.poll(() => world.server.broker.clients()).toEqual(['bob']);
    await world[dialect]('carol');
  });

  test(`A client has so many channels and watched names at most, and the others are not told (${dialect})`, async () => {
    const world = await openWorld({ limits: { channelsPerClient: 3 } });
    const [alice, bob] = [await world[dialect]('alice'), await world.line('bob')];
    await say(alice, 'subscribe a', 'subscribe presence(x)', 'subscribe b', 'subscribe c', 'subscribe presence(y)');
    const complaint = 'too many subscriptions: 3 at most';
    expect(faults(await alice.heard())).toEqual([complaint, complaint]);
    // What it has already is not counted again; what it leaves makes room.
    await say(alice, 'subscribe a', 'subscribe presence(x)', 'unsubscribe b', 'subscribe c');
    expect(faults(await alice.heard())).toEqual([]);
    await say(bob, 'subscribe a', 'subscribe b', 'subscribe d');
    expect(faults(await bob.heard())).toEqual([]);
    expect(world.server.broker.channels()).toEqual(['a', 'c', 'b', 'd', 'alice', 'bob']);
  });

  test(`A server has so many channels at most; those that are there stay open to all (${dialect})`, async () => {
    const world = await openWorld({ limits: { channels: 2 } });
    const [alice, bob] = [await world[dialect]('alice'), await world[dialect]('bob')];
    await say(alice, 'subscribe a', 'subscribe presence(x)');
    await alice.heard();
    await say(bob, 'subscribe b', 'subscribe presence(y)', 'subscribe a');
    const complaint = 'the server has too many channels: try again later';
    expect(faults(await bob.heard())).toEqual([complaint, complaint]);
    await say(alice, 'sendjson a {"n":1}');
    expect(dataOf(await bob.heard())).toEqual([{ n: 1 }]);
  });

  test(`Names are so long at most, in bytes and with their password apart (${dialect})`, async () => {
    const world = await openWorld();
    const alice = await world[dialect]('alice');
    const complaint = 'name longer than 200 bytes';
    const fine = ['x'.repeat(200), '\u6f22'.repeat(66), `${'y'.repeat(200)}:${'z'.repeat(200)}`];
    const odd = [
      'x'.repeat(201),
      '\u6f22'.repeat(67),
      '\u00e9'.repeat(101),
      '\u{1f600}'.repeat(51),
      `y:${'z'.repeat(201)}`,
    ];
    await say(alice, ...[...fine, ...odd].map((name) => `subscribe ${name}`));
    expect(faults(await alice.heard())).toEqual(odd.map(() => complaint));
    expect(world.server.stats().channels).toBe(3);
    await say(alice, ...odd.map((name) => `sendjson ${name} {"n":1}`));
    expect(faults(await alice.heard())).toEqual(odd.map(() => complaint));
    expect(world.server.stats()).toMatchObject({ dropped: odd.length, messagesIn: odd.length });
  });

  test(`A line that is no message has 4,096 characters at most (${dialect})`, async () => {
    const world = await openWorld();
    const alice = await world[dialect]('alice');
    const filter = (length: number): string => {
      const [head, tail] = ['subscribe c[filter(', '1)]'];
      return `${head}${' '.repeat(length - head.length - tail.length)}${tail}`;
    };
    await say(alice, filter(4_097), `unsubscribe presence(${'a'.repeat(50_000)}`, '.'.repeat(5_000));
    const complaint = 'line longer than 4096 characters, and no message';
    expect(faults(await alice.heard())).toEqual([complaint, complaint, complaint]);
    expect(world.server.broker.channels()).toEqual(['alice']);
    await say(alice, `subscribe ${'c'.repeat(200)}`, `sendjson alice {"x":"${'x'.repeat(100_000)}"}`);
    expect(dataOf(await alice.heard())).toHaveLength(1);
  });

  test(`Channels keep so many messages at most; the others are passed on all the same (${dialect})`, async () => {
    const world = await openWorld({ limits: { retained: 8 } });
    const [alice, bob] = [await world[dialect]('alice'), await world.line('bob')];
    await say(bob, ...['a', 'b', 'c'].map((name) => `subscribe ${name}`));
    await say(alice, ...['a', 'b', 'c', 'a'].map((name) => `sendjson ${name} {"${name}":1,"_RETAIN":60}`));
    expect(faults(await alice.heard())).toEqual(['too many messages of this client are kept: try again later']);
    expect(dataOf(await bob.heard())).toHaveLength(4);
    expect(world.server.stats()).toMatchObject({ retained: 2, dropped: 0 });
    const carol = await world.line('carol');
    await say(carol, ...['a', 'b', 'c'].map((name) => `subscribe ${name}`));
    expect(dataOf(await carol.heard())).toMatchObject([{ a: 1 }, { b: 1 }]);
  });

  test(`What is kept or delayed has 65,536 characters at most (${dialect})`, async () => {
    const world = await openWorld();
    const [alice, bob] = [await world[dialect]('alice'), await world.line('bob')];
    await say(bob, 'subscribe a');
    const large = `"x":"${'x'.repeat(2 ** 16)}"`;
    await say(alice, `sendjson a {${large},"_RETAIN":60}`, `sendjson a {${large},"_DELAY":1}`);
    const complaint = 'data longer than 65536 characters is neither kept nor delayed';
    expect(faults(await alice.heard())).toEqual([complaint, complaint]);
    await world.clock.advance(2_000);
    expect(dataOf(await bob.heard())).toHaveLength(1);
    expect(world.server.stats()).toMatchObject({ retained: 0, delayed: 0, dropped: 1 });
  });

  test(`So many messages wait for their time at most, for a day at most (${dialect})`, async () => {
    const world = await openWorld({ limits: { delayed: 8 } });
    const alice = await world[dialect]('alice');
    const day = 24 * 60 * 60;
    await say(alice, ...['a', 'b', 'c', 'a'].map((name) => `sendjson ${name} {"_DELAY":${day}}`));
    expect(faults(await alice.heard())).toEqual(['too many delayed messages of this client: try again later']);
    await say(alice, `sendjson a {"_DELAY":${day + 1}}`);
    expect(faults(await alice.heard())).toEqual([`delay longer than ${day} s`]);
    expect(world.server.stats()).toMatchObject({ delayed: 2, dropped: 2 });
  });

  test(`The limits for a line and for silence can be set (${dialect})`, async () => {
    const world = await openWorld({ limits: { line: 1_000, idle: 30_000 } });
    const [alice, bob] = [await world[dialect]('alice'), await world[dialect]('bob')];
    bob.say(`sendjson bob {"x":"${'x'.repeat(1_000)}"}`);
    const complaints = faults(await bob.closed());
    expect(complaints).toEqual([
      `${dialect === 'line' ? 'line' : 'frame'} longer than 1000 ${dialect === 'line' ? 'characters' : 'bytes'}`,
    ]);
    await world.clock.advance(35_000);
    await alice.closed();
  });
}

test('A first line is 256 characters long at most, and is not collected beyond', async () => {
  const world = await openWorld();
  const [long, endless] = [await world.tcp(`${'x'.repeat(257)}(JSON)`), await world.tcp()];
  const complaint = 'error (handshake longer than 256 characters)';
  expect(await long.closed()).toEqual([complaint]);
  endless.bytes('x'.repeat(257));
  expect(await endless.closed()).toEqual([complaint]);
  const web = await world.ws('x'.repeat(257));
  expect(objects(await web.closed())).toEqual([
    { message: 'ERROR: handshake longer than 256 characters', code: 'handshake' },
  ]);
});

test('A first frame over WebSocket that is a command may be longer', async () => {
  const world = await openWorld();
  const [bob, nameless] = [await world.line('bob'), await world.ws(`sendjson bob {"x":"${'x'.repeat(1_000)}"}`)];
  expect((await nameless.heard()).join()).toContain('welcome webclient_');
  expect(dataOf(await bob.heard())).toHaveLength(1);
});
