import { expect, test } from 'vitest';
import { connect } from '../../../src/index';
import type { Raw } from '../../helpers/raw';
import { createVirtualClock } from '../../helpers/virtual-clock';
import { dialects, openWorld, say, type World } from '../../helpers/world';

const taken = /already registered: alice|alice exists already/;

/** Somebody who asks for a handle. */
function ask(world: World, dialect: (typeof dialects)[number], handle = 'alice'): Promise<Raw> {
  return dialect === 'line' ? world.tcp(`${handle}(JSON)`) : world.ws(handle);
}

/** A few turns of the event loop, for what is on its way. */
async function aWhile(): Promise<void> {
  for (let turns = 0; turns < 10; turns++) await new Promise(setImmediate);
}

for (const dialect of dialects) {
  test(`A handle is kept for a client that said something in the last 10 s (${dialect})`, async () => {
    const world = await openWorld();
    const alice = await world[dialect]('alice');
    await world.clock.advance(10_000);
    await alice.heard();
    const next = await ask(world, dialect);
    expect((await next.closed()).join()).toMatch(taken);
    // Nobody was asked: the client has spoken not long ago.
    expect(await alice.heard()).toEqual([]);
  });

  test(`Who answers when somebody else asks for the handle keeps it (${dialect})`, async () => {
    const world = await openWorld();
    const alice = await world[dialect]('alice');
    await world.clock.advance(11_000);
    const next = await ask(world, dialect);
    await aWhile();
    await world.clock.advance(1_000);
    expect(next.isClosed).toBe(false);
    await say(alice, '.');
    expect((await next.closed()).join()).toMatch(taken);
    // One as every 5 s, and one for the newcomer.
    expect(await alice.heard()).toEqual(['ping', 'ping']);
    expect(world.server.broker.clients()).toEqual(['alice']);
  });

  for (const traffic of ['idle', 'busy'] as const) {
    test(`The handle of a half-open connection that is ${traffic} is free within 15 s (${dialect})`, async () => {
      const world = await openWorld();
      const ghost = await world[dialect]('alice');
      const bob = await world.line('bob');
      await say(ghost, 'subscribe colour');
      const start = world.clock.now();
      for (let seconds = 0; seconds < 11; seconds++) {
        if (traffic === 'busy') await say(bob, 'sendraw alice {"n":1}', 'sendraw colour {"n":2}');
        else await say(bob, '.');
        await world.clock.advance(1_000);
      }
      const next = await ask(world, dialect);
      next.say('subscribe sound', dialect === 'web' ? 'sendjson bob {"n":3}' : 'sendraw bob {"n":3}');
      await aWhile();
      expect(await bob.heard()).toEqual([]);
      await world.clock.advance(2_000);
      await ghost.closed();
      expect((await next.heard()).join()).toContain('welcome alice');
      expect(world.clock.now() - start).toBeLessThanOrEqual(15_000);
      // What it said before it was let in counts from then on, once.
      expect(await bob.heard()).toEqual([expect.stringContaining('"n":3')]);
      expect(world.server.broker.channels()).toEqual(['sound', 'bob', 'alice']);
    });
  }

  test(`Of those who wait for a handle, one gets it (${dialect})`, async () => {
    const world = await openWorld();
    await world[dialect]('alice');
    await world.clock.advance(11_000);
    const waiting = [await ask(world, dialect), await ask(world, dialect), await ask(world, dialect)];
    await aWhile();
    await world.clock.advance(2_000);
    const heard = await Promise.all(waiting.map((raw) => raw.heard()));
    expect(heard.flat().filter((text) => text.includes('welcome'))).toHaveLength(1);
    expect(heard.flat().filter((text) => taken.test(text))).toHaveLength(2);
  });

  test(`A handle is free at once when its client leaves while it is asked (${dialect})`, async () => {
    const world = await openWorld();
    const alice = await world[dialect]('alice');
    await world.clock.advance(11_000);
    const next = await ask(world, dialect);
    await aWhile();
    await alice.leave();
    expect((await next.heard()).join()).toContain('welcome alice');
  });

  test(`Who gives up waiting for a handle does not get it (${dialect})`, async () => {
    const world = await openWorld();
    await world[dialect]('alice');
    await world.clock.advance(11_000);
    const next = await ask(world, dialect);
    await aWhile();
    const leaving = next.leave();
    await world.clock.advance(2_000);
    await leaving;
    await expect.poll(() => world.server.broker.clients()).toEqual([]);
  });
}

test('A registered name is not asked after for somebody without its password', async () => {
  const world = await openWorld({ users: ['alice:word'] });
  const alice = await world.tcp('alice:word(JSON)');
  await alice.heard();
  await world.clock.advance(11_000);
  const next = await world.tcp('alice(JSON)');
  expect(await next.closed()).toEqual(['error (password wrong for name: alice)']);
  await world.clock.advance(2_000);
  expect(world.server.broker.clients()).toEqual(['alice']);
  const owner = await world.tcp('alice:word(JSON)');
  await aWhile();
  await world.clock.advance(2_000);
  expect((await owner.heard()).join()).toContain('welcome alice');
});

test('What is said while a handle is asked after has a limit', async () => {
  const world = await openWorld();
  await world.line('alice');
  await world.clock.advance(11_000);
  const next = await world.tcp();
  // One piece: the server reads no more than that of somebody who waits.
  next.bytes(`alice(JSON)\n${'x'.repeat(1_000)}\n`);
  await aWhile();
  expect(next.isClosed).toBe(false);
  next.bytes('x\n'.repeat(2 ** 20));
  await aWhile();
  expect(world.server.stats().bytesIn).toBeLessThan(2_000);
});

test('A server that stood still does not judge by what it could not hear', async () => {
  const clock = createVirtualClock();
  // Timers of this server run 5 s late, as if the whole program had stood still.
  const lazy = { ...clock, after: (ms: number, task: () => void) => clock.after(ms + 5_000, task) };
  const world = await openWorld({ clock: lazy });
  const alice = await world.line('alice');
  await clock.advance(11_000);
  const next = await world.tcp('alice(JSON)');
  await aWhile();
  await clock.advance(7_000);
  // It would be given up now; but it answered meanwhile.
  await say(alice, '.');
  expect(await next.closed()).toEqual(['error (name already registered: alice)']);
});

for (const dialect of dialects) {
  test(`Our own client keeps its handle against newcomers, however long it is silent (${dialect})`, async () => {
    const world = await openWorld();
    const url = dialect === 'line' ? (world.server.tcpUrl ?? '') : world.server.url;
    await using first = await connect(url, { handle: 'alice' });
    for (let seconds = 0; seconds < 30; seconds += 5) {
      await world.clock.advance(5_000);
      await aWhile();
    }
    const second = connect(url, { handle: 'alice' });
    await expect(second).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('is taken') });
    expect(first.state.status).toBe('connected');
  });
}
