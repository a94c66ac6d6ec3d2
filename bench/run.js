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
import { gateList, insert, markdown } from './kit/table.js';

const usage = `Usage: npm run bench [-- [--quick] [--check] [--list] [--no-build] [NAME …]]

  NAME        only cases whose name contains it, such as send-tcp or growth
  --quick     about a minute: fewer cases, fewer and shorter rounds; a first look, no more
  --check     ends with 1 when a case does not reach what it must
  --list      says which cases there are
  --no-build  measures what was built before

A run of everything writes bench/results/ and the table in README.md; any other run only prints.`;

const root = join(import.meta.dirname, '..');
const say = (/** @type {string} */ line) => console.log(line);

/** @type {Record<string, import('./kit/rounds.js').Plan>} */
const plans = {
  full: { generations: 2, rounds: 3, ms: 300, warmUp: 400 },
  // A browser is many programs on few cores: its rounds differ more than others.
  browser: { generations: 3, rounds: 8, ms: 200, warmUp: 400 },
  growth: { generations: 1, rounds: 5, ms: 200, warmUp: 300 },
  quick: { generations: 1, rounds: 2, ms: 100, warmUp: 150 },
};

function options() {
  try {
    const known = /** @type {const} */ ({
      quick: { type: 'boolean' },
      check: { type: 'boolean' },
      list: { type: 'boolean' },
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
let chosen = cases.filter((it) => isAsked(it.name) && !(values.quick && it.onlyFull && positionals.length === 0));
if (values.list) {
  for (const { name, title } of chosen) say(`${name.padEnd(24)} ${title}`);
  process.exit();
}
if (chosen.length === 0) {
  console.error('No case has such a name; --list says which there are.');
  process.exit(2);
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
  const plan = values.quick ? plans.quick : (plans[it.group] ?? plans.full);
  const result = await measure(it, it.once ? { ...plan, generations: values.quick ? 1 : 3 } : plan, isAbsent);
  results.push(result);
  say(`${result.title}`);
  if (result.fault) say(`  FAILED ${result.fault}`);
  for (const [name, { median, also }] of Object.entries(result.variants)) {
    const ratio = result.ratios[name];
    const more = Object.entries(also).map(([key, value]) => `, ${key} ${shown(value)}`);
    const against = ratio
      ? `   ours to it ${ratio.median.toFixed(2)} (${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)})`
      : '';
    say(`  ${name.padEnd(24)} ${shown(median, result.unit).padStart(9)} ${result.unit}${more.join('')}${against}`);
  }
}
await closeBrowser();

say('');
for (const line of gateList(results)) say(line);
const failed = results.filter(({ fault, gates }) => fault || gates.some(({ passed }) => passed === false));
say(
  `\n${results.length} cases in ${Math.round((Date.now() - began) / 1_000)} s, ${failed.length} below what they must reach`,
);

if (isFull) {
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const text = markdown({ machine, results });
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify({ machine, results }, null, 2)}\n`);
  writeFileSync(join(folder, 'results.md'), `${text}\n`);
  writeFileSync(join(folder, 'results.svg'), drawBars(results));
  writeFileSync(join(folder, 'growth.svg'), drawGrowth(results));
  const readme = join(root, 'README.md');
  writeFileSync(readme, insert(readFileSync(readme, 'utf8'), text));
  say('Written: bench/results/ and README.md');
}
process.exitCode = values.check && failed.length > 0 ? 1 : 0;
