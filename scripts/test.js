// `npm test`: every check, one after the other. It goes on after a failure, so that one run tells all.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { chromiumPath } from './chromium.js';
import { runVitest } from './vitest.js';

const root = join(import.meta.dirname, '..');
const bin = (/** @type {string} */ name) => join(root, 'node_modules/.bin', name);

/** @type {(command: string, args: string[]) => boolean} */
function run(command, args) {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit' }).status === 0;
}

/** The browser tests need a Chromium; where this program may, it installs Debian's. */
function haveChromium() {
  if (chromiumPath()) return true;
  const mayInstall = process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0;
  if (mayInstall && run('apt-get', ['update', '-q']) && run('apt-get', ['install', '-q', '-y', 'chromium'])) {
    if (chromiumPath()) return true;
  }
  console.error(
    'The browser tests need Chromium: install it (Debian: sudo apt-get install chromium), or set CHROMIUM to its path.',
  );
  return false;
}

/** What must come through faults: of networks, servers, programs and browsers. */
const reliability = ['test/reliability', 'test/pages/life', 'test/pages/places', 'test/pages/restart'];

/** @type {string[]} */
const skipped = [];

/** @param {string[]} args */
function test(...args) {
  const result = runVitest(args);
  skipped.push(...result.skipped);
  return result.passed;
}

/** @type {readonly (readonly [name: string, check: () => boolean])[]} */
const checks = [
  ['Chromium for the browser tests', haveChromium],
  ['format and lint', () => run(bin('biome'), ['ci', '.'])],
  ['types', () => run(bin('tsc'), ['-p', 'tsconfig.json'])],
  ['types of the browser files, without those of Node', () => run(bin('tsc'), ['-p', 'tsconfig.browser.json'])],
  ['build', () => run(bin('rollup'), ['-c', 'rollup.config.ts', '--configPlugin', 'esbuild', '--silent'])],
  ['tests', () => test(...reliability.flatMap((files) => ['--exclude', `**/${files}{/**,.test.ts}`]))],
  // These wait for most of their time, so two at once are no more than one core can do.
  ['tests of reliability', () => test('--maxWorkers=2', ...reliability)],
];

const failed = checks.filter(([name, check]) => {
  console.log(`\n▶ ${name}`);
  return !check();
});
for (const [name] of failed) console.error(`✗ ${name}`);
for (const name of skipped) console.error(`skipped: ${name}`);
const left = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
console.log(`\n${checks.length - failed.length} passed, ${failed.length} failed${left}`);
process.exitCode = failed.length > 0 ? 1 : 0;
