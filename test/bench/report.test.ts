import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { cases } from '../../bench/cases.js';
import { browserAddress, closeBrowser } from '../../bench/kit/chromium.js';
import { median, quantile, ratio, shown } from '../../bench/kit/figures.js';
import { createTally } from '../../bench/kit/messages.js';
import { drawBars, drawGrowth } from '../../bench/kit/picture.js';
import { insert, markdown } from '../../bench/kit/table.js';
import { frames } from '../../bench/roles/far-frames.js';
import { lines } from '../../bench/roles/far-lines.js';

const root = join(import.meta.dirname, '../..');
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

describe('the figures of a benchmark', () => {
  test('are medians, quantiles and ratios of neighbouring rounds', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(quantile([5, 1, 4, 2, 3], 0.5)).toBe(3);
    expect(quantile([5, 1, 4, 2, 3], 0.99)).toBe(5);
    expect(ratio([1, 4, 9], [2, 4, 3])).toEqual({ median: 1, least: 0.5, most: 3 });
    expect([shown(1_234_567), shown(0.12345), shown(9_971, 'bytes')]).toEqual(['1,230,000', '0.123', '9,971']);
  });

  test('count only when each message came once and in order', () => {
    const tally = createTally();
    const wrongOf = (numbers: readonly number[], streams = 1): number => {
      tally.begin(numbers.length, streams, () => {});
      for (const n of numbers) tally.take({ n });
      return tally.wrong;
    };
    expect(wrongOf([0, 1, 2, 3])).toBe(0);
    expect(wrongOf([0, 1, 3])).toBe(1);
    expect(wrongOf([0, 1, 1, 2])).toBeGreaterThan(0);
    expect(wrongOf([1, 0, 3, 2], 2)).toBe(0);
  });
});

describe('the bare other side', () => {
  test.each([1, 7, 64])('counts lines and frames in pieces of %i bytes', (size) => {
    for (const [dialect, kind] of [
      [lines, 'small'],
      [frames, 'small'],
      [frames, 'kilobyte'],
    ] as const) {
      const bytes = dialect.messages(20, kind, 1);
      const count = dialect.counter();
      let counted = 0;
      for (let at = 0; at < bytes.length; at += size) counted += count(bytes.subarray(at, at + size));
      expect(counted).toBe(20);
      expect(dialect.numbers(bytes)).toHaveLength(20);
    }
  });
});

describe('a benchmark', () => {
  test('goes on to its report when no browser starts', async () => {
    vi.stubEnv('CHROMIUM', join(root, 'no/such/browser'));
    try {
      await expect(browserAddress()).rejects.toThrow(/no\/such\/browser/);
      await expect(closeBrowser()).resolves.toBeUndefined();
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe('the report of a benchmark', () => {
  test('goes between its marks, and again', () => {
    const text = 'before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n';
    const once = insert(text, 'new');
    expect(once).toBe('before\n<!-- bench -->\n\nnew\n\n<!-- /bench -->\nafter\n');
    expect(insert(once, 'new')).toBe(once);
    expect(() => insert('nothing', 'new')).toThrow(/no <!-- bench -->/);
  });

  test('has pictures that are whole', () => {
    const measured = (value: number) => ({ median: value, rounds: [value], also: {} });
    const some = { group: 'client', gates: [], ratios: { raw: { median: 0.9, least: 0.8, most: 1 } }, name: 'x' };
    const results = [1, 10].map((size) => ({
      ...some,
      title: 'a < b & `c`',
      unit: 'messages/s',
      variants: { 'oocsi-client': measured(9 * size), raw: measured(10) },
      growth: ['channels', size] as const,
    }));
    for (const svg of [drawBars(results), drawGrowth(results)]) {
      expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    }
    expect(drawBars(results)).toContain('a &lt; b &amp; c');
  });

  test('is what was measured last, in docs/performance.md and in pictures, and says on what machine', () => {
    // `npm run bench -- --draw` makes it so.
    const report = JSON.parse(textOf('bench/results/results.json'));
    const text = markdown(report);
    expect(textOf('bench/results/results.md')).toBe(`${text}\n`);
    expect(textOf('docs/performance.md')).toContain(text);
    expect(textOf('bench/results/results.svg')).toBe(drawBars(report.results));
    expect(textOf('bench/results/growth.svg')).toBe(drawGrowth(report.results));
    expect(text).toMatch(/^Measured on \d{4}-\d\d-\d\d, .+, \d+ cores, \d+ GB, .+, Node \d/);
    expect(text).toMatch(/µs, p99 .* µs/);
    expect(text).toMatch(/✓ \d\.\d\d \(\d\.\d\d–\d\.\d\d\) × nats\.js/);
  });

  test('has labels in its chart that keep off each other', () => {
    const at = (series: string, cost: number) => ({
      ...{ name: series, group: 'growth', title: series, unit: 'messages/s', ratios: {}, gates: [] },
      growth: [series, 10] as const,
      variants: { 'oocsi, TCP': { median: 1e6 / cost, rounds: [], also: {} } },
    });
    const svg = drawGrowth([at('one', 0.1), at('other', 0.11), at('third', 0.1), at('far', 2)]);
    const heights = [...svg.matchAll(/y="([\d.]+)" >(?:one|other|third|far)</g)]
      .map(([, y]) => Number(y))
      .sort((a, b) => a - b);
    expect(heights).toHaveLength(4);
    for (const [index, y] of heights.slice(1).entries()) expect(y - (heights[index] ?? 0)).toBeGreaterThanOrEqual(14);
  });

  test.each([
    [['--list'], 0, /^send-tcp /],
    [['--list', 'round-trip'], 0, /^round-trip-tcp /],
    [['nothing-of-ours'], 2, /No case has "nothing-of-ours"/],
    [['size', 'nothing-of-ours'], 2, /No case has "nothing-of-ours"/],
    [['--nothing'], 2, /Usage: npm run bench/],
  ])('is asked for with %j, and ends with %i', (args, status, said) => {
    const run = spawnSync(process.execPath, [join(root, 'bench/run.js'), ...args], { encoding: 'utf8' });
    expect(run.status).toBe(status);
    expect(run.stdout + run.stderr).toMatch(said);
  });

  test('has one name for each case, and gates of variants that there are', () => {
    const names = cases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { variants, gates = [] } of cases) {
      for (const { of, to = of } of gates) expect(Object.keys(variants)).toEqual(expect.arrayContaining([of, to]));
    }
  });
});
