import { expect, test } from 'vitest';
import { openWorld } from '../../helpers/world';

test('An idle client is pinged, whatever it speaks', async () => {
  const world = await openWorld();
  const [alice, bob, pd] = [await world.line('alice'), await world.web('bob'), await world.tcp('pd;')];
  await pd.heard();
  await world.clock.advance(5_000);
  // Five seconds are not more than five seconds.
  await world.clock.advance(5_000);
  expect(await alice.heard()).toEqual(['ping']);
  expect(await bob.heard()).toEqual(['ping']);
  expect(await pd.heard()).toEqual(['ping;']);
});

test('A client that says anything is not pinged', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.web('bob')];
  for (let seconds = 0; seconds < 20; seconds += 4) {
    await world.clock.advance(4_000);
    alice.say('.');
    bob.say('anything');
    await Promise.all([alice.settled(), bob.settled()]);
  }
  expect(await alice.heard()).toEqual([]);
  expect(await bob.heard()).toEqual([]);
});

test('A client over TCP that is silent for more than 120 s hears bye and is removed', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  await world.clock.advance(120_000);
  expect(world.server.broker.clients()).toEqual(['alice']);
  await world.clock.advance(5_000);
  expect(await alice.closed()).toEqual([...Array(23).fill('ping'), 'bye']);
  expect(world.server.broker.clients()).toEqual([]);
});

test('A client over WebSocket that is silent for more than 120 s is closed and removed', async () => {
  const world = await openWorld();
  const bob = await world.web('bob');
  await world.clock.advance(120_000);
  expect(world.server.broker.clients()).toEqual(['bob']);
  await world.clock.advance(5_000);
  expect(await bob.closed()).toEqual(Array(23).fill('ping'));
  expect(world.server.broker.clients()).toEqual([]);
});

test('A connection that does not say who it is for 5 s is told so and closed, without a ping', async () => {
  const world = await openWorld();
  const [stranger, other] = [await world.tcp(), await world.ws()];
  await world.clock.advance(4_999);
  expect([stranger.isClosed, other.isClosed]).toEqual([false, false]);
  await world.clock.advance(1);
  expect(await stranger.closed()).toEqual(['error (say who you are within 5 s)']);
  expect(await other.closed()).toEqual(['{"message" : "ERROR: say who you are within 5 s","code":"limit"}']);
});

test('A client that is removed leaves its channels, and its handle is free', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  alice.say('subscribe colour');
  await alice.settled();
  await world.clock.advance(125_000);
  await alice.closed();
  expect(world.server.broker.channels()).toEqual([]);
  const next = await world.web('alice');
  expect(await next.heard()).toEqual([]);
});

test('Answering the pings keeps a client for as long as it likes', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.web('bob')];
  for (let minute = 0; minute < 5; minute++) {
    await world.clock.advance(60_000);
    alice.say('.');
    bob.say('.');
    await Promise.all([alice.settled(), bob.settled()]);
  }
  expect(world.server.broker.clients()).toEqual(['alice', 'bob']);
});

test('Getting messages is no sign of life', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.line('bob')];
  for (let seconds = 0; seconds < 130; seconds += 10) {
    await world.clock.advance(10_000);
    bob.say('sendraw alice {"n":1}');
    await bob.settled();
  }
  await alice.closed();
  expect(world.server.broker.clients()).toEqual(['bob']);
});

test('A server without clients sets no timer', async () => {
  const world = await openWorld();
  expect(world.clock.timers).toBe(0);
  const alice = await world.line('alice');
  expect(world.clock.timers).toBe(1);
  alice.say('quit');
  await alice.closed();
  await world.clock.advance(5_000);
  expect(world.clock.timers).toBe(0);
});
