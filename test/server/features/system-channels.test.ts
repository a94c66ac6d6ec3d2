import { expect, test } from 'vitest';
import { until } from '../../helpers/raw';
import { dataOf, dialects, openWorld, say, told } from '../../helpers/world';

for (const dialect of dialects) {
  for (const [channel, report] of [
    ['OOCSI_clients', { clients: 'bob,alice' }],
    ['OOCSI_channels', { channels: 'colour, OOCSI_channels, bob, alice' }],
    ['OOCSI_metrics', { uptime: 0, messagesTotal: 0, messages: 0, channels: 5, clients: 2 }],
    ['colour/?', { channels: 'bob' }],
    ['secret/?', { channels: '' }],
    ['bob/?', { channels: '' }],
    ['nowhere/?', { channels: '' }],
    ['/?', { channels: '' }],
  ] as const) {
    test(`${channel} reports at once and then once a second, while somebody is subscribed (${dialect})`, async () => {
      const world = await openWorld();
      const [bob, alice] = [await world.line('bob'), await world[dialect]('alice')];
      await say(bob, 'subscribe colour', 'subscribe secret:word');
      const reports = { recipient: channel, sender: 'SERVER', timestamp: 1_000_000, data: report };
      await say(alice, `subscribe ${channel}`, `subscribe ${channel}`);
      expect(told(await alice.heard())).toEqual([reports]);
      await world.clock.advance(999);
      expect(await alice.heard()).toEqual([]);
      await world.clock.advance(2_001);
      expect(told(await alice.heard()).map(({ timestamp }) => timestamp)).toEqual([1_001_000, 1_002_000, 1_003_000]);
      await say(alice, `unsubscribe ${channel}`);
      await world.clock.advance(2_000);
      expect(told(await alice.heard())).toEqual([]);
      expect(world.clock.timers).toBe(1);
    });
  }
}

test('A report is about the moment it is made', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.web('bob')];
  await say(bob, 'subscribe colour');
  await say(alice, 'subscribe OOCSI_clients', 'subscribe colour/?');
  expect(dataOf(await alice.heard())).toEqual([{ clients: 'alice,bob' }, { channels: 'bob' }]);
  await bob.leave();
  await until(() => world.server.broker.clients().length === 1, 'bob is gone');
  await world.clock.advance(1_000);
  expect(dataOf(await alice.heard())).toEqual([{ clients: 'alice' }, { channels: '' }]);
});

test('Only a new subscriber gets a report out of turn', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.web('bob')];
  await say(alice, 'subscribe OOCSI_clients');
  await alice.heard();
  await world.clock.advance(500);
  await say(bob, 'subscribe OOCSI_clients');
  expect(dataOf(await bob.heard())).toEqual([{ clients: 'alice,bob' }]);
  expect(await alice.heard()).toEqual([]);
  await world.clock.advance(500);
  expect(dataOf(await bob.heard())).toHaveLength(1);
  expect(dataOf(await alice.heard())).toHaveLength(1);
});

test('The metrics count what clients send, in total and in the last second', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.web('bob')];
  await say(bob, 'sendjson alice {}', 'sendjson nobody {}');
  await world.clock.advance(1_500);
  await say(alice, 'subscribe OOCSI_metrics', 'subscribe OOCSI_clients');
  await say(bob, 'sendjson alice {}', 'sendjson colour {}', 'sendjson OOCSI_clients {}');
  await world.clock.advance(2_000);
  const metrics = told(await alice.heard())
    .filter(({ recipient }) => recipient === 'OOCSI_metrics')
    .map(({ data }) => data);
  expect(metrics).toEqual([
    { uptime: 1_500, messagesTotal: 2, messages: 0, channels: 3, clients: 2 },
    { uptime: 2_500, messagesTotal: 4, messages: 2, channels: 4, clients: 2 },
    { uptime: 3_500, messagesTotal: 4, messages: 0, channels: 4, clients: 2 },
  ]);
});

for (const dialect of dialects) {
  test(`Nobody but the server speaks on its channels (${dialect})`, async () => {
    const world = await openWorld();
    const [alice, liar] = [await world[dialect]('alice'), await world[dialect]('liar')];
    const channels = [
      'OOCSI_clients',
      'OOCSI_channels',
      'OOCSI_metrics',
      'OOCSI_connections',
      'OOCSI_events',
      'colour/?',
    ];
    await say(alice, ...channels.map((channel) => `subscribe ${channel}`));
    for (const channel of channels) {
      await say(liar, `sendjson ${channel} {"clients":"x","channels":"x"}`, `sendjson ${channel}:x {}`);
      await say(liar, `sendjson ${channel} {"_RETAIN":60}`, `sendjson ${channel} {"_DELAY":1}`);
    }
    await world.clock.advance(2_000);
    expect(new Set(told(await alice.heard()).map(({ sender }) => sender))).toEqual(new Set(['SERVER']));
    await say(liar, 'subscribe OOCSI_clients');
    expect(dataOf(await liar.heard())).toEqual([{ clients: 'alice,liar' }]);
  });
}

test('Names that only begin like those of the server are ordinary channels', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.web('bob')];
  await say(alice, 'subscribe OOCSI_demo', 'subscribe OOCSI_clients2', 'subscribe OOCSI_demo/x?', 'subscribe SERVER');
  for (const channel of ['OOCSI_demo', 'OOCSI_clients2', 'OOCSI_demo/x?', 'SERVER'])
    await say(bob, `sendjson ${channel} {"n":1}`);
  expect(dataOf(await alice.heard())).toEqual(Array(4).fill({ n: 1 }));
});

test.each(['OOCSI_clients', 'OOCSI_events', 'colour/?'])(
  'Nobody can shut others out of %s by a password',
  async (channel) => {
    const world = await openWorld();
    const [alice, bob] = [await world.line('alice'), await world.web('bob')];
    await say(bob, `subscribe ${channel}:word`);
    await say(alice, 'channels OOCSI_clients:word', `subscribe ${channel}`, `channels ${channel}`);
    expect(await alice.heard()).toContain('alice');
    expect(await bob.heard()).toEqual([]);
  },
);

test('A handle cannot stand in the way of a report', async () => {
  const world = await openWorld();
  expect(await (await world.tcp('colour/?(JSON)')).closed()).toEqual([
    'error (name reserved for the server: colour/?)',
  ]);
});

test('A Pure Data client gets reports as words', async () => {
  const world = await openWorld();
  const pd = await world.tcp('pd;');
  await say(pd, 'subscribe OOCSI_clients;');
  expect((await pd.heard()).at(-1)).toBe('OOCSI_clients timestamp=1000000 sender=SERVER clients=pd ;');
});

test('Reports end with the client that asked for them', async () => {
  const world = await openWorld();
  await world.line('bob');
  const alice = await world.web('alice');
  await say(alice, 'subscribe OOCSI_clients', 'subscribe OOCSI_metrics', 'subscribe bob/?');
  expect(world.clock.timers).toBe(2);
  await alice.leave();
  await until(() => world.server.broker.clients().length === 1, 'alice is gone');
  expect(world.clock.timers).toBe(1);
  expect(world.server.broker.channels()).toEqual(['bob']);
});
