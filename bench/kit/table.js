import { shown } from './figures.js';
import { machineLine } from './machine.js';
import { growthOf } from './rounds.js';

/** @typedef {{ machine: ReturnType<typeof import('./machine.js').describeMachine>, results: import('./rounds.js').Result[] }} Report */

const marks = new Map([
  [true, '✓'],
  [false, '✗'],
  [undefined, '–'],
]);

/** @param {readonly (readonly string[])[]} rows the first one is the head */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)));
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [
    line(rows[0]),
    `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`,
    ...rows.slice(1).map(line),
  ].join('\n');
}

/** @param {{ median: number, least: number, most: number } | undefined} it */
const spread = (it) => (it ? `${it.median.toFixed(2)} (${it.least.toFixed(2)}–${it.most.toFixed(2)})` : '–');

/** @param {import('./rounds.js').Judged[]} gates */
const verdict = (gates) => gates.map(({ bound, passed }) => `${marks.get(passed)} ${bound}`).join(', ');

/** @type {Record<string, string>} */
const units = { p50: 'µs', p99: 'µs', subscribing: 'ms', rate: 'messages/s' };

/** Figures beside the one that counts. @type {(measured: import('./rounds.js').Measured, separator: string) => string} */
export const more = ({ also }, separator) =>
  Object.entries(also)
    .map(([name, value]) => `${separator}${name} ${shown(value)} ${units[name] ?? ''}`.trimEnd())
    .join('');

/** @param {import('./rounds.js').Result[]} results */
function comparison(results) {
  const rows = results.map(({ title, unit, variants, ratios, gates, fault }) => {
    const [ours, other] = Object.entries(variants);
    if (fault) return [title, fault.split('\n')[0], '', '', verdict(gates)];
    const against = other
      ? `${shown(other[1].median, unit)}${other[0] === 'raw' ? '' : ` (${other[0]})`}${more(other[1], ', ')}`
      : '';
    return [
      title,
      `${shown(ours[1].median, unit)} ${unit}${more(ours[1], ', ')}`,
      against,
      other ? spread(ratios[other[0]]) : '',
      verdict(gates),
    ];
  });
  return table([['case', 'oocsi-client', 'raw', 'ratio (spread)', 'to reach'], ...rows]);
}

/** @param {import('./rounds.js').Result[]} results */
function systems(results) {
  const names = [...new Set(results.flatMap(({ variants }) => Object.keys(variants)))];
  const rows = results.map(({ title, unit, variants, ratios, gates, fault }) => [
    `${title}, ${unit}`,
    ...names.map((name) => {
      const measured = variants[name];
      return measured && !fault ? `${shown(measured.median, unit)}${more(measured, ', ')}` : '';
    }),
    gates
      .map(({ text, bound, passed }) => {
        const [, other = ''] = text.split(' to ');
        return `${marks.get(passed)} ${spread(ratios[other])} × ${other}, ${bound}`;
      })
      .join('; '),
  ]);
  return table([['', ...names, 'ours to theirs (spread), to reach'], ...rows]);
}

/** The cost of a delivery, by size. @param {import('./rounds.js').Result[]} results */
function growth(results) {
  const points = growthOf(results);
  const sizes = [...new Set(points.map(({ size }) => size))];
  const rows = [...new Set(points.map(({ series }) => series))].map((series) => [
    series,
    ...sizes.map((size) => {
      const found = points.find((point) => point.series === series && point.size === size);
      return found ? shown(found.cost) : '';
    }),
  ]);
  return table([['µs a delivery', ...sizes.map((size) => size.toLocaleString('en'))], ...rows]);
}

/** All gates in a list. @param {import('./rounds.js').Result[]} results */
export function gateList(results) {
  return results.flatMap(({ title, gates }) =>
    gates.map(
      ({ text, value, unit, bound, passed }) =>
        `${marks.get(passed)} ${title}: ${text} ${value === undefined ? 'not measured' : shown(value, unit)}, ${bound}`,
    ),
  );
}

/** The report in Markdown. @param {Report} report */
export function markdown({ machine, results }) {
  const of = (/** @type {string[]} */ ...groups) => results.filter(({ group }) => groups.includes(group));
  const isPlain = (/** @type {import('./rounds.js').Result} */ it) => Object.keys(it.variants).length < 3;
  const system = of('system');
  const parts = [
    [[...of('client', 'browser'), ...system.filter(isPlain)], comparison],
    [system.filter((it) => !isPlain(it)), systems],
    [of('growth'), growth],
  ];
  const tables = parts.flatMap(([some, draw]) => (some.length > 0 ? [draw(some)] : []));
  return [`Measured on ${machineLine(machine)}.`, ...tables].join('\n\n');
}

const start = '<!-- bench -->';
const end = '<!-- /bench -->';

/**
 * Puts a text between the two marks of another one.
 *
 * @param {string} text
 * @param {string} inserted
 */
export function insert(text, inserted) {
  const from = text.indexOf(start);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no ${start} … ${end} to put the table between.`);
  return `${text.slice(0, from + start.length)}\n\n${inserted}\n\n${text.slice(to)}`;
}
