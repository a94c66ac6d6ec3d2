import { expect, test } from 'vitest';
import { dataOf, dialects, openWorld, say, told } from '../../helpers/world';

for (const dialect of dialects) {
  test(`OOCSI_connections tells who comes, subscribes, unsubscribes and goes (${dialect})`, async () => {
    const world = await openWorld();
    const listener = await world[dialect]('listener');
    await say(listener, 'subscribe OOCSI_connections');
    const alice = await world[dialect]('alice');
    await say(
      alice,
      'subscribe colour',
      'subscribe colour',
      'unsubscribe colour',
      'unsubscribe colour',
      'subscribe sound',
    );
    await alice.leave();
    await expect.poll(() => world.server.broker.clients()).toEqual(['listener']);
    const news = told(await listener.heard());
    expect(news.map(({ data }) => data)).toEqual([
      { CLIENT: 'SERVER', CHANNEL: 'alice', OP: 'added channel' },
      { CLIENT: 'alice', CHANNEL: 'OOCSI', OP: 'client connected' },
      { CLIENT: 'SERVER', CHANNEL: 'colour', OP: 'added channel' },
      { CLIENT: 'colour', CHANNEL: 'alice', OP: 'added channel' },
      { CLIENT: 'alice', CHANNEL: 'colour', OP: 'subscribed' },
      { CLIENT: 'colour', CHANNEL: 'alice', OP: 'removed channel' },
      { CLIENT: 'SERVER', CHANNEL: 'colour', OP: 'closed empty channel' },
      { CLIENT: 'alice', CHANNEL: 'colour', OP: 'unsubscribed' },
      { CLIENT: 'SERVER', CHANNEL: 'sound', OP: 'added channel' },
      { CLIENT: 'sound', CHANNEL: 'alice', OP: 'added channel' },
      { CLIENT: 'alice', CHANNEL: 'sound', OP: 'subscribed' },
      { CLIENT: 'SERVER', CHANNEL: 'alice', OP: 'removed channel' },
      { CLIENT: 'sound', CHANNEL: 'alice', OP: 'removed channel' },
      { CLIENT: 'SERVER', CHANNEL: 'sound', OP: 'closed empty channel' },
    ]);
    expect(news[0]).toMatchObject({ recipient: 'OOCSI_connections', sender: 'SERVER', timestamp: 1_000_000 });
  });

  test(`OOCSI_events tells who sent what to whom, without the data (${dialect})`, async () => {
    const world = await openWorld();
    const [listener, alice] = [await world[dialect]('listener'), await world[dialect]('alice')];
    const [bob, carol] = [await world.line('bob'), await world.web('carol')];
    for (const raw of [alice, bob, carol]) await say(raw, 'subscribe colour');
    await say(listener, 'subscribe OOCSI_events');
    await world.clock.advance(10);
    await say(alice, 'sendjson colour {"n":2.50,"text":"f\\u00fcr","o":{"a":1},"_RETAIN":9}');
    await say(alice, 'sendjson bob {}', 'sendjson nobody {"n":1}');
    const news = told(await listener.heard());
    expect(news.map(({ data }) => data)).toEqual([
      { PUB: 'alice', CHANNEL: 'colour', SUB: ['bob', 'carol'], count: 3, size: 14 },
      { PUB: 'alice', CHANNEL: '', SUB: ['bob'], count: 0, size: 0 },
      { PUB: 'alice', CHANNEL: 'nobody', SUB: ['-'], count: 1, size: 1 },
    ]);
    expect(news[0]).toMatchObject({ recipient: 'OOCSI_events', sender: 'SERVER', timestamp: 1_000_010 });
  });
}

test('Who listens is not told of the listening', async () => {
  const world = await openWorld();
  const [first, second] = [await world.line('first'), await world.web('second')];
  await say(first, 'subscribe OOCSI_connections', 'subscribe OOCSI_events');
  await say(second, 'subscribe OOCSI_events', 'subscribe OOCSI_connections', 'unsubscribe OOCSI_connections');
  await say(second, 'sendjson OOCSI_events {"n":1}');
  expect(await first.heard()).toEqual([]);
  expect(await second.heard()).toEqual([]);
});

test('A message that reaches nobody but its sender is no event', async () => {
  const world = await openWorld();
  const [listener, alice] = [await world.line('listener'), await world.line('alice')];
  await say(listener, 'subscribe OOCSI_events');
  await say(alice, 'subscribe colour', 'sendraw colour {"n":1}');
  expect(await listener.heard()).toEqual([]);
});

test('A delayed message is an event when it is delivered', async () => {
  const world = await openWorld();
  const [listener, alice] = [await world.line('listener'), await world.line('alice')];
  await say(listener, 'subscribe OOCSI_events');
  await say(alice, 'sendraw listener {"n":1,"_DELAY":2}');
  expect(await listener.heard()).toEqual([]);
  await world.clock.advance(3_000);
  const event = { PUB: 'alice', CHANNEL: '', SUB: ['listener'], count: 1, size: 1 };
  expect(told(await listener.heard())).toMatchObject([
    { recipient: 'listener' },
    { recipient: 'OOCSI_events', timestamp: 1_002_000, data: event },
  ]);
});

test('Channels with a password and registered users are kept out of both', async () => {
  const world = await openWorld({ users: ['lamp:word'] });
  const [listener, alice, bob] = [await world.line('listener'), await world.web('alice'), await world.line('bob')];
  await say(bob, 'subscribe secret:pw');
  await say(listener, 'subscribe OOCSI_connections', 'subscribe OOCSI_events');
  const lamp = await world.web('lamp:word');
  await say(lamp, 'subscribe colour', 'unsubscribe colour', 'subscribe secret:pw');
  await say(alice, 'sendjson lamp {"n":1}', 'subscribe secret:pw', 'sendjson secret:pw {"n":2}', 'sendjson none:pw {}');
  await say(alice, 'unsubscribe secret');
  await lamp.leave();
  await expect.poll(() => world.server.broker.clients()).toEqual(['listener', 'alice', 'bob']);
  const frames = await listener.heard();
  expect(dataOf(frames)).toEqual([
    { CLIENT: 'SERVER', CHANNEL: 'colour', OP: 'added channel' },
    { CLIENT: 'SERVER', CHANNEL: 'colour', OP: 'closed empty channel' },
  ]);
});

test('Without listeners nothing is made of it', async () => {
  const world = await openWorld();
  const [listener, alice] = [await world.line('listener'), await world.line('alice')];
  await say(listener, 'subscribe OOCSI_events', 'subscribe OOCSI_connections');
  await say(listener, 'unsubscribe OOCSI_events', 'unsubscribe OOCSI_connections');
  await say(alice, 'subscribe colour', 'sendraw listener {"n":1}');
  expect(dataOf(await listener.heard())).toEqual([{ n: 1 }]);
  expect(world.clock.timers).toBe(1);
});

test('A server that stops does not tell who goes', async () => {
  const world = await openWorld();
  const others = [await world.line('alice'), await world.web('bob')];
  for (const raw of others) await say(raw, 'subscribe colour');
  const listener = await world.line('listener');
  await say(listener, 'subscribe OOCSI_connections', 'subscribe presence(colour)', 'subscribe presence(alice)');
  await listener.heard();
  world.server.broker.close();
  expect(await listener.closed()).toEqual(['bye']);
});
