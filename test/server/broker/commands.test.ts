import { expect, test } from 'vitest';
import { until } from '../../helpers/raw';
import { objects, openWorld } from '../../helpers/world';

test('A client lists the clients, the channels and who is in a channel', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  const bob = await world.web('bob');
  bob.say('subscribe colour');
  await bob.settled();
  alice.say('subscribe colour', 'clients', 'channels', 'channels colour');
  const [clients = '', channels = '', members = ''] = await alice.heard();
  expect(clients.split(',').sort()).toEqual(['alice', 'bob']);
  expect(channels.split(', ').sort()).toEqual(['alice', 'bob', 'colour']);
  expect(members.split(', ').sort()).toEqual(['alice', 'bob']);
});

test('There is no answer about a channel that does not exist', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  alice.say('channels unknown', 'channels alice', 'clients');
  expect(await alice.heard()).toEqual(['alice']);
});

test('Channels with a password and names with # or + are not listed', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  await world.web('a+b');
  alice.say('subscribe secret:word', 'subscribe t/#', 'subscribe t/+', 'subscribe alice/?', 'subscribe colour');
  await alice.heard();
  alice.say('channels', 'channels secret', 'channels t/#');
  expect(await alice.heard()).toEqual(['colour, alice', 'alice']);
});

test('A channel is gone with its last subscriber', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  const bob = await world.web('bob');
  bob.say('subscribe colour', 'subscribe sound', 'unsubscribe sound');
  await bob.settled();
  expect(world.server.broker.channels()).toEqual(['colour', 'alice', 'bob']);
  await bob.leave();
  await until(() => !world.server.broker.clients().includes('bob'), 'bob is gone');
  alice.say('channels colour', 'channels');
  expect(await alice.heard()).toEqual(['alice']);
});

test('A ping is answered over TCP, a dot and anything unknown is not', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  alice.say('.', 'nonsense', '', 'PING', 'unsubscribe', 'subscribe', 'sendraw', 'sendraw alice', 'ping');
  expect(await alice.heard()).toEqual(['.']);
  expect(world.server.broker.channels()).toEqual(['alice']);
});

test('Blanks around a line do not count', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  alice.say('  clients\t', ' sendraw alice two  words  ', '\tping \r');
  const [clients, message = '', answer] = await alice.heard();
  expect([clients, JSON.parse(message).data, answer]).toEqual(['alice', 'two  words', '.']);
});

test('Over WebSocket only sendjson, subscribe and unsubscribe do something', async () => {
  const world = await openWorld();
  const alice = await world.web('alice');
  alice.say('ping', 'clients', 'channels', 'quit', 'send alice {"n":1}', 'sendraw alice {"n":2}', '.');
  alice.say('sendjson alice {"n":3}');
  expect(objects(await alice.heard())).toMatchObject([{ data: { n: 3 } }]);
});

test('Bytes over WebSocket are no command', async () => {
  const world = await openWorld();
  const alice = await world.web('alice');
  alice.bytes('sendjson alice {"n":1}');
  expect(await alice.heard()).toEqual([]);
});

test('A client hears what it says to itself, but not what it says to a channel', async () => {
  const world = await openWorld();
  const alice = await world.web('alice');
  alice.say('subscribe colour', 'sendjson colour {"n":1}', 'sendjson alice {"n":2}');
  expect(objects(await alice.heard())).toMatchObject([{ recipient: 'alice', data: { n: 2 } }]);
});

test('Who subscribes to the handle of another client gets none of its messages', async () => {
  const world = await openWorld();
  const [alice, bob, carol] = [await world.line('alice'), await world.web('bob'), await world.line('carol')];
  bob.say('subscribe alice');
  await bob.settled();
  carol.say('sendraw alice {"n":1}');
  await carol.settled();
  expect(await alice.heard()).toHaveLength(1);
  expect(await bob.heard()).toEqual([]);
});

test('Who subscribes to the handle of another client does not take it', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.web('bob')];
  bob.say('subscribe alice');
  await bob.settled();
  alice.say('quit');
  await alice.closed();
  const next = await world.tcp('alice(JSON)');
  expect(await next.heard()).toEqual(['{\'message\' : "welcome alice"}']);
});

