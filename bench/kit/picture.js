import { shown } from './figures.js';
import { growthOf } from './rounds.js';

// Pictures as SVG, by hand: they are read on light and on dark ground, and no tool is needed to draw them again.

const style = `<style>
text { font: 13px system-ui, sans-serif; fill: #444; }
.title { font-weight: 600; }
.small { font-size: 11px; }
.ours { fill: #2a78d6; stroke: #2a78d6; }
.other { fill: #9a9a94; stroke: #9a9a94; }
.second { fill: #d9730d; stroke: #d9730d; }
.line { fill: none; stroke-width: 2; }
.rule { stroke: #8884; }
.mark { stroke: #d03b3b; stroke-width: 2; }
@media (prefers-color-scheme: dark) { text { fill: #ccc; } .ours { fill: #5a9ff0; stroke: #5a9ff0; } }
</style>`;

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('`', '');

/** @type {(x: number, y: number, said: string, rest?: string) => string} */
const label = (x, y, said, rest = '') => `<text x="${x}" y="${y}" ${rest}>${escaped(said)}</text>`;

/** @type {(width: number, height: number, parts: string[], title: string) => string} */
const picture = (width, height, parts, title) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">\n${[style, ...parts].join('\n')}\n</svg>\n`;

const left = 370;
const full = 400;
const row = 22;

/** @typedef {{ label: string, value: number, said: string, kind: string, mark?: number }} Bar */

/** @type {(top: number, title: string, bars: Bar[]) => string[]} */
function chart(top, title, bars) {
  const most = Math.max(...bars.map(({ value, mark = 0 }) => Math.max(value, mark)));
  const width = (/** @type {number} */ value) => Math.max(1, (value / most) * full).toFixed(1);
  return [
    label(10, top, title, 'class="title"'),
    ...bars.flatMap(({ label: name, value, said, kind, mark }, index) => {
      const y = top + 10 + index * row;
      const at = left + Number(width(mark ?? 0));
      return [
        label(left - 8, y + 13, name, 'text-anchor="end"'),
        `<rect class="${kind}" x="${left}" y="${y + 2}" width="${width(value)}" height="${row - 8}" rx="2"/>`,
        ...(mark ? [`<line class="mark" x1="${at}" x2="${at}" y1="${y}" y2="${y + row - 4}"/>`] : []),
        label(left + Number(width(Math.max(value, mark ?? 0))) + 6, y + 13, said, 'class="small"'),
      ];
    }),
  ];
}

/**
 * How close we are to raw, and how we stand beside others.
 *
 * @param {import('./rounds.js').Result[]} results
 */
export function drawBars(results) {
  const toRaw = results.flatMap(({ title, unit, ratios, gates, fault }) => {
    const raw = ratios['raw'];
    if (!raw || fault || !unit.endsWith('/s')) return [];
    const mark = Number(gates[0]?.bound.split(' ').at(-1)) || undefined;
    return [{ label: title, value: raw.median, said: `${Math.round(raw.median * 100)} %`, kind: 'ours', mark }];
  });
  const charts = [{ title: 'oocsi-client to raw (red: what it must reach)', bars: toRaw }];
  for (const { title, unit, variants, fault } of results.filter(({ group }) => group === 'system')) {
    const entries = Object.entries(variants);
    if (entries.length < 3 || fault) continue;
    const bars = entries.map(([name, { median }]) => ({
      label: name,
      value: median,
      said: shown(median),
      kind: name.startsWith('oocsi') ? 'ours' : 'other',
    }));
    charts.push({ title: `${title}, ${unit}${unit === 'µs' ? ' (less is better)' : ''}`, bars });
  }
  let top = 24;
  const parts = charts
    .filter(({ bars }) => bars.length > 0)
    .flatMap(({ title, bars }) => {
      const drawn = chart(top, title, bars);
      top += bars.length * row + 44;
      return drawn;
    });
  return picture(left + full + 80, top - 16, parts, 'Benchmarks of oocsi-client');
}

/**
 * The cost of a delivery over the number of channels and of subscribers.
 *
 * @param {import('./rounds.js').Result[]} results
 */
export function drawGrowth(results) {
  const points = growthOf(results);
  const most = Math.max(...points.map(({ cost }) => cost)) * 1.15;
  const x = (/** @type {number} */ size) => 70 + Math.log10(size) * 150;
  const y = (/** @type {number} */ cost) => 260 - (cost / most) * 210;
  const parts = [
    label(10, 24, 'Cost of a delivery, µs, over the number of channels and of subscribers', 'class="title"'),
  ];
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const at = y(most * share).toFixed(1);
    parts.push(`<line class="rule" x1="70" x2="700" y1="${at}" y2="${at}"/>`);
    parts.push(label(62, Number(at) + 4, (most * share).toFixed(1), 'text-anchor="end" class="small"'));
  }
  for (const size of new Set(points.map((point) => point.size))) {
    parts.push(label(x(size), 280, size.toLocaleString('en'), 'text-anchor="middle" class="small"'));
  }
  /** The lowest label comes first, and each keeps off the one below it. */
  let below = Number.POSITIVE_INFINITY;
  const ends = [...new Set(points.map((point) => point.series))]
    .map((series) => points.findLast((point) => point.series === series))
    .filter((point) => point !== undefined)
    .sort((a, b) => a.cost - b.cost);
  for (const { series, size, cost } of ends) {
    below = Math.min(y(cost) + 4, below - 15);
    parts.push(label(x(size) + 8, Number(below.toFixed(1)), series));
  }
  for (const [index, series] of [...new Set(points.map((point) => point.series))].entries()) {
    const some = points.filter((point) => point.series === series);
    const kind = ['ours', 'second'][index] ?? 'other';
    const line = some.map(({ size, cost }) => `${x(size)},${y(cost).toFixed(1)}`).join(' ');
    parts.push(`<polyline class="line ${kind}" style="fill: none" points="${line}"/>`);
    for (const { size, cost } of some)
      parts.push(`<circle class="${kind}" cx="${x(size)}" cy="${y(cost).toFixed(1)}" r="3"/>`);
  }
  return picture(900, 295, parts, 'Cost of a delivery over the number of channels and of subscribers');
}
