import { expect, test } from 'vitest';
import { openWorld } from '../../helpers/world';

const badHandle = 'error (handle not accepted: use 1 to 194 ASCII characters without white space or commas)';

test('A client over TCP is welcomed under its handle', async () => {
  const world = await openWorld();
  const alice = await world.tcp('alice(JSON)');
  expect(await alice.heard()).toEqual(['{\'message\' : "welcome alice"}']);
  expect(world.server.broker.clients()).toEqual(['alice']);
});

test('Blanks around the handshake, a carriage return and one leading slash do not count', async () => {
  const world = await openWorld();
  const alice = await world.tcp('  /alice(JSON) \r');
  expect(await alice.heard()).toEqual(['{\'message\' : "welcome alice"}']);
});

test('Each # in a handle becomes a digit', async () => {
  const world = await openWorld();
  const lamp = await world.tcp('lamp_##_#(JSON)');
  expect(await lamp.heard()).toEqual([expect.stringMatching(/^\{'message' : "welcome lamp_\d\d_\d"\}$/)]);
});

test('A handle keeps its # when no filling is free', async () => {
  const world = await openWorld();
  for (let digit = 0; digit <= 9; digit++) await world.line(`lamp_${digit}`);
  const lamp = await world.tcp('lamp_#(JSON)');
  expect(await lamp.heard()).toEqual(['{\'message\' : "welcome lamp_#"}']);
});

for (const [what, handshake] of [
  ['an empty line', ''],
  ['no name', '(JSON)'],
  ['only a slash', '/(JSON)'],
  ['white space inside', 'two words(JSON)'],
  ['a tab inside', 'two\twords(JSON)'],
  ['characters outside ASCII', 'café(JSON)'],
  ['a control character', 'a\x07b(JSON)'],
  ['a comma, which lists put between names', 'lamp,1(JSON)'],
  ['a comma of Pure Data', 'lamp,1;'],
  ['201 characters', `${'x'.repeat(195)}(JSON)`],
] as const) {
  test(`A handshake of ${what} is refused and the connection closed`, async () => {
    const world = await openWorld();
    const client = await world.tcp(handshake);
    expect(await client.closed()).toEqual([handshake.endsWith(';') ? `${badHandle};` : badHandle]);
    expect(world.server.broker.clients()).toEqual([]);
  });
}

test('A handshake of 200 characters is accepted', async () => {
  const world = await openWorld();
  const name = 'x'.repeat(194);
  const client = await world.tcp(`${name}(JSON)`);
  expect(await client.heard()).toEqual([`{'message' : "welcome ${name}"}`]);
});

test('A legacy handshake is refused with a word about JSON', async () => {
  const world = await openWorld();
  const client = await world.tcp('alice');
  expect(await client.closed()).toEqual(['error (this server speaks JSON only: say NAME(JSON))']);
});

for (const name of ['SERVER', 'OOCSI_events', 'OOCSI_connections', 'presence(alice)', 'ping', '.']) {
  test(`Nobody can be called ${name}`, async () => {
    const world = await openWorld();
    const client = await world.tcp(`${name}(JSON)`);
    expect(await client.closed()).toEqual([`error (name reserved for the server: ${name})`]);
  });
}

test('A handle that a client has is refused, whatever that client speaks', async () => {
  const world = await openWorld();
  await world.line('alice');
  await world.web('bob');
  for (const name of ['alice', 'bob']) {
    const twin = await world.tcp(`${name}(JSON)`);
    expect(await twin.closed()).toEqual([`error (name already registered: ${name})`]);
  }
  expect(world.server.broker.clients()).toEqual(['alice', 'bob']);
});

test('A handle that is the name of a channel is refused', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  alice.say('subscribe colour');
  await alice.settled();
  const client = await world.tcp('colour(JSON)');
  expect(await client.closed()).toEqual(['error (name already registered: colour)']);
});

test('A handle with a password is refused', async () => {
  const world = await openWorld();
  const client = await world.tcp('alice:secret(JSON)');
  expect(await client.closed()).toEqual(['error (password wrong for name: alice)']);
});

test('What a refused client says is not obeyed', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  const twin = await world.tcp('alice(JSON)', 'subscribe colour', 'sendraw alice {"n":1}', 'clients');
  expect(await twin.closed()).toEqual(['error (name already registered: alice)']);
  expect(await alice.heard()).toEqual([]);
  expect(world.server.broker.channels()).toEqual(['alice']);
});

test('A refusal leaves the client that has the name where it is', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  const twin = await world.tcp('alice(JSON)');
  await twin.closed();
  alice.say('sendraw alice {"n":1}');
  expect(await alice.heard()).toHaveLength(1);
});

test('A handle is free again once its client has quit', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  alice.say('quit');
  await alice.closed();
  const next = await world.tcp('alice(JSON)');
  expect(await next.heard()).toEqual(['{\'message\' : "welcome alice"}']);
});
