import { expect, test } from 'vitest';
import { createBroker } from '../../../src/server/broker/broker';
import type { ServerLimits } from '../../../src/server/config/limits';
import { createHold } from '../../helpers/hold';
import { createVirtualClock } from '../../helpers/virtual-clock';
import { dataOf, dialects, openWorld, say } from '../../helpers/world';

for (const dialect of dialects) {
  test(`A client that sends too fast is read more slowly, and loses nothing (${dialect})`, async () => {
    const world = await openWorld({ limits: { messageRate: 100 } });
    const [alice, bob] = [await world[dialect]('alice'), await world.line('bob')];
    const total = 2_000;
    for (let n = 0; n < total; n++) alice.say(`sendjson bob {"n":${n}}`);
    const got: unknown[] = [];
    const times: number[] = [];
    for (let seconds = 0; got.length < total && seconds < 200; seconds++) {
      for (let turns = 0; turns < 5; turns++) await new Promise(setImmediate);
      got.push(...dataOf(await bob.heard()));
      times.push(got.length);
      await world.clock.advance(1_000);
    }
    expect(got).toEqual(Array.from({ length: total }, (_, n) => ({ n })));
    // What is on its way when reading stops may come at once; the rest of it takes its time, and nobody is given up for it.
    expect(world.server.broker.clients()).toEqual(['alice', 'bob']);
    expect(world.server.stats().dropped).toBe(0);
    await world.clock.advance(60_000);
  });
}

function openPlace(limits: Partial<ServerLimits>) {
  const clock = createVirtualClock();
  const broker = createBroker({ clock, limits });
  let isPaused = false;
  const events = broker.accept({ send() {}, close() {}, buffered: 0 }, 'line', {
    address: '192.0.2.1',
    ...createHold(
      () => {
        isPaused = true;
      },
      () => {
        isPaused = false;
      },
    ),
  });
  events.frame('alice(JSON)');
  return {
    ...{ clock, broker, events },
    isPaused: () => isPaused,
    /** Sends as fast as it is read, for `ms`; gives how many lines came in. */
    async flood(ms: number, line: string): Promise<number> {
      let count = 0;
      for (const end = clock.now() + ms; clock.now() < end; ) {
        for (; !isPaused; count++) events.frame(line);
        await clock.advance(10);
      }
      return count;
    },
  };
}

test('Over a minute, as many lines come in as the rate says, and as much more as a second holds', async () => {
  const place = openPlace({ messageRate: 50 });
  const count = await place.flood(60_000, '.');
  expect(count).toBeGreaterThanOrEqual(60 * 50);
  expect(count).toBeLessThanOrEqual(61 * 50 + 2);
});

test('Over a minute, as many characters come in as the rate says, and as much more as a second holds', async () => {
  const place = openPlace({ byteRate: 1_000 });
  const line = '.'.repeat(99);
  const count = await place.flood(60_000, line);
  expect(count).toBeGreaterThanOrEqual(60 * 10);
  expect(count).toBeLessThanOrEqual(61 * 10 + 2);
});

test('Who stays below the rate is never held', async () => {
  const place = openPlace({ messageRate: 50, byteRate: 1_000 });
  for (let count = 0; count < 1_000; count++) {
    place.events.frame('.');
    expect(place.isPaused()).toBe(false);
    await place.clock.advance(20);
  }
});

test('Who is held is not silent, and is let go when it leaves', async () => {
  const place = openPlace({ messageRate: 1, idle: 20_000 });
  for (let count = 0; count < 200; count++) place.events.frame('.');
  expect(place.isPaused()).toBe(true);
  await place.clock.advance(150_000);
  expect([place.isPaused(), place.broker.clients()]).toEqual([true, ['alice']]);
  place.events.close();
  expect(place.isPaused()).toBe(false);
  expect(place.clock.timers).toBe(0);
});

test('A link that cannot be held is not slowed down', async () => {
  const clock = createVirtualClock();
  const broker = createBroker({ clock, limits: { messageRate: 1 } });
  const events = broker.accept({ send() {}, close() {}, buffered: 0 }, 'line');
  events.frame('alice(JSON)');
  for (let count = 0; count < 100; count++) events.frame('sendraw alice {"n":1}');
  expect(broker.stats().messagesIn).toBe(100);
});

test('A client that is held quits when its turn comes', async () => {
  const world = await openWorld({ limits: { messageRate: 10 } });
  const alice = await world.line('alice');
  await say(alice, '.');
  for (let count = 0; count < 50; count++) alice.say('.');
  alice.say('quit');
  for (let turns = 0; turns < 10; turns++) await new Promise(setImmediate);
  await world.clock.advance(10_000);
  expect(await alice.closed()).toContain('bye');
});
