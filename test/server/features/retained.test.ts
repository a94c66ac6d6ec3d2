import { expect, test } from 'vitest';
import { dataOf, dialects, openWorld, say, told, type World } from '../../helpers/world';

const second = 1_000;

/** Who subscribes now, and what he is given. */
async function given(
  world: World,
  channel = 'colour',
  dialect: (typeof dialects)[number] = 'line',
): Promise<unknown[]> {
  const raw = await world[dialect]('late');
  await say(raw, `subscribe ${channel}`);
  const frames = await raw.heard();
  await raw.leave();
  await expect.poll(() => world.server.broker.clients()).not.toContain('late');
  return dataOf(frames);
}

for (const dialect of dialects) {
  test(`A channel keeps the last message with _RETAIN for new subscribers (${dialect})`, async () => {
    const world = await openWorld();
    const [alice, bob, late] = [await world[dialect]('alice'), await world.line('bob'), await world[dialect]('late')];
    await say(bob, 'subscribe colour');
    await say(alice, 'sendjson colour {"n":1,"_RETAIN":60}');
    const sent = world.clock.now();
    await world.clock.advance(2_000);
    await say(late, 'subscribe colour', 'subscribe colour');
    expect(told(await late.heard())).toEqual([
      { recipient: 'colour', sender: 'alice', timestamp: sent, data: { n: 1, _RETAIN: 60 } },
    ]);
    expect(dataOf(await bob.heard())).toHaveLength(1);
    await say(alice, 'subscribe colour');
    expect(dataOf(await alice.heard())).toEqual([{ n: 1, _RETAIN: 60 }]);
  });
}

test('Any newer message ends what a channel keeps, or takes its place', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.line('bob')];
  await say(bob, 'subscribe colour');
  await say(alice, 'sendraw colour {"n":1,"_RETAIN":60}', 'sendraw colour {"n":2}');
  expect(await given(world)).toEqual([]);
  await say(alice, 'sendraw colour {"n":3,"_RETAIN":60}', 'sendraw colour {"n":4,"_RETAIN":"60"}');
  expect(await given(world)).toEqual([{ n: 4, _RETAIN: '60' }]);
});

test('A channel that nobody is subscribed to keeps nothing', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  await say(alice, 'sendraw colour {"n":1,"_RETAIN":60}');
  expect(await given(world)).toEqual([]);
  expect(world.clock.timers).toBe(1);
});

test('What a channel keeps outlives its last subscriber, and the name stays taken until it expires', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  await say(alice, 'subscribe colour', 'sendraw colour {"n":1,"_RETAIN":60}', 'quit');
  await world.clock.advance(59_999);
  expect(world.server.broker.channels()).toEqual(['colour']);
  const [refused] = await (await world.tcp('colour(JSON)')).closed();
  expect(refused).toContain('name already registered: colour');
  expect(await given(world)).toEqual([{ n: 1, _RETAIN: 60 }]);
  await world.clock.advance(1);
  expect(world.server.broker.channels()).toEqual([]);
  expect(world.clock.timers).toBe(0);
  await world.line('colour');
});

test('A channel without subscribers is gone when a newer message ends what it kept', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  await say(alice, 'subscribe colour', 'sendraw colour {"n":1,"_RETAIN":60}', 'unsubscribe colour');
  expect(world.server.broker.channels()).toEqual(['colour', 'alice']);
  await say(alice, 'sendraw colour {"n":2,"_RETAIN":60}');
  expect(await given(world)).toEqual([{ n: 2, _RETAIN: 60 }]);
  await say(alice, 'sendraw colour {"n":3}');
  expect(world.server.broker.channels()).toEqual(['alice']);
  expect(world.clock.timers).toBe(1);
});

test('A message is kept to the millisecond, also when others expire within the same second', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  for (const [channel, seconds] of Object.entries({ c0: 3, c1: 1, c2: 1 })) {
    await say(alice, `subscribe ${channel}`, `sendraw ${channel} {"_RETAIN":${seconds}}`);
    await world.clock.advance(100);
  }
  // They expire 3,000, 1,100 and 1,200 ms after the first was sent; 300 have gone by.
  await world.clock.advance(799);
  expect(await given(world, 'c1')).toEqual([{ _RETAIN: 1 }]);
  await world.clock.advance(1);
  expect(await given(world, 'c1')).toEqual([]);
  await world.clock.advance(99);
  expect(await given(world, 'c2')).toEqual([{ _RETAIN: 1 }]);
  await world.clock.advance(1);
  expect(await given(world, 'c2')).toEqual([]);
  await world.clock.advance(1_799);
  expect(await given(world, 'c0')).toEqual([{ _RETAIN: 3 }]);
  await world.clock.advance(1);
  expect(await given(world, 'c0')).toEqual([]);
});