test('Lines that follow a quit in the same packet are not obeyed', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.line('bob')];
  alice.say('sendraw bob {"n":1}', 'quit', 'sendraw bob {"n":2}', 'clients');
  expect(await alice.closed()).toEqual(['bye']);
  expect(objects(await bob.heard())).toMatchObject([{ n: 1 }]);
});

test('Names with control characters are ignored', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.web('bob')];
  bob.say('subscribe a\nb', 'subscribe a\rb', 'subscribe a\tb', 'subscribe a\0b', 'subscribe a\x7fb');
  bob.say('sendjson alice\nping {"n":1}', 'sendjson x\ny {"n":2}');
  await bob.settled();
  alice.say('subscribe a\tb', 'sendraw a\tb {"n":3}', 'channels');
  const [channels = ''] = await alice.heard();
  expect(channels.split(', ').sort()).toEqual(['alice', 'bob']);
  expect(await bob.heard()).toEqual([]);
});

test('A message to nobody is dropped without a word', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.web('bob')];
  alice.say('sendraw nobody {"n":1}');
  bob.say('sendjson nobody {"n":1}');
  expect(await alice.heard()).toEqual([]);
  expect(await bob.heard()).toEqual([]);
});

test('A channel with white space in its name is refused, for a list would show it as several, or as an error', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  const bob = await world.web('bob');
  const refusal = 'channel not accepted: its name has white space or control characters';
  for (const name of ['error (x)', 'a, b', 'a\u3000b', 'a\u009bb', 'a b[filter(v > 1)]', 'a b:word']) {
    alice.say(`subscribe ${name}`);
    expect(await alice.heard()).toEqual([`error (${refusal})`]);
    bob.say(`subscribe ${name}`);
    expect(await bob.heard()).toEqual([`{"message" : "ERROR: ${refusal}"}`]);
  }
  expect(world.server.broker.channels()).toEqual(['alice', 'bob']);
});

test('A presence that servers do not tell is refused, in both dialects', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  const bob = await world.web('bob');
  const refusal = 'presence not accepted: only names of A-Z, a-z, 0-9, _ and - have one';
  for (const name of ['presence(grün)', 'presence()', 'presence(a/b)', 'presence(a)b']) {
    alice.say(`subscribe ${name}`);
    expect(await alice.heard()).toEqual([`error (${refusal})`]);
    bob.say(`subscribe ${name}`);
    expect(await bob.heard()).toEqual([`{"message" : "ERROR: ${refusal}"}`]);
  }
  expect(world.server.broker.channels()).toEqual(['alice', 'bob']);
});

test('Who subscribes with functions that cannot work is told why, in both dialects', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  const bob = await world.web('bob');
  for (const [channel, functions, problem] of [
    ['a', '[filter(v >> 1)]', '"v >> 1" cannot be read at character 3, ">>": use >'],
    [
      'b',
      '[transform(w,sqr(v))]',
      '"sqr(v)" cannot be read at character 1, "sqr": there is no such function: did you mean sqrt?',
    ],
    ['c', '[v > 1]', '"v > 1" cannot be read: use filter(EXPRESSION) or transform(KEY,EXPRESSION)'],
    ['d', '[filter(v > 1)', 'functions not closed: use NAME[filter(EXPRESSION)]'],
    ['e', `[filter(${'v+'.repeat(2_000)}v)]`, 'functions longer than 4000 characters'],
  ]) {
    alice.say(`subscribe ${channel}${functions}`);
    expect(await alice.heard()).toEqual([`error (${problem})`]);
    bob.say(`subscribe ${channel}${functions}`);
    expect(objects(await bob.heard())).toEqual([{ message: `ERROR: ${problem}` }]);
  }
  // As at the Java server: a filter that cannot be read lets nothing through, and what is neither filter nor transform is ignored.
  alice.say('sendraw a {"v":1}', 'sendraw c {"v":2}');
  await alice.heard();
  expect(objects(await bob.heard())).toMatchObject([{ recipient: 'c[v > 1]', data: { v: 2 } }]);
});
