import { expect, test } from 'vitest';
import { until } from '../../helpers/raw';
import { dataOf, dialects, openWorld, say, told } from '../../helpers/world';

for (const dialect of dialects) {
  test(`A new watcher is told at once who is there, and nobody else is (${dialect})`, async () => {
    const world = await openWorld();
    const [alice, first, second] = [
      await world.web('alice'),
      await world.line('first'),
      await world[dialect]('second'),
    ];
    await say(alice, 'subscribe colour');
    await say(first, 'subscribe presence(colour)');
    await first.heard();
    await say(second, 'subscribe presence(colour)');
    expect(told(await second.heard())).toEqual([
      {
        recipient: 'presence(colour)',
        sender: 'colour',
        timestamp: world.clock.now(),
        data: { channel: 'colour', refresh: ['alice'] },
      },
    ]);
    expect(await first.heard()).toEqual([]);
  });

  test(`A watcher is told who joins and leaves a channel (${dialect})`, async () => {
    const world = await openWorld();
    const [watcher, alice] = [await world[dialect]('watcher'), await world[dialect]('alice')];
    await say(watcher, 'subscribe presence(colour)');
    await watcher.heard();
    await say(alice, 'subscribe colour', 'subscribe colour', 'unsubscribe colour', 'unsubscribe colour');
    expect(dataOf(await watcher.heard())).toEqual([
      { channel: 'colour', join: 'alice' },
      { channel: 'colour', leave: 'alice' },
    ]);
    expect(await alice.heard()).toEqual([]);
  });

  test(`A watcher is told when a client comes, opens and leaves channels, and goes (${dialect})`, async () => {
    const world = await openWorld();
    const watcher = await world[dialect]('watcher');
    await say(watcher, 'subscribe presence(alice)');
    expect(dataOf(await watcher.heard())).toEqual([{ channel: 'alice', refresh: [] }]);
    const alice = await world[dialect]('alice');
    await say(alice, 'subscribe colour', 'subscribe colour', 'subscribe sound', 'unsubscribe sound');
    await alice.leave();
    await until(() => !world.server.broker.clients().includes('alice'), 'alice is gone');
    const news = told(await watcher.heard());
    expect(news.map(({ data }) => data)).toEqual([
      { client: 'alice', join: 'alice' },
      { client: 'alice', created: '' },
      { client: 'alice', created: '' },
      { client: 'alice', closed: '' },
      { client: 'alice', leave: 'alice' },
      { client: 'alice', closed: '' },
    ]);
    expect(new Set(news.map(({ sender }) => sender))).toEqual(new Set(['alice']));
  });

  test(`Watchers are told every 5 s who is there (${dialect})`, async () => {
    const world = await openWorld();
    const [watcher, alice] = [await world[dialect]('watcher'), await world.line('alice')];
    await say(watcher, 'subscribe presence(colour)', 'subscribe presence(alice)');
    await say(alice, 'subscribe colour');
    await watcher.heard();
    await world.clock.advance(4_999);
    expect(dataOf(await watcher.heard())).toEqual([]);
    await world.clock.advance(1);
    expect(dataOf(await watcher.heard())).toEqual([
      { channel: 'colour', refresh: ['alice'] },
      { client: 'alice', refresh: [] },
    ]);
    await world.clock.advance(10_000);
    expect(dataOf(await watcher.heard())).toHaveLength(4);
  });

  test(`Who stops watching is told nothing more, and may start again (${dialect})`, async () => {
    const world = await openWorld();
    const [watcher, other, alice] = [
      await world[dialect]('watcher'),
      await world.web('other'),
      await world.line('alice'),
    ];
    for (const raw of [watcher, other]) await say(raw, 'subscribe presence(colour)');
    await say(watcher, 'unsubscribe presence(colour)', 'unsubscribe presence(colour)');
    await watcher.heard();
    await say(alice, 'subscribe colour');
    await world.clock.advance(5_000);
    expect(dataOf(await watcher.heard())).toEqual([]);
    expect(dataOf(await other.heard())).toHaveLength(3);
    await say(watcher, 'subscribe presence(colour)');
    expect(dataOf(await watcher.heard())).toEqual([{ channel: 'colour', refresh: ['alice'] }]);
  });
}

test('Watching twice is watching once', async () => {
  const world = await openWorld();
  const [watcher, alice] = [await world.line('watcher'), await world.line('alice')];
  await say(watcher, 'subscribe presence(colour)', 'subscribe presence(colour)');
  expect(dataOf(await watcher.heard())).toHaveLength(1);
  await say(alice, 'subscribe colour');
  expect(dataOf(await watcher.heard())).toHaveLength(1);
});

test('A watcher hears of himself, in a channel and as a client', async () => {
  const world = await openWorld();
  const watcher = await world.line('watcher');
  await say(watcher, 'subscribe presence(watcher)', 'subscribe presence(colour)', 'subscribe colour');
  expect(dataOf(await watcher.heard())).toEqual([
    { client: 'watcher', refresh: [] },
    { channel: 'colour', refresh: [] },
    { client: 'watcher', created: '' },
    { channel: 'colour', join: 'watcher' },
  ]);
});

test('A Pure Data client can watch', async () => {
  const world = await openWorld();
  const [pd, alice] = [await world.tcp('pd;'), await world.line('alice')];
  await say(alice, 'subscribe colour');
  await say(pd, 'subscribe presence(colour);');
  const [, line] = await pd.heard();
  expect(line).toBe('presence(colour) timestamp=1000000 sender=colour channel=colour refresh=[alice] ;');
});

