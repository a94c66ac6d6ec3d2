import { expect, test } from 'vitest';
import { dataOf, dialects, openWorld } from '../../helpers/world';

const indices = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

for (const from of dialects) {
  for (const to of dialects) {
    test(`10,000 tiny messages of one turn from ${from} to ${to} arrive complete and in order`, async () => {
      const world = await openWorld();
      const [sender, receiver] = [await world[from]('sender'), await world[to]('receiver')];
      receiver.say('subscribe c');
      await receiver.settled();
      sender.say(...indices(10_000).map((i) => `sendjson c {"i":${i}}`));
      await sender.settled();
      expect(dataOf(await receiver.heard())).toEqual(indices(10_000).map((i) => ({ i })));
    }, 20_000);
  }

  test(`Who asks 100 clients over ${from} at once gets 100 answers`, async () => {
    const world = await openWorld();
    const asker = await world[from]('asker');
    const others = await Promise.all(
      indices(100).map((index) => world[dialects[index % 2] ?? 'line'](`other${index}`)),
    );
    for (const other of others) other.say('subscribe questions');
    await Promise.all(others.map((other) => other.settled()));
    asker.say('sendjson questions {"who":"is there"}');
    await asker.settled();
    const heard = await Promise.all(others.map((other) => other.heard()));
    expect(heard.map((frames) => dataOf(frames))).toEqual(others.map(() => [{ who: 'is there' }]));
    others.forEach((other, index) => void other.say(`sendjson asker {"i":${index}}`));
    await Promise.all(others.map((other) => other.settled()));
    const answers = dataOf(await asker.heard());
    expect(answers).toHaveLength(100);
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toHaveProperty('size', 100);
  });
}

test('Messages to many channels at once reach each receiver in the order of its own', async () => {
  const world = await openWorld();
  const receivers = await Promise.all(indices(6).map((index) => world[dialects[index % 2] ?? 'web'](`r${index}`)));
  // Each hears its own channel, its neighbour's and the one of all.
  receivers.forEach((receiver, index) => {
    receiver.say('subscribe all', `subscribe c${index}`, `subscribe c${(index + 1) % 6}`);
  });
  await Promise.all(receivers.map((receiver) => receiver.settled()));
  const sender = await world.line('sender');
  const channelOf = (i: number): string => (i % 7 === 6 ? 'all' : `c${i % 7}`);
  sender.say(...indices(2_000).map((i) => `sendraw ${channelOf(i)} {"i":${i}}`));
  await sender.settled();
  const heard = await Promise.all(receivers.map((receiver) => receiver.heard()));
  heard.forEach((frames, index) => {
    const own = ['all', `c${index}`, `c${(index + 1) % 6}`];
    expect(dataOf(frames)).toEqual(
      indices(2_000)
        .filter((i) => own.includes(channelOf(i)))
        .map((i) => ({ i })),
    );
  });
});

test.each([1, 41, 42, 124, 125, 126, 127, 65_535, 65_536, 65_537, 300_000])(
  'A text of about %i bytes arrives over WebSocket as it was sent',
  async (size) => {
    const world = await openWorld();
    const [sender, receiver] = [await world.line('sender'), await world.web('receiver')];
    const head = '{"recipient":"receiver","timestamp":1000000,"sender":"sender","data":{"t":""}}'.length;
    for (const unit of ['a', '\u00e4', '\u20ac', '\u{1f600}']) {
      // On both sides of each length at which the head of a frame changes.
      for (const about of [size - 1, size, size + 1]) {
        const text = unit.repeat(Math.max(0, (about - head) / Buffer.byteLength(unit)));
        sender.say(`sendraw receiver {"t":"${text}"}`);
        await sender.settled();
        expect(dataOf(await receiver.heard())).toEqual([{ t: text }]);
      }
    }
  },
);

test('A pong comes through while a long message is under way, and harms none', async () => {
  const world = await openWorld();
  const [sender, receiver] = [await world.line('sender'), await world.web('receiver')];
  const text = 'x'.repeat(900_000);
  for (let time = 0; time < 5; time++) sender.say(`sendraw receiver {"t":"${text}"}`);
  // `settled` over WebSocket is a ping of WebSocket's own.
  for (let time = 0; time < 20; time++) await receiver.settled();
  await sender.settled();
  expect(dataOf(await receiver.heard())).toEqual(Array.from({ length: 5 }, () => ({ t: text })));
});
