import { expect, test } from 'vitest';
import { createBroker } from '../../../src/server/broker/broker';
import { startServer } from '../../../src/server/start-server';
import type { Raw } from '../../helpers/raw';
import { dataOf, dialects, openWorld, say, told, type World } from '../../helpers/world';

const users = ['lamp:word', 'a.b-c_1:p%$:(JSON)'];

/** A connection that has sent its first frame. */
function hello(world: World, dialect: (typeof dialects)[number], handle: string): Promise<Raw> {
  return dialect === 'line' ? world.tcp(`${handle}(JSON)`) : world.ws(handle);
}

for (const dialect of dialects) {
  test(`Who knows the password of a registered name gets it (${dialect})`, async () => {
    const world = await openWorld({ users });
    for (const user of users) {
      const [name = ''] = user.split(':');
      const raw = await hello(world, dialect, user);
      expect((await raw.heard()).join()).toContain(`welcome ${name}"`);
      expect(world.server.broker.clients()).toContain(name);
    }
  });

  test.each([
    'lamp',
    'lamp:',
    'lamp:wrong',
    'lamp:Word',
    'lamp:word:',
    'lamp:word2',
    ':word',
    'other:word',
    'LAMP:word',
  ])(`A registered name is refused without its password (${dialect}): %s`, async (handle) => {
    const world = await openWorld({ users });
    const raw = await hello(world, dialect, handle);
    const [name] = handle.split(':');
    expect((await raw.closed()).join()).toContain(`password wrong for name: ${name}`);
    expect(world.server.broker.clients()).toEqual([]);
  });

  test(`A registered user who is there already is refused a second time (${dialect})`, async () => {
    const world = await openWorld({ users });
    await hello(world, dialect, 'lamp:word').then((raw) => raw.heard());
    const twin = await hello(world, dialect, 'lamp:word');
    expect((await twin.closed()).join()).toMatch(/name already registered: lamp\)|client lamp exists already"/);
  });

  test(`A registered user sends and receives under the bare name (${dialect})`, async () => {
    const world = await openWorld({ users });
    const [lamp, alice] = [await hello(world, dialect, 'lamp:word'), await world[dialect]('alice')];
    await lamp.heard();
    await say(lamp, 'subscribe colour', 'sendjson alice {"n":1}', 'sendjson lamp {"n":2}');
    await say(alice, 'sendjson lamp {"n":3}', 'sendjson colour {"n":4}', 'sendjson lamp {"n":5,"_DELAY":1}');
    await world.clock.advance(2_000);
    expect(told(await alice.heard())).toMatchObject([{ recipient: 'alice', sender: 'lamp', data: { n: 1 } }]);
    expect(told(await lamp.heard())).toMatchObject([
      { recipient: 'lamp', sender: 'lamp', data: { n: 2 } },
      { recipient: 'lamp', data: { n: 3 } },
      { recipient: 'colour', data: { n: 4 } },
      { recipient: 'lamp', data: { n: 5 } },
    ]);
  });

  test(`The password is in nothing that the server says (${dialect})`, async () => {
    const world = await openWorld({ users: ['lamp:Geheimnis'] });
    const listener = await world[dialect]('listener');
    await say(listener, ...['clients', 'channels', 'connections', 'events'].map((name) => `subscribe OOCSI_${name}`));
    await say(
      listener,
      'subscribe presence(lamp)',
      'subscribe presence(colour)',
      'subscribe colour',
      'subscribe colour/?',
    );
    const lamp = await hello(world, dialect, 'lamp:Geheimnis');
    await say(lamp, 'subscribe colour', 'sendjson colour {"n":1}', 'sendjson listener {"n":2}');
    const refused = await hello(world, dialect, 'lamp:Geheimnis');
    await world.clock.advance(6_000);
    const frames = [...(await listener.heard()), ...(await lamp.heard()), ...(await refused.closed())];
    expect(frames.length).toBeGreaterThan(10);
    expect(frames.filter((frame) => /Geheimnis/.test(frame))).toEqual([]);
  });
}

test('A Pure Data client can be a registered user', async () => {
  const world = await openWorld({ users });
  expect(await (await world.tcp('lamp:word;')).heard()).toEqual(['welcome lamp;']);
});

