import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../../src/server/start-server';
import { systemClock } from '../../../src/util/clock';
import { objects, openWorld, say } from '../../helpers/world';

test('A client that asks for more in one turn than a text can hold harms nobody else', async () => {
  const world = await openWorld({ clock: systemClock, limits: { channels: 30_000, channelsPerClient: 30_000 } });
  const bystander = await world.line('bystander');
  const greedy = connect({ host: '127.0.0.1', port: world.server.tcpPort ?? 0 });
  onTestFinished(() => void greedy.destroy());
  const names = Array.from({ length: 20_000 }, (_, index) => `subscribe ${'c'.repeat(100)}${index}\n`);
  greedy.write(`greedy(JSON)\n${names.join('')}`);
  // Each answer has 2 MB; together they are longer than the longest text of JavaScript. Nobody reads them.
  greedy.write('channels\n'.repeat(300));
  const [welcome] = await once(greedy, 'data');
  greedy.pause();
  expect(String(welcome)).toContain('welcome greedy');
  await expect.poll(() => world.server.broker.clients()).not.toContain('greedy');
  bystander.say('sendraw bystander {"still":"here"}');
  // On a slow machine, the server asks for a sign of life meanwhile.
  const heard = (await bystander.heard()).filter((frame) => frame !== 'ping');
  expect(objects(heard)).toMatchObject([{ still: 'here' }]);
}, 30_000);

test('Numbers of any length and keys of any number are read without delay', async () => {
  const world = await openWorld();
  const [alice, pd] = [await world.line('alice'), await world.tcp('pd;')];
  await pd.heard();
  const digits = '9'.repeat(200_000);
  alice.say(...Array.from({ length: 20 }, () => `sendraw alice {"long":${digits},"n":1}`));
  expect(objects(await alice.heard())).toHaveLength(20);
  const keys = Array.from({ length: 20_000 }, (_, index) => `"Key${index % 7}_${index}":${index}`);
  for (let time = 0; time < 5; time++) alice.say(`sendraw pd {${keys.join(',')}}`);
  await alice.settled();
  expect(await pd.heard()).toHaveLength(5);
});

test('Data with very many keys reaches those without functions only, and is read once for all with them', async () => {
  const world = await openWorld();
  const [alice, plain] = [await world.line('alice'), await world.web('plain')];
  await say(plain, 'subscribe room');
  const shaped = await world.web('shaped');
  await say(shaped, 'subscribe room[transform(n,1)]');
  const keys = Array.from({ length: 5_000 }, (_, index) => `"k${index}":${index}`);
  await say(alice, `sendraw room {${keys.join(',')}}`, 'sendraw room {"last":1}');
  expect(objects(await plain.heard())).toHaveLength(2);
  expect(objects(await shaped.heard())).toMatchObject([{ data: { last: 1, n: 1 } }]);
});

test('A frame of bytes is no handle', async () => {
  const world = await openWorld();
  const raw = await world.ws();
  raw.bytes(new Uint8Array([1, 2, 3]));
  raw.say('lamp');
  expect(await raw.heard()).toEqual(['{"message" : "welcome lamp"}']);
});

test('White space that is no blank belongs to the text', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  alice.say('sendraw alice x\u00a0', 'sendraw alice y \t');
  expect(objects(await alice.heard())).toMatchObject([{ data: 'x\u00a0' }, { data: 'y' }]);
  await expect((await world.tcp('\ufeffbob(JSON)')).closed()).resolves.toMatchObject([
    expect.stringContaining('byte order mark'),
  ]);
});

test('A name with a semicolon does not end a line for Pure Data', async () => {
  const world = await openWorld();
  const pd = await world.tcp('pd;');
  await pd.heard();
  await world.line('x;y');
  pd.say('clients;');
  expect(await pd.heard()).toEqual(['pd,x y;']);
});

test.each([
  ['host', { host: '' }],
  ['port', { port: 99_999 }],
  ['port', { port: -1 }],
  ['tcpPort', { tcpPort: 1.5 }],
  ['port', { port: JSON.parse('"abc"') }],
  ['tcpPort', { tcpPort: JSON.parse('null') }],
])('An option %s that cannot be meant is refused by name: %j', async (name, options) => {
  await expect(startServer({ port: 0, tcpPort: 0, ...options })).rejects.toThrow(new RegExp(`^${name} must be`));
});

test('A server is for its own machine only, unless told otherwise', async () => {
  const reaches = (port: number | undefined): Promise<boolean> =>
    new Promise((resolve) => {
      // All of 127.0.0.0/8 is this machine, but the server listens at one address of it.
      const socket = connect({ host: '127.0.0.2', port: port ?? 0 }, () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
  await using usual = await startServer({ port: 0, tcpPort: 0 });
  await using open = await startServer({ host: '0.0.0.0', port: 0, tcpPort: 0 });
  expect([await reaches(usual.port), await reaches(usual.tcpPort)]).toEqual([false, false]);
  expect([await reaches(open.port), await reaches(open.tcpPort)]).toEqual([true, true]);
});