test.each([
  ['60', 60],
  ['"60"', 60],
  ['"+60"', 60],
  ['172800', 172_800],
  ['172801', 172_800],
  ['9223372036854775807', 172_800],
  ['99999999999999999999', 172_800],
  ['"99999999999999999999999"', 172_800],
])('_RETAIN of %s keeps a message for %i s', async (value, seconds) => {
  const world = await openWorld();
  const alice = await world.line('alice');
  await say(alice, 'subscribe colour', `sendraw colour {"_RETAIN":${value}}`, 'quit');
  await world.clock.advance(seconds * second - 1);
  expect(world.server.broker.channels()).toEqual(['colour']);
  await world.clock.advance(1);
  expect(world.server.broker.channels()).toEqual([]);
});

test.each([
  '60.0',
  '6e1',
  '1e300',
  '1e999',
  '0',
  '-5',
  '"-5"',
  'true',
  '"x"',
  '""',
  '" 60"',
  '"NaN"',
  '"60.5"',
  '"1e3"',
  '[60]',
  '{"s":60}',
  'null',
])('_RETAIN of %s keeps nothing, and the message is delivered', async (value) => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.line('bob')];
  await say(bob, 'subscribe colour');
  await say(alice, `sendraw colour {"n":1,"_RETAIN":${value}}`);
  expect(dataOf(await bob.heard())).toMatchObject([{ n: 1 }]);
  expect(await given(world)).toEqual([]);
  expect(world.clock.timers).toBe(1);
});

test.each(['"\\u005fRETAIN"', '"_R\\u0045TAIN"', '"_RETAI\\u004E"', '"_RETAIN" '])(
  'The key may be written %s',
  async (key) => {
    const world = await openWorld();
    const alice = await world.line('alice');
    await say(alice, 'subscribe colour', `sendraw colour {"n":1,${key}:60}`);
    expect(await given(world)).toEqual([{ n: 1, _RETAIN: 60 }]);
  },
);

test.each(['{"a":"_RETAIN","n":60}', '{"a":{"_RETAIN":60}}', '{"a":"\\"_RETAIN\\":60"}'])(
  'Only a key of the data itself counts, not: %s',
  async (data) => {
    const world = await openWorld();
    const alice = await world.line('alice');
    await say(alice, 'subscribe colour', `sendraw colour ${data}`);
    expect(await given(world)).toEqual([]);
  },
);

for (const dialect of dialects) {
  test(`What a channel with a password keeps is given to those who know the password (${dialect})`, async () => {
    const world = await openWorld();
    const alice = await world.line('alice');
    await say(alice, 'subscribe secret:word', 'sendraw secret:word {"n":1,"_RETAIN":60}', 'unsubscribe secret');
    for (const channel of ['secret', 'secret:', 'secret:wrong']) {
      expect(await given(world, channel, dialect), channel).toEqual([]);
    }
    await say(alice, 'sendraw secret {"n":2}', 'sendraw secret:wrong {"n":3,"_RETAIN":60}');
    expect(await given(world, 'secret:word', dialect)).toEqual([{ n: 1, _RETAIN: 60 }]);
  });
}

test('A handle keeps nothing', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.line('bob')];
  await say(alice, 'sendraw bob {"n":1,"_RETAIN":60}');
  expect(dataOf(await bob.heard())).toHaveLength(1);
  await say(bob, 'subscribe bob');
  expect(await bob.heard()).toEqual([]);
  expect(world.clock.timers).toBe(1);
});

test('A delayed message is kept from when it is delivered', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  await say(alice, 'subscribe colour', 'sendraw colour {"n":1,"_RETAIN":2,"_DELAY":3}');
  expect(await given(world)).toEqual([]);
  await world.clock.advance(4_999);
  expect(await given(world)).toHaveLength(1);
  await world.clock.advance(1);
  expect(await given(world)).toEqual([]);
});

test('A server that stops forgets what its channels kept', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  await say(
    alice,
    'subscribe colour',
    'sendraw colour {"_RETAIN":172800}',
    'subscribe sound',
    'sendraw sound {"_RETAIN":9}',
  );
  await say(alice, 'unsubscribe sound');
  world.server.broker.close();
  await alice.closed();
  expect(world.server.broker.channels()).toEqual([]);
  expect(world.clock.timers).toBe(0);
});

test('Kept messages wait on one timer, which is gone with the last of them', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  for (let index = 0; index < 5; index++) {
    await say(alice, `subscribe c${index}`, `sendraw c${index} {"_RETAIN":${60 + index}}`);
  }
  expect(world.clock.timers).toBe(2);
  for (let index = 0; index < 5; index++) await say(alice, `sendraw c${index} {}`);
  expect(world.clock.timers).toBe(1);
});
