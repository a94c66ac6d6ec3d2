import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createClient, type Variable, type VariableOptions } from '../../../src/index';
import { createScriptedAdapter } from '../../helpers/script-link';
import { createVirtualClock } from '../../helpers/virtual-clock';

type Rules = Pick<VariableOptions<number>, 'min' | 'max' | 'smooth'>;

interface Peer {
  readonly variable: Variable<number>;
  /** The values that left since it was asked last. */
  left(): number[];
  hear(value: number): void;
}

async function peer(handle: string, rules: Rules): Promise<Peer> {
  const clock = createVirtualClock();
  const far = createScriptedAdapter();
  const client = createClient(far, { handle, clock });
  await clock.advance(0);
  await far.last.welcome();
  const variable = client.variable<number>('colour', 'x', rules);
  let seen = far.last.sent.length;
  return {
    variable,
    left() {
      const frames = far.last.sent.slice(seen);
      seen = far.last.sent.length;
      return frames.map((frame) => JSON.parse(frame.replace('sendjson colour ', '')).x);
    },
    hear: (x) => far.last.say(JSON.stringify({ recipient: 'colour', sender: 'other', timestamp: 1, data: { x } })),
  };
}

/** [what is given, what leaves, the value then] */
type Row = readonly [given: number, leaves: number, value: number];

const tables: [string, Rules, readonly Row[]][] = [
  [
    'min and max come first, then sigma by how many values there are, then the mean of the window',
    { min: 0, max: 100, smooth: { window: 3, sigma: 10 } },
    [
      [50, 50, 50],
      // 5 from the mean 50: within sigma
      [55, 55, 52.5],
      // 37.5 from the mean of two values: 52.5 + 10 / 2
      [90, 57.5, 162.5 / 3],
      // first 100, then 162.5 / 3 + 10 / 3; the oldest value leaves the window
      [200, 57.5, 170 / 3],
      // first 0, then 170 / 3 - 10 / 3
      [-5, 160 / 3, (57.5 + 57.5 + 160 / 3) / 3],
      [60, 60, (57.5 + 160 / 3 + 60) / 3],
    ],
  ],
  [
    'what is exactly sigma away stays',
    { smooth: { window: 2, sigma: 5 } },
    [
      [10, 10, 10],
      [15, 15, 12.5],
      [7.5, 7.5, 11.25],
      [5.5, 8.75, 8.125],
    ],
  ],
  [
    'the first value is not compared with anything',
    { smooth: { window: 4, sigma: 1 } },
    [
      [1_000, 1_000, 1_000],
      [0, 999, 999.5],
      [0, 999, 2_998 / 3],
      [0, 2_998 / 3 - 1 / 3, 3_997 / 4],
    ],
  ],
  [
    'sigma 0 lets nothing move',
    { smooth: { window: 3, sigma: 0 } },
    [
      [4, 4, 4],
      [9, 4, 4],
      [-9, 4, 4],
    ],
  ],
  [
    'without sigma the input leaves, and the mean stays here',
    { smooth: { window: 2 } },
    [
      [1, 1, 1],
      [2, 2, 1.5],
      [4, 4, 3],
      [-4, -4, 0],
    ],
  ],
  [
    'a window of one is no smoothing, but sigma counts',
    { smooth: { window: 1, sigma: 3 } },
    [
      [0, 0, 0],
      [100, 3, 3],
      [100, 6, 6],
      [4, 4, 4],
    ],
  ],
  [
    'without smoothing the bounds are all',
    { min: -1, max: 1 },
    [
      [5, 1, 1],
      [-5, -1, -1],
      [0.5, 0.5, 0.5],
    ],
  ],
];

describe('numbers by the rules of the Java client', () => {
  test.each(tables)('are reached by what is set here: %s', async (_what, rules, rows) => {
    const { variable, left } = await peer('lamp', rules);
    for (const [given, leaves, value] of rows) {
      variable.set(given);
      expect(variable.value).toBeCloseTo(value, 9);
      const out = left();
      expect(out).toHaveLength(1);
      expect(out[0]).toBeCloseTo(leaves, 9);
    }
  });

  test.each(tables)('are reached by what comes from others: %s', async (_what, rules, rows) => {
    const { variable, left, hear } = await peer('lamp', rules);
    for (const [given, , value] of rows) {
      hear(given);
      expect(variable.value).toBeCloseTo(value, 9);
    }
    expect(left()).toEqual([]);
  });

  test('do not count the initial value as one of the window', async () => {
    const { variable } = await peer('lamp', { ...{ initial: 100 }, smooth: { window: 4, sigma: 1 } });
    expect(variable.value).toBe(100);
    variable.set(10);
    expect(variable.value).toBe(10);
  });

  test('leave with every set where each one counts, although they are equal', async () => {
    const { variable, left, hear } = await peer('lamp', { smooth: { window: 3 } });
    const told: number[] = [];
    variable.subscribe((value) => told.push(value));
    variable.set(3);
    variable.set(3);
    hear(3);
    variable.set(3);
    expect([left(), told]).toEqual([[3, 3, 3], [3]]);
    hear(9);
    expect(told).toEqual([3, 5]);
  });

  test('count what `set` refused neither in the window nor in the mean', async () => {
    const { variable } = await peer('lamp', { smooth: { window: 2, sigma: 100 } });
    variable.set(2);
    expect(() => variable.set(Number.NaN)).toThrow(TypeError);
    expect(() => variable.set('7' as never)).toThrow(TypeError);
    variable.set(4);
    expect(variable.value).toBe(3);
  });
});

