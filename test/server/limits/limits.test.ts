import { request } from 'node:http';
import { connect as connectTls } from 'node:tls';
import { expect, test } from 'vitest';
import type { Raw } from '../../helpers/raw';
import { objects, openWorld, type World } from '../../helpers/world';

const longest = 2 ** 20;
const tooLong = `line longer than ${longest} characters`;
const badHandle = 'error (handle not accepted: use 1 to 194 ASCII characters without white space or commas)';

/** A world with two clients in one channel, who are to notice nothing of what others do. */
async function bystanders(): Promise<World & { undisturbed(): Promise<void> }> {
  const world = await openWorld();
  const clients = [await world.line('bystander1'), await world.web('bystander2')] as const;
  async function hears(receiver: Raw, sender: Raw): Promise<void> {
    sender.say('sendjson room {"still":"here"}');
    await sender.settled();
    const heard = await receiver.heard();
    expect(heard).toHaveLength(1);
    expect(heard[0]).toContain('"still":"here"');
  }
  for (const raw of clients) {
    raw.say('subscribe room');
    await raw.settled();
  }
  return {
    ...world,
    async undisturbed() {
      await hears(clients[0], clients[1]);
      await hears(clients[1], clients[0]);
    },
  };
}

for (const [what, open, shut] of [
  ['lists', '[', ']'],
  ['objects', '{"a":', '}'],
  ['lists without an end', '[', ''],
] as const) {
  const data = `{"a":${open.repeat(100_000)}1${shut.repeat(100_000)}}`;

  test(`Data nested 100,000 deep in ${what} is answered by an error, and the client lives on`, async () => {
    const world = await bystanders();
    const [alice, bob] = [await world.line('alice'), await world.web('bob')];
    alice.say(`sendraw bob ${data}`, 'sendraw bob {"n":1}');
    expect(await alice.heard()).toEqual(['error (data is nested deeper than 1000 levels)']);
    bob.say(`sendjson room ${data}`);
    expect(objects(await bob.heard())).toMatchObject([
      { sender: 'alice', data: { n: 1 } },
      { message: 'ERROR: data is nested deeper than 1000 levels' },
    ]);
    await world.undisturbed();
  });
}

test('Data nested 1,000 deep arrives', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  alice.say(`sendraw alice {"a":${'['.repeat(999)}${']'.repeat(999)}}`);
  expect(objects(await alice.heard())).toMatchObject([{ sender: 'alice' }]);
});

test('A line of exactly the longest length arrives', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  const command = 'sendraw alice ';
  const text = 'x'.repeat(longest - command.length);
  alice.say(command + text);
  expect(objects(await alice.heard())).toMatchObject([{ data: text }]);
});

for (const [what, end] of [
  ['with a line end', '\n'],
  ['without a line end', ''],
] as const) {
  test(`A line that is too long, ${what}, is answered by an error and the connection closed`, async () => {
    const world = await bystanders();
    const alice = await world.line('alice');
    alice.bytes(`${'x'.repeat(longest + 1)}${end}`);
    expect(await alice.closed()).toEqual([`error (${tooLong})`]);
    expect(world.server.broker.clients()).not.toContain('alice');
    await world.undisturbed();
  });

  test(`A handshake that is too long, ${what}, is answered by an error and the connection closed`, async () => {
    const world = await bystanders();
    const client = await world.tcp();
    client.bytes(`${'x'.repeat(longest + 1)}${end}`);
    expect(await client.closed()).toEqual(['error (handshake longer than 256 characters)']);
    await world.undisturbed();
  });
}

test('Nothing of what follows a line that is too long is obeyed', async () => {
  const world = await bystanders();
  const alice = await world.line('alice');
  alice.say('x'.repeat(longest + 1), 'sendraw room {"n":1}', 'clients');
  expect(await alice.closed()).toEqual([`error (${tooLong})`]);
  await world.undisturbed();
});

test('A frame that is too long is not even read, and the WebSocket closed, which says why', async () => {
  const world = await bystanders();
  const alice = await world.web('alice');
  alice.say('x'.repeat(longest + 1));
  const told = `{"message" : "ERROR: frame longer than ${longest} bytes","code":"limit"}`;
  expect(await alice.closed()).toEqual([told]);
  await world.undisturbed();
});

for (const [what, bytes] of [
  ['garbage', Uint8Array.of(0, 255, 254, 128, 7, 27, 192, 10, 0, 10, 255)],
  ['an HTTP request', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\nsubscribe room\r\n'],
  ['the hello of an SSH client', 'SSH-2.0-OpenSSH_9.6 x\r\n'],
] as const) {
  test(`The first line of ${what} over TCP is refused and the connection closed`, async () => {
    const world = await bystanders();
    const stranger = await world.tcp();
    stranger.bytes(bytes);
    expect(await stranger.closed()).toEqual([badHandle]);
    await world.undisturbed();
  });
}

test('A client that speaks TLS is turned away by the TCP port', async () => {
  const world = await bystanders();
  const socket = connectTls({ host: '127.0.0.1', port: world.server.tcpPort ?? 0, rejectUnauthorized: false });
  await expect(new Promise((_resolve, reject) => socket.once('error', reject))).rejects.toThrow(
    /wrong version number/i,
  );
  await world.undisturbed();
});

test('A client that speaks HTTP is turned away by the TCP port', async () => {
  const world = await bystanders();
  const answer = new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: world.server.tcpPort, agent: false }, resolve).once('error', reject).end();
  });
  await expect(answer).rejects.toThrow(/Parse Error/);
  await world.undisturbed();
});

test('A line that is not UTF-8 harms nobody', async () => {
  const world = await bystanders();
  const alice = await world.line('alice');
  alice.bytes(Buffer.concat([Buffer.from('sendraw alice {"x":"'), Uint8Array.of(0xff, 0xc3), Buffer.from('"}\n')]));
  expect(objects(await alice.heard())).toMatchObject([{ x: '\ufffd\ufffd', sender: 'alice' }]);
  await world.undisturbed();
});
