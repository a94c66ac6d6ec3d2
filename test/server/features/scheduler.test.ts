import { expect, test } from 'vitest';
import { until } from '../../helpers/raw';
import { dataOf, dialects, openWorld, say, told } from '../../helpers/world';

/** A time as `_SCHEDULE` takes it, in the time zone of this machine. */
function local(time: number): string {
  const date = new Date(time);
  const two = (part: number): string => `${part}`.padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

for (const dialect of dialects) {
  test(`A message with _DELAY comes that many seconds later, stamped with the time it was due (${dialect})`, async () => {
    const world = await openWorld();
    const [alice, bob] = [await world[dialect]('alice'), await world[dialect]('bob')];
    await say(bob, 'subscribe colour');
    await say(alice, 'sendjson colour {"n":1,"_DELAY":3}', 'sendjson bob {"n":2,"_DELAY":"3"}');
    const due = world.clock.now() + 3_000;
    await world.clock.advance(2_999);
    expect(dataOf(await bob.heard())).toEqual([]);
    await world.clock.advance(1_000);
    expect(told(await bob.heard())).toEqual([
      { recipient: 'colour', sender: 'alice', timestamp: due, data: { n: 1, _DELAY: 3 } },
      { recipient: 'bob', sender: 'alice', timestamp: due, data: { n: 2, _DELAY: '3' } },
    ]);
    await world.clock.advance(4_000);
    expect(dataOf(await bob.heard())).toEqual([]);
  });

  test(`A message with _SCHEDULE comes at that time of the server's clock (${dialect})`, async () => {
    const world = await openWorld();
    const bob = await world[dialect]('bob');
    const due = world.clock.now() + 4_000;
    await say(bob, `sendjson bob {"_SCHEDULE":"${local(due)}"}`);
    await world.clock.advance(3_999);
    expect(dataOf(await bob.heard())).toEqual([]);
    await world.clock.advance(1_000);
    expect(told(await bob.heard())).toMatchObject([{ timestamp: due, sender: 'bob' }]);
  });
}

test('Each recipient has one delayed message at most, and the newer one takes its place', async () => {
  const world = await openWorld();
  const [alice, bob, carol] = [await world.line('alice'), await world.line('bob'), await world.web('carol')];
  for (const raw of [bob, carol]) await say(raw, 'subscribe colour');
  const schedule = local(world.clock.now() + 4_000);
  await say(alice, 'sendraw colour {"n":1,"_DELAY":1}', `sendraw colour {"n":2,"_SCHEDULE":"${schedule}"}`);
  await say(bob, 'sendraw carol {"n":3,"_DELAY":1}');
  await say(alice, 'sendraw colour {"n":4}');
  await world.clock.advance(10_000);
  expect(dataOf(await carol.heard())).toMatchObject([{ n: 4 }, { n: 3 }, { n: 2 }]);
});

test('A message does not wait for others that come later', async () => {
  const world = await openWorld();
  const bob = await world.line('bob');
  await say(bob, 'subscribe colour', 'sendraw bob {"n":1,"_DELAY":2}', 'sendraw colour {"n":2,"_DELAY":60}');
  await world.clock.advance(3_000);
  expect(dataOf(await bob.heard())).toMatchObject([{ n: 1 }]);
});

test('A delayed message finds its recipient when it is due', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  await say(
    alice,
    'sendraw colour {"n":1,"_DELAY":2}',
    'sendraw bob {"n":2,"_DELAY":2}',
    'sendraw x:word {"n":3,"_DELAY":2}',
  );
  const bob = await world.line('bob');
  await say(bob, 'subscribe colour', 'subscribe x:other');
  await world.clock.advance(3_000);
  expect(dataOf(await bob.heard())).toMatchObject([{ n: 1 }, { n: 2 }]);
});

test('The name of the sender stays on a delayed message when he has left', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.line('bob')];
  await say(bob, 'subscribe colour');
  await say(alice, 'sendraw colour {"n":1,"_DELAY":2}');
  await alice.leave();
  await until(() => world.server.broker.clients().length === 1, 'alice is gone');
  await world.clock.advance(3_000);
  expect(told(await bob.heard())).toMatchObject([{ sender: 'alice', data: { n: 1 } }]);
});

for (const back of [false, true]) {
  test(`A delayed message does not come back to its sender by a channel${back ? ', also when he was away' : ''}`, async () => {
    const world = await openWorld();
    let alice = await world.line('alice');
    await say(alice, 'sendraw colour {"n":1,"_DELAY":2}', 'sendraw alice {"n":2,"_DELAY":2}');
    if (back) {
      await alice.leave();
      await until(() => world.server.broker.clients().length === 0, 'alice is gone');
      alice = await world.line('alice');
    }
    await say(alice, 'subscribe colour');
    await world.clock.advance(3_000);
    expect(dataOf(await alice.heard())).toEqual([{ n: 2, _DELAY: 2 }]);
  });
}

