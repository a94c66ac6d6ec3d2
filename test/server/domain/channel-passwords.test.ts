import { expect, test } from 'vitest';
import { objects, openWorld } from '../../helpers/world';

test('Everybody who gives the password gets what is sent with it, on both dialects', async () => {
  const world = await openWorld();
  const [alice, bob, carol] = [await world.line('alice'), await world.web('bob'), await world.line('carol')];
  for (const raw of [alice, bob]) {
    raw.say('subscribe secret:word');
    await raw.settled();
  }
  carol.say('sendraw secret {"n":1}', 'sendraw secret:wrong {"n":2}', 'sendraw secret: {"n":3}');
  carol.say('sendraw secret:word {"n":4}');
  await carol.settled();
  expect(objects(await alice.heard())).toMatchObject([{ n: 4, recipient: 'secret:word' }]);
  expect(objects(await bob.heard())).toMatchObject([{ data: { n: 4 }, recipient: 'secret:word' }]);
});

test('Who gives a wrong password or none is not subscribed', async () => {
  const world = await openWorld();
  const [alice, bob, carol] = [await world.line('alice'), await world.line('bob'), await world.line('carol')];
  alice.say('subscribe secret:word');
  await alice.settled();
  bob.say('subscribe secret', 'subscribe secret:wrong', 'subscribe secret:', 'subscribe secret:word:more');
  await bob.settled();
  carol.say('sendraw secret:word {"n":1}', 'channels secret:word');
  expect(await carol.heard()).toEqual(['alice']);
  expect(await bob.heard()).toEqual([]);
});

for (const text of ['secret', 'secret:word']) {
  test(`A subscriber leaves a protected channel by: unsubscribe ${text}`, async () => {
    const world = await openWorld();
    const [alice, bob] = [await world.line('alice'), await world.line('bob')];
    alice.say('subscribe secret:word', `unsubscribe ${text}`);
    await alice.settled();
    bob.say('sendraw secret:word {"n":1}');
    await bob.settled();
    expect(await alice.heard()).toEqual([]);
  });
}

test('A channel that is open stays open to everybody without a password', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.line('bob')];
  alice.say('subscribe colour');
  await alice.settled();
  bob.say('subscribe colour:word', 'sendraw colour:word {"n":1}', 'sendraw colour {"n":2}', 'channels colour');
  expect(await bob.heard()).toEqual(['alice']);
  expect(objects(await alice.heard())).toMatchObject([{ n: 2 }]);
});

test('A password lasts as long as the channel', async () => {
  const world = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.line('bob')];
  alice.say('subscribe secret:word', 'unsubscribe secret');
  await alice.settled();
  bob.say('subscribe secret:other');
  await bob.settled();
  alice.say('sendraw secret:word {"n":1}', 'sendraw secret:other {"n":2}');
  await alice.settled();
  expect(objects(await bob.heard())).toMatchObject([{ n: 2 }]);
});
