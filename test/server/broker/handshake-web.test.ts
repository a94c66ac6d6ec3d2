import { expect, test } from 'vitest';
import { dialWeb } from '../../helpers/raw';
import { objects, openWorld } from '../../helpers/world';

test('A client over WebSocket is welcomed under its handle', async () => {
  const world = await openWorld();
  const alice = await world.ws('alice');
  expect(await alice.heard()).toEqual(['{"message" : "welcome alice"}']);
  expect(world.server.broker.clients()).toEqual(['alice']);
});

test('One leading slash is cut off and each # becomes a digit over WebSocket', async () => {
  const world = await openWorld();
  const lamp = await world.ws('/lamp_##');
  expect(objects(await lamp.heard())).toEqual([{ message: expect.stringMatching(/^welcome lamp_\d\d$/) }]);
});

for (const [what, frame] of [
  ['an empty frame', ''],
  ['white space inside', 'two words'],
  ['characters outside ASCII', 'café'],
  ['201 characters', 'x'.repeat(201)],
] as const) {
  test(`A first frame of ${what} gets a fresh handle`, async () => {
    const world = await openWorld();
    const client = await world.ws(frame);
    expect(objects(await client.heard())).toEqual([{ message: expect.stringMatching(/^welcome webclient_\d{4}$/) }]);
  });
}

test('A handle with a comma is refused over WebSocket, too, for lists put commas between names', async () => {
  const world = await openWorld();
  const client = await world.ws('lamp,1');
  const reason = 'handle not accepted: use 1 to 194 ASCII characters without white space or commas';
  expect(objects(await client.closed())).toEqual([{ message: `ERROR: ${reason}`, code: 'handshake' }]);
});

test('A handle of 200 characters is accepted over WebSocket', async () => {
  const world = await openWorld();
  const name = 'x'.repeat(200);
  const client = await world.ws(name);
  expect(objects(await client.heard())).toEqual([{ message: `welcome ${name}` }]);
});

test('A first frame that is a command is obeyed under a fresh handle', async () => {
  const world = await openWorld();
  const nameless = await world.ws('subscribe colour');
  await nameless.heard();
  const alice = await world.line('alice');
  alice.say('sendraw colour {"n":1}');
  await alice.settled();
  expect(objects(await nameless.heard())).toMatchObject([{ recipient: 'colour', sender: 'alice', data: { n: 1 } }]);
});

test('A handle that a client has is refused over WebSocket and the connection closed', async () => {
  const world = await openWorld();
  await world.line('alice');
  const twin = await world.ws('alice');
  expect(await twin.closed()).toEqual(['{"message" : "ERROR: client alice exists already","code":"taken"}']);
  expect(world.server.broker.clients()).toEqual(['alice']);
});

test('A reserved name is refused over WebSocket', async () => {
  const world = await openWorld();
  const client = await world.ws('SERVER');
  expect(await client.closed()).toEqual([
    '{"message" : "ERROR: name reserved for the server: SERVER","code":"handshake"}',
  ]);
});

test('A handle with a password is refused over WebSocket', async () => {
  const world = await openWorld();
  const client = await world.ws('alice:secret');
  expect(await client.closed()).toEqual(['{"message" : "ERROR: password wrong for name: alice","code":"password"}']);
});

test('A refusal over WebSocket is JSON even when the handle holds quotes', async () => {
  const world = await openWorld();
  await world.web('a"b\\c');
  const twin = await world.ws('a"b\\c');
  expect(objects(await twin.closed())).toEqual([{ message: 'ERROR: client a"b\\c exists already', code: 'taken' }]);
});

test('A WebSocket anywhere but at /ws is not accepted', async () => {
  const world = await openWorld();
  await expect(dialWeb(world.server.url.replace('/ws', '/elsewhere'))).rejects.toThrow('400');
});