test.each([
  '0',
  '-3',
  '0.9',
  '-1.5',
  '"x"',
  '""',
  '"1.9"',
  '"-3"',
  '" 3"',
  '"NaN"',
  '"Infinity"',
  'true',
  '[3]',
  '{"s":3}',
  'null',
  '1e300',
  '-1e300',
  '1e999',
  '9223372036854775807',
  '"99999999999999999999"',
])('_DELAY of %s is no delay', async (value) => {
  const world = await openWorld();
  const bob = await world.line('bob');
  await say(bob, `sendraw bob {"n":1,"_DELAY":${value}}`);
  expect(told(await bob.heard())).toMatchObject([{ timestamp: world.clock.now(), data: { n: 1 } }]);
  expect(world.clock.timers).toBe(1);
});

test.each([
  ['1', 1],
  ['1.9', 1],
  ['2e0', 2],
  ['"2"', 2],
  ['"+2"', 2],
  ['"007"', 7],
])('_DELAY of %s is %i s', async (value, seconds) => {
  const world = await openWorld();
  const bob = await world.line('bob');
  const sent = world.clock.now();
  await say(bob, `sendraw bob {"_DELAY":${value}}`);
  await world.clock.advance(8_000);
  expect(told(await bob.heard())).toMatchObject([{ timestamp: sent + seconds * 1_000 }]);
});

test.each([
  '"nonsense"',
  '""',
  '"1969-01-01 00:00:00"',
  '"2026-11-22"',
  '"2026/11/22 10:00:00"',
  '"22-11-2026 10:00:00"',
  '"99999-01-01 00:00:00"',
  '"2026-11-22T10:00:00"',
  '"2026-11-22 10:00:00Z"',
  '4102444800',
  'true',
  '["2026-11-22 10:00:00"]',
])('_SCHEDULE of %s is no delay', async (value) => {
  const world = await openWorld();
  const bob = await world.line('bob');
  await say(bob, `sendraw bob {"n":1,"_SCHEDULE":${value}}`);
  expect(dataOf(await bob.heard())).toMatchObject([{ n: 1 }]);
  expect(world.clock.timers).toBe(1);
});

test.each([
  ['2026-02-31 00:00:00', new Date(2026, 2, 3)],
  ['2026-13-01 00:00:00', new Date(2027, 0, 1)],
  ['2026-3-3 0:0:0', new Date(2026, 2, 3)],
  ['2026-03-02 24:00:00', new Date(2026, 2, 3)],
])('A day that no calendar has runs over into the next month: %s', async (text, date) => {
  const world = await openWorld();
  await world.clock.advance(date.getTime() - 2_000 - world.clock.now());
  const bob = await world.line('bob');
  await say(bob, `sendraw bob {"_SCHEDULE":"${text}"}`);
  expect(dataOf(await bob.heard())).toEqual([]);
  await world.clock.advance(3_000);
  expect(told(await bob.heard())).toMatchObject([{ timestamp: date.getTime() }]);
});

test('_DELAY goes before _SCHEDULE, also when it cannot be read', async () => {
  const world = await openWorld();
  const bob = await world.line('bob');
  const sent = world.clock.now();
  const schedule = `"_SCHEDULE":"${local(sent + 5_000)}"`;
  await say(bob, `sendraw bob {"n":1,"_DELAY":"x",${schedule}}`, `sendraw bob {"n":2,"_DELAY":2,${schedule}}`);
  await world.clock.advance(9_000);
  expect(told(await bob.heard())).toMatchObject([
    { timestamp: sent, data: { n: 1 } },
    { timestamp: sent + 2_000, data: { n: 2 } },
  ]);
});

test('A message may be delayed for weeks where the limits say so', async () => {
  const world = await openWorld({ limits: { delay: Number.POSITIVE_INFINITY } });
  const alice = await world.line('alice');
  const days = 60;
  await say(alice, `sendraw bob {"n":1,"_DELAY":${days * 24 * 60 * 60}}`, 'quit');
  await world.clock.advance(days * 24 * 60 * 60 * 1_000 - 1);
  const bob = await world.line('bob');
  expect(await bob.heard()).toEqual([]);
  await world.clock.advance(1_001);
  expect(dataOf(await bob.heard())).toMatchObject([{ n: 1 }]);
});

test('Delayed messages set one timer, and none when all are delivered', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  for (let index = 1; index < 6; index++) await say(alice, `sendraw c${index} {"_DELAY":${index}}`);
  expect(world.clock.timers).toBe(2);
  await say(alice, 'quit');
  expect(world.clock.timers).toBe(1);
  await world.clock.advance(7_000);
  expect(world.clock.timers).toBe(0);
});

test('A server that stops forgets what it held', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.line('bob')];
  await say(alice, 'sendraw bob {"_DELAY":5}');
  world.server.broker.close();
  await alice.closed();
  expect(dataOf(await bob.closed())).toEqual([]);
  expect(world.clock.timers).toBe(0);
});
