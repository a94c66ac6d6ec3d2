// `npm run bench`: measures every case, says what passed, and writes the results down.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cases } from './cases.js';
import { closeBrowser } from './kit/chromium.js';
import { shown } from './kit/figures.js';
import { describeMachine, machineLine } from './kit/machine.js';
import { drawBars, drawGrowth } from './kit/picture.js';
import { build, getPeers, haveChromium } from './kit/prepare.js';
import { measure } from './kit/rounds.js';
import { gateList, insert, markdown, more } from './kit/table.js';

const usage = `Usage: npm run bench [-- [--quick] [--check] [--list] [--draw] [--no-build] [NAME …]]

  NAME        only cases whose name contains it, such as send-tcp or growth
  --quick     about a minute: fewer cases, fewer and shorter rounds; a first look, no more
  --check     ends with 1 when a case does not reach what it must
  --list      says which cases there are
  --draw      measures nothing: writes table and pictures again from bench/results/results.json
  --no-build  measures what was built before

A run of everything writes bench/results/ and the tables in docs/performance.md; any other run only prints.`;

const root = join(import.meta.dirname, '..');
const say = (/** @type {string} */ line) => console.log(line);

/** @type {Record<string, import('./kit/rounds.js').Plan>} */
const plans = {
  full: { generations: 2, rounds: 3, ms: 300, warmUp: 400 },
  // A core may be half as fast for some tenths of a second: rounds are shorter than that, and many.
  bursts: { generations: 3, rounds: 12, ms: 60, warmUp: 400 },
  // A browser is many programs on few cores: its rounds differ more than others.
  browser: { generations: 3, rounds: 16, ms: 60, warmUp: 400 },
  growth: { generations: 1, rounds: 5, ms: 200, warmUp: 300 },
  quick: { generations: 1, rounds: 5, ms: 30, warmUp: 200 },
};

/** How often a case is measured that can be only once in the life of its programs. */
const startedAnew = 5;

function options() {
  try {
    const known = /** @type {const} */ ({
      quick: { type: 'boolean' },
      check: { type: 'boolean' },
      list: { type: 'boolean' },
      draw: { type: 'boolean' },
      help: { type: 'boolean' },
      'no-build': { type: 'boolean' },
    });
    return parseArgs({ options: known, allowPositionals: true });
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return process.exit(2);
  }
}

const { values, positionals } = options();
if (values.help) {
  say(usage);
  process.exit();
}
const isFull = positionals.length === 0 && !values.quick;
const isAsked = (/** @type {string} */ name) =>
  positionals.length === 0 || positionals.some((part) => name.includes(part));
const unknown = positionals.find((part) => !cases.some(({ name }) => name.includes(part)));
if (unknown !== undefined) {
  console.error(`No case has "${unknown}" in its name; --list says which there are.`);
  process.exit(2);
}
let chosen = cases.filter((it) => isAsked(it.name) && !(values.quick && it.onlyFull && positionals.length === 0));
if (values.list) {
  for (const { name, title } of chosen) say(`${name.padEnd(24)} ${title}`);
  process.exit();
}
const folder = join(import.meta.dirname, 'results');
const resultsFile = join(folder, 'results.json');
if (values.draw) {
  draw(JSON.parse(readFileSync(resultsFile, 'utf8')));
  process.exit();
}
if (!values['no-build']) build();
const isAbsent = chosen.some(({ group }) => group === 'system') ? getPeers(say) : () => false;
if (chosen.some(({ group }) => group === 'browser') && !haveChromium(say)) {
  chosen = chosen.filter(({ group }) => group !== 'browser');
}

const machine = describeMachine();
say(`${machineLine(machine)}\n`);
const began = Date.now();
const results = [];
for (const it of chosen) {
  const plan = values.quick ? plans.quick : (plans[it.plan ?? it.group] ?? plans.full);
  const result = await measure(it, it.once ? { ...plan, generations: values.quick ? 1 : startedAnew } : plan, isAbsent);
  results.push(result);
  say(`${result.title}`);
  if (result.fault) say(`  FAILED ${result.fault}`);
  for (const [name, measured] of Object.entries(result.variants)) {
    if (measured.rounds.length === 0) continue;
    const ratio = result.ratios[name];
    const against = ratio
      ? `   ours to it ${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)})`
      : '';
    say(
      `  ${name.padEnd(24)} ${shown(measured.median, result.unit).padStart(9)} ${result.unit}${more(measured, ', ')}${against}`,
    );
  }
}
await closeBrowser();

say('');
for (const line of gateList(results)) say(line);
const unmeasured = results.flatMap(({ gates }) => gates.filter(({ passed }) => passed === undefined)).length;
const failed = results.filter(({ fault, gates }) => fault || gates.some(({ passed }) => passed === false));
say(
  `\n${results.length} cases in ${Math.round((Date.now() - began) / 1_000)} s, ${failed.length} below what they must reach${unmeasured > 0 ? `; ${unmeasured} comparisons not made` : ''}`,
);
if (values.quick) say('So short a run may be off by a tenth: what counts is a run of everything.');

if (isFull) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(resultsFile, `${JSON.stringify({ machine, results }, null, 2)}\n`);
  draw({ machine, results });
}
process.exitCode = values.check && failed.length > 0 ? 1 : 0;

/** @param {import('./kit/table.js').Report} report */
function draw(report) {
  const text = markdown(report);
  writeFileSync(join(folder, 'results.md'), `${text}\n`);
  writeFileSync(join(folder, 'results.svg'), drawBars(report.results));
  writeFileSync(join(folder, 'growth.svg'), drawGrowth(report.results));
  const page = join(root, 'docs/performance.md');
  writeFileSync(page, insert(readFileSync(page, 'utf8'), text));
  say('Written: bench/results/ and docs/performance.md');
}