/** The rules once more, written from their description: all inputs so far, and nothing else, are remembered. */
function model({ min, max, smooth }: Rules): (given: number) => { leaves: number; value: number } {
  const kept: number[] = [];
  const recent = (): number[] => (smooth ? kept.slice(Math.max(0, kept.length - smooth.window)) : []);
  const mean = (list: number[]): number => list.reduce((sum, one) => sum + one, 0) / list.length;
  return (given) => {
    let leaves = given;
    if (min !== undefined && leaves < min) leaves = min;
    else if (max !== undefined && leaves > max) leaves = max;
    const before = recent();
    if (before.length > 0 && smooth?.sigma !== undefined) {
      const off = mean(before) - leaves;
      if (off > smooth.sigma) leaves = mean(before) - smooth.sigma / before.length;
      else if (-off > smooth.sigma) leaves = mean(before) + smooth.sigma / before.length;
    }
    kept.push(leaves);
    return { leaves, value: smooth ? mean(recent()) : leaves };
  };
}

const numbers = fc.oneof(fc.integer({ min: -200, max: 200 }), fc.double({ min: -200, max: 200, noNaN: true }));
const rules: fc.Arbitrary<Rules> = fc.record(
  {
    min: fc.integer({ min: -100, max: 0 }),
    max: fc.integer({ min: 0, max: 100 }),
    smooth: fc.record(
      { window: fc.integer({ min: 1, max: 6 }), sigma: fc.integer({ min: 0, max: 40 }) },
      { requiredKeys: ['window'] },
    ),
  },
  { requiredKeys: [] },
);
const writes = fc.array(fc.tuple(fc.boolean(), numbers), { minLength: 1, maxLength: 40 });

// When one of these fails, fast-check tells its seed.
describe('whatever is written', () => {
  test('the numbers are those of an independent model, from here and from others', async () => {
    await fc.assert(
      fc.asyncProperty(rules, writes, async (given, all) => {
        // `min` decides whether the variable holds numbers, even where it bounds nothing.
        const bounds = { min: -1e6, ...given };
        const { variable, left, hear } = await peer('lamp', bounds);
        const next = model(bounds);
        let before: number | undefined;
        for (const [isLocal, x] of all) {
          const { leaves, value } = next(x);
          if (isLocal) variable.set(x);
          else hear(x);
          expect(variable.value).toBeCloseTo(value, 9);
          const out = left();
          const isSent = isLocal && (given.smooth !== undefined || value !== before);
          expect(out.length).toBe(isSent ? 1 : 0);
          if (isSent) expect(out[0]).toBeCloseTo(leaves, 9);
          before = value;
        }
      }),
      { numRuns: 150 },
    );
  });

  test('two clients with the same rules reach the same numbers', async () => {
    await fc.assert(
      fc.asyncProperty(rules, writes, async (given, all) => {
        const bounds = { min: -1e6, ...given };
        const [one, two] = [await peer('one', bounds), await peer('two', bounds)];
        for (const [isFirst, x] of all) {
          const [here, there] = isFirst ? [one, two] : [two, one];
          here.variable.set(x);
          for (const value of here.left()) there.hear(value);
          expect(there.left()).toEqual([]);
          expect(there.variable.value).toBeCloseTo(here.variable.value, 9);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('the value is never beyond the bounds', async () => {
    await fc.assert(
      fc.asyncProperty(rules, writes, async (given, all) => {
        const { min = -1e6, max = 1e6 } = given;
        const { variable, hear } = await peer('lamp', { ...given, min, max });
        for (const [isLocal, x] of all) {
          if (isLocal) variable.set(x);
          else hear(x);
          expect(variable.value).toBeGreaterThanOrEqual(min - 1e-9);
          expect(variable.value).toBeLessThanOrEqual(max + 1e-9);
        }
      }),
    );
  });
});
