import { expect, test } from 'vitest';
import { connectScripted, type ScriptedClient } from '../../helpers/scripted-client';

const dialects = ['web', 'line'] as const;
const half = 'x'.repeat(40_000);
const dataIn = ({ far }: ScriptedClient): unknown[] =>
  far.last.sent
    .flatMap((piece) => piece.split('\n'))
    .filter((frame) => frame.startsWith('send'))
    .map((frame) => JSON.parse(frame.replace(/^\S+ \S+ /, '')));

test.each(dialects)(
  'two retained variables that fit only alone: `set` throws, and nothing changes (%s)',
  async (at) => {
    const world = await connectScripted({}, at);
    const { client, clock, close } = world;
    const [one, two] = [
      client.variable('lights', 'one', { retain: 60 }),
      client.variable('lights', 'two', { retain: 60 }),
    ];
    one.set(half);
    two.set('before');
    await clock.advance(0);
    const sent = dataIn(world).length;
    expect(() => two.set(half)).toThrow(RangeError);
    expect(() => two.set(half)).toThrow('two does not fit into one message with what else is retained on lights');
    expect(two.value).toBe('before');
    await clock.advance(0);
    expect(dataIn(world)).toHaveLength(sent);
    await close();
    expect(client.state).toEqual({ status: 'closed' });
  },
);

test.each(dialects)('with an interval they throw at once, not out of a timer (%s)', async (at) => {
  const { client, clock, errors, close } = await connectScripted({}, at);
  const options = { retain: 60, interval: 100 };
  const [one, two] = [client.variable('lights', 'one', options), client.variable('lights', 'two', options)];
  one.set('a');
  two.set('b');
  one.set(half);
  expect(() => two.set(half)).toThrow(RangeError);
  await clock.advance(1_000);
  expect([two.value, errors]).toEqual(['b', []]);
  await close();
  expect(clock.timers).toBe(0);
});

test.each(dialects)(
  'what others set does not keep one from leaving: it leaves without it, and `error` tells (%s)',
  async (at) => {
    const world = await connectScripted({}, at);
    const { client, clock, errors, close } = world;
    const options = { retain: 60, interval: 100 };
    const [one, two, own] = ['one', 'two', 'own'].map((key) => client.variable('lights', key, options));
    own?.set(1);
    one?.set('a');
    two?.set('b');
    two?.set(half);
    const message = { recipient: 'lights', sender: 'dial', timestamp: 1 };
    world.far.last.say(JSON.stringify(at === 'web' ? { ...message, data: { one: half } } : { one: half, ...message }));
    await clock.advance(100);
    expect(dataIn(world).at(-1)).toMatchObject({ two: half, own: 1, _RETAIN: 60 });
    expect(dataIn(world).at(-1)).not.toHaveProperty('one');
    expect([one?.value, two?.value]).toEqual([half, half]);
    expect(errors).toMatchObject([{ code: 'invalid' }]);
    two?.set('c');
    await close();
    expect([client.state.status, clock.timers]).toEqual(['closed', 0]);
    expect(dataIn(world).at(-1)).toMatchObject({ two: 'c', one: half });
  },
);
