import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Client, connect, type OocsiError, type Variable, type VariableOptions } from '../../../src/index';
import {
  createMemoryServer,
  createVirtualClock,
  type MemoryServer,
  type VirtualClock,
} from '../../../src/testing/index';
import { connectScripted } from '../../helpers/scripted-client';

const dialects = ['web', 'line'] as const;

interface World {
  readonly server: MemoryServer;
  readonly clock: VirtualClock;
  readonly errors: OocsiError[];
  join(handle: string, ahead?: number): Promise<Client>;
}

function world(dialect: 'web' | 'line' = 'web'): World {
  const clock = createVirtualClock();
  const server = createMemoryServer({ clock, dialect });
  const errors: OocsiError[] = [];
  return {
    server,
    clock,
    errors,
    async join(handle, ahead = 0) {
      const own = { ...clock, now: () => clock.now() + ahead };
      const joined = connect(server.adapter, { handle, clock: own, on: { error: (error) => errors.push(error) } });
      await clock.advance(0);
      return joined;
    },
  };
}

const values = (variables: readonly Variable<unknown>[]): unknown[] => variables.map(({ value }) => value);
const equal = (all: readonly unknown[]): boolean => all.every((one) => one === all[0]);

const options: [string, VariableOptions<unknown>][] = [
  ['plain', {}],
  ['retained', { retain: 60 }],
  ['with an interval', { interval: 100 }],
  ['retained, with an interval', { retain: 60, interval: 100 }],
];

for (const dialect of dialects) {
  test.each(options)(`two clients that set at the same time end with one value (${dialect}, %s)`, async (_, given) => {
    for (const [first, second] of [
      ['lamp', 'dial'],
      ['dial', 'lamp'],
    ] as const) {
      const { clock, join } = world(dialect);
      const [one, two] = [await join(first), await join(second)];
      const [a, b] = [one.variable('lights', 'color', given), two.variable('lights', 'color', given)];
      await clock.advance(1_000);
      a.set(1);
      b.set(2);
      await clock.advance(1_000);
      // Both clocks say the same: the greater handle counts.
      expect([a.value, b.value]).toEqual(first === 'lamp' ? [1, 1] : [2, 2]);
      const late = (await join('late')).variable('lights', 'color', given);
      await clock.advance(0);
      expect(late.value).toBe(given.retain ? a.value : undefined);
    }
  });
}

test('any number of clients that set at any time end with one value, also those that come later', async () => {
  const step = fc.record({
    who: fc.nat(2),
    value: fc.nat(5),
    wait: fc.constantFrom(0, 0, 1, 40, 400),
    isHeld: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...dialects),
      fc.constantFrom(...options.map(([, given]) => given)),
      fc.array(step, { minLength: 2, maxLength: 12 }),
      fc.tuple(fc.constantFrom(0, 5_000, -5_000), fc.constantFrom(0, 3_600_000)),
      async (dialect, given, steps, [drift, drifted]) => {
        const { clock, join, server } = world(dialect);
        const clients = [await join('lamp'), await join('dial', drift), await join('knob', drifted)];
        const variables = clients.map((client) => client.variable('lights', 'color', given));
        await clock.advance(0);
        let release = (): void => {};
        for (const { who, value, wait, isHeld } of steps) {
          // What is held crosses what others set meanwhile.
          release();
          if (isHeld) release = server.hold();
          variables[who]?.set(value);
          if (wait > 0) await clock.advance(wait);
        }
        release();
        await clock.advance(2_000);
        const late = given.retain ? [(await join('late')).variable('lights', 'color', given)] : [];
        await clock.advance(0);
        expect(values([...variables, ...late])).toSatisfy(equal);
      },
    ),
    { numRuns: 300 },
  );
});

test('clients that know nothing of stamps end with the same value, too', async () => {
  const { clock, join } = world();
  const [lamp, dial, snake] = [await join('lamp'), await join('dial'), await join('snake')];
  let last: unknown;
  snake.subscribe('lights', ({ data }) => {
    if ('color' in data) last = data.color;
  });
  const [a, b] = [lamp.variable('lights', 'color'), dial.variable('lights', 'color')];
  await clock.advance(0);
  // The one that counts comes first, so that snake hears the other one last.
  a.set(1);
  b.set(2);
  await clock.advance(1_000);
  expect([a.value, b.value, last]).toEqual([1, 1, 1]);
  snake.send('lights', { color: 3 });
  await clock.advance(1_000);
  expect([a.value, b.value]).toEqual([3, 3]);
  b.set(4);
  await clock.advance(1_000);
  expect([a.value, b.value, last]).toEqual([4, 4, 4]);
});