test('A client that is silent for too long leaves its channels, and times out for those who watch the same', async () => {
  const world = await openWorld();
  const [watcher, silent, member] = [
    await world.line('watcher'),
    await world.line('silent'),
    await world.web('member'),
  ];
  await say(watcher, 'subscribe presence(colour)', 'subscribe presence(silent)');
  await say(silent, 'subscribe presence(colour)', 'subscribe presence(member)', 'subscribe colour');
  for (let waited = 0; waited < 125; waited += 5) {
    await world.clock.advance(5_000);
    await say(watcher, '.');
    await say(member, '.');
  }
  const news = dataOf(await watcher.heard()).filter((data) => !JSON.stringify(data).includes('refresh'));
  expect(news).toEqual([
    { client: 'silent', created: '' },
    { channel: 'colour', join: 'silent' },
    { channel: 'colour', timeout: 'silent' },
    { client: 'silent', leave: 'silent' },
    { channel: 'colour', leave: 'silent' },
    { client: 'silent', closed: '' },
  ]);
  expect(dataOf(await silent.closed())).not.toContainEqual({ channel: 'colour', timeout: 'silent' });
});

test('A client that quits is no timeout', async () => {
  const world = await openWorld();
  const [watcher, alice] = [await world.line('watcher'), await world.line('alice')];
  await say(watcher, 'subscribe presence(colour)');
  await say(alice, 'subscribe presence(colour)', 'subscribe colour');
  await watcher.heard();
  alice.say('quit');
  await alice.closed();
  expect(dataOf(await watcher.heard())).toEqual([{ channel: 'colour', leave: 'alice' }]);
});

test('Nobody is told of a channel with a password', async () => {
  const world = await openWorld();
  const [watcher, alice] = [await world.line('watcher'), await world.line('alice')];
  await say(alice, 'subscribe secret:word');
  await say(watcher, 'subscribe presence(secret)', 'subscribe presence(alice)');
  await say(alice, 'unsubscribe secret', 'subscribe secret:word', 'quit');
  await world.clock.advance(5_000);
  expect(dataOf(await watcher.heard())).toEqual([
    { channel: 'secret', refresh: [] },
    { client: 'alice', refresh: [] },
    { client: 'alice', leave: 'alice' },
    { channel: 'secret', refresh: [] },
    { channel: 'alice', refresh: [] },
  ]);
});

test.each([
  'presence()',
  'presence(a/b)',
  'presence(a b)',
  'presence(ä)',
  'presence((a))',
  'presence(a',
  'presence(colour)x',
  'xpresence(colour)',
  'presence(colour)[filter(n>1)]',
  'PRESENCE(colour)',
  'presence(__proto__',
])('%s watches nobody', async (text) => {
  const world = await openWorld();
  const [watcher, alice] = [await world.web('watcher'), await world.line('alice')];
  await say(watcher, `subscribe ${text}`);
  await say(alice, 'subscribe colour');
  await world.clock.advance(5_000);
  expect(told(await watcher.heard())).toEqual([]);
  await say(watcher, `unsubscribe ${text}`);
  expect(world.server.broker.channels()).toEqual(['colour', 'watcher', 'alice']);
});

test.each(['__proto__', 'constructor', '-', '_', '0'])('%s is a name that can be watched', async (name) => {
  const world = await openWorld();
  const [watcher, alice] = [await world.web('watcher'), await world.line('alice')];
  await say(watcher, `subscribe presence(${name})`);
  await say(alice, `subscribe ${name}`);
  expect(dataOf(await watcher.heard())).toEqual([
    { channel: name, refresh: [] },
    { channel: name, join: 'alice' },
  ]);
});

for (const dialect of dialects) {
  test(`Nobody can say who is there but the server (${dialect})`, async () => {
    const world = await openWorld();
    const [watcher, liar] = [await world[dialect]('watcher'), await world[dialect]('liar')];
    await say(watcher, 'subscribe presence(colour)', 'subscribe presence(a/b)');
    await watcher.heard();
    for (const recipient of ['presence(colour)', 'presence(colour):x', 'presence(a/b)']) {
      for (const more of ['', ',"_RETAIN":60', ',"_DELAY":1']) {
        await say(liar, `sendjson ${recipient} {"channel":"colour","join":"bob"${more}}`);
      }
    }
    await world.clock.advance(2_000);
    expect(await watcher.heard()).toEqual([]);
  });
}

test('A watch ends with its client, and with the last one its timer', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  const [first, second] = [await world.line('first'), await world.web('second')];
  const idle = world.clock.timers;
  for (const raw of [first, second]) await say(raw, 'subscribe presence(colour)', 'subscribe presence(sound)');
  expect(world.clock.timers).toBe(idle + 1);
  await first.leave();
  await second.leave();
  await until(() => world.server.broker.clients().length === 1, 'the watchers are gone');
  expect(world.clock.timers).toBe(idle);
  const next = await world.line('first');
  await say(alice, 'subscribe colour');
  expect(await next.heard()).toEqual([]);
});

test('A presence is no channel: it takes no name and is not listed', async () => {
  const world = await openWorld();
  const watcher = await world.line('watcher');
  await say(watcher, 'subscribe presence(colour)');
  expect(world.server.broker.channels()).toEqual(['watcher']);
  await world.line('colour');
  expect(dataOf(await watcher.heard())).toEqual([
    { channel: 'colour', refresh: [] },
    { client: 'colour', join: 'colour' },
  ]);
});