test('A registered user is listed among the clients, and nowhere else', async () => {
  const world = await openWorld({ users });
  const [lamp, alice] = [await world.web('lamp:word'), await world.line('alice')];
  await say(lamp, 'subscribe colour');
  alice.say('clients', 'channels', 'channels colour', 'subscribe colour', 'channels colour');
  expect(await alice.heard()).toEqual(['lamp,alice', 'colour, alice', 'alice']);
  expect(world.server.broker.clients()).toEqual(['lamp', 'alice']);
  expect(world.server.broker.channels()).toEqual(['colour', 'alice']);
  await say(alice, 'subscribe colour/?', 'subscribe OOCSI_clients', 'subscribe OOCSI_channels');
  expect(dataOf(await alice.heard())).toEqual([
    { channels: 'alice' },
    { clients: 'lamp,alice' },
    { channels: 'colour, OOCSI_clients, OOCSI_channels, alice' },
  ]);
});

test('Nobody is told when a registered user comes, joins, times out and goes', async () => {
  const world = await openWorld({ users });
  const watcher = await world.line('watcher');
  await say(watcher, 'subscribe presence(lamp)', 'subscribe presence(colour)');
  const lamp = await world.web('lamp:word');
  await say(lamp, 'subscribe colour', 'unsubscribe colour', 'subscribe colour', 'subscribe presence(colour)');
  for (let waited = 0; waited < 125; waited += 5) {
    await world.clock.advance(5_000);
    await say(watcher, '.');
  }
  await lamp.closed();
  const news = dataOf(await watcher.heard());
  expect(new Set(news.map((data) => JSON.stringify(data)))).toEqual(
    new Set(['{"channel":"lamp","refresh":[]}', '{"channel":"colour","refresh":[]}']),
  );
});

test('A registered user may watch others', async () => {
  const world = await openWorld({ users });
  const lamp = await world.web('lamp:word');
  await say(lamp, 'subscribe presence(alice)');
  await world.line('alice');
  expect(dataOf(await lamp.heard())).toEqual([
    { channel: 'alice', refresh: [] },
    { client: 'alice', join: 'alice' },
  ]);
});

test('A registered name is no channel, also while its user is away', async () => {
  const world = await openWorld({ users });
  const [mallory, alice] = [await world.line('mallory'), await world.line('alice')];
  await say(mallory, 'subscribe lamp', 'subscribe lamp:word', 'subscribe lamp:x');
  await say(alice, 'sendraw lamp {"n":1}', 'sendraw lamp {"n":2,"_RETAIN":60}', 'sendraw lamp:word {"n":3}');
  expect(await mallory.heard()).toEqual([]);
  await world.web('lamp:word');
});

test('A # is not filled in to a registered name', async () => {
  const world = await openWorld({ users: Array.from({ length: 10 }, (_, digit) => `lamp${digit}:word`) });
  // As when all ten were taken, the handle stays as it is.
  expect(await (await world.ws('lamp#')).heard()).toEqual(['{"message" : "welcome lamp#"}']);
});

test.each([
  [['lamp']],
  [['lamp:']],
  [[':word']],
  [['lamp:two words']],
  [['lämp:word']],
  [['lamp:wörd']],
  [['lamp#:word']],
  [['/lamp:word']],
  [['lamp:wo;rd']],
  [['SERVER:word']],
  [['OOCSI_clients:word']],
  [['lamp:one', 'lamp:two']],
  [['lamp:word\n']],
  [[`lamp:${'x'.repeat(190)}`]],
  [['']],
  [[7]],
  [[null]],
  ['lamp:word'],
  [{ lamp: 'word' }],
  [null],
  [7],
  [Object.create(null)],
])('The option users cannot be %j', async (value) => {
  const options = { users: unchecked(value) };
  expect(() => createBroker(options)).toThrow(/^users(\[\d\])? must be/);
  await expect(startServer({ port: 0, tcpPort: 0, ...options })).rejects.toThrow(TypeError);
});

/** What a program without types may hand in. */
function unchecked(value: unknown): string[] {
  const holder: { value: string[] } = JSON.parse('{}');
  Object.assign(holder, { value });
  return holder.value;
}

test('What is wrong with a user is said without the password', () => {
  expect(() => createBroker({ users: ['lamp:word', 'sun:geheim nis'] })).toThrow(/^users\[1\] (?!.*geheim)/);
});