test('a client that just came can set the value, however wrong its clock is', async () => {
  const { clock, join } = world();
  const hour = 3_600_000;
  const [lamp, dial] = [await join('lamp', hour), await join('dial', -hour)];
  const a = lamp.variable('lights', 'color');
  a.set(1);
  await clock.advance(60_000);
  const b = dial.variable('lights', 'color');
  await clock.advance(0);
  b.set(2);
  await clock.advance(1_000);
  expect([a.value, b.value]).toEqual([2, 2]);
  a.set(3);
  await clock.advance(1_000);
  b.set(4);
  await clock.advance(1_000);
  expect([a.value, b.value]).toEqual([4, 4]);
});

test('what was set without a connection is newer than what came meanwhile', async () => {
  const { clock, server, join } = world();
  const [lamp, dial] = [await join('lamp'), await join('dial')];
  const [a, b] = [lamp.variable('lights', 'color', { retain: 600 }), dial.variable('lights', 'color', { retain: 600 })];
  await clock.advance(0);
  server.cut();
  a.set(1);
  await clock.advance(10);
  b.set(2);
  await clock.advance(60_000);
  expect([a.value, b.value]).toSatisfy(([one, two]) => one === two);
});

test('of two retained variables, one that another client set is not set back by who only sends it again', async () => {
  const { clock, join } = world();
  const [lamp, dial] = [await join('lamp'), await join('dial')];
  const [color, hue] = [
    lamp.variable('lights', 'color', { retain: 60 }),
    lamp.variable('lights', 'hue', { retain: 60 }),
  ];
  const [color2, hue2] = [
    dial.variable('lights', 'color', { retain: 60 }),
    dial.variable('lights', 'hue', { retain: 60 }),
  ];
  await clock.advance(0);
  color.set(1);
  hue.set(1);
  await clock.advance(0);
  // Sent before either has heard of the other.
  hue2.set(2);
  color.set(2);
  await clock.advance(1_000);
  const late = await join('late');
  const lates = [late.variable('lights', 'color'), late.variable('lights', 'hue')];
  await clock.advance(0);
  expect([values([color, hue]), values([color2, hue2]), values(lates)]).toEqual([
    [2, 2],
    [2, 2],
    [2, 2],
  ]);
});

test('a message says when its values were set, and by whom those that it only repeats', async () => {
  const { client, clock, far, hear } = await connectScripted();
  const [color, hue] = [
    client.variable('colour', 'color', { retain: 5 }),
    client.variable('colour', 'hue', { retain: 5 }),
  ];
  hear({ hue: 7, _SET: 1_000_000 });
  const set = clock.now();
  color.set(1);
  expect(JSON.parse(far.last.sent.at(-1)?.replace(/^\S+ \S+ /, '') ?? '')).toEqual({
    color: 1,
    hue: 7,
    _RETAIN: 5,
    _SET: set,
    _KEPT: { hue: [1_000_000, 'dial'] },
  });
  color.set(2);
  expect(JSON.parse(far.last.sent.at(-1)?.replace(/^\S+ \S+ /, '') ?? '')).toMatchObject({ _SET: set + 1 });
  hear({ color: 9, hue: 8, _SET: set - 1, _KEPT: { hue: [1_000_000, 'dial'] } });
  expect([color.value, hue.value]).toEqual([2, 7]);
  hear({ color: 9, _SET: set + 2, _KEPT: { hue: [1_000_001, 'knob'] }, hue: 8 });
  expect([color.value, hue.value]).toEqual([9, 8]);
});

test.each([-1, 1.5, '5', null, true, [[]], {}, Number.MAX_SAFE_INTEGER, 2 ** 52])(
  'a stamp of %j is none: what comes with it counts as what comes last',
  async (stamp) => {
    const { client, hear } = await connectScripted();
    const color = client.variable('colour', 'color');
    color.set(1);
    hear({ color: 2, _SET: stamp });
    expect(color.value).toBe(2);
    hear({ color: 3, _SET: 1, _KEPT: { color: stamp } });
    expect(color.value).toBe(3);
    color.set(4);
    expect(color.value).toBe(4);
  },
);

test('a value is sent again once, and not at all when there is a newer one', async () => {
  const { client, clock, far, hear } = await connectScripted();
  const color = client.variable('colour', 'color');
  const sent = (): number => far.last.sent.filter((frame) => frame.startsWith('send')).length;
  color.set(1);
  hear({ color: 2, _SET: 1 });
  hear({ color: 3, _SET: 2 });
  await clock.advance(60_000);
  expect([color.value, sent()]).toEqual([1, 2]);
  color.set(5);
  hear({ color: 6, _SET: 1 });
  hear({ color: 7, _SET: clock.now() + 5 });
  await clock.advance(60_000);
  expect([color.value, sent()]).toEqual([7, 3]);
});
