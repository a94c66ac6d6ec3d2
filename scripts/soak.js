// `npm run soak [minutes]`: pulled cables, attacks, tests with far more rounds, and what depends on how fast the machine is; by
// default an hour of random faults.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const minutes = process.argv[2] ?? '60';
if (!(Number(minutes) > 0)) {
  console.error('npm run soak -- MINUTES: how long the random faults go on, such as 5.');
  process.exit(2);
}
/** Besides those of reliability, what has far more rounds here, or depends on how fast the machine is. */
const files = [
  'test/reliability',
  'test/server/broker/channel-delivery.test.ts',
  'test/server/features/scale.test.ts',
  'test/server/listeners/fuzz.test.ts',
];
for (const file of files) {
  if (!existsSync(join(root, file))) throw new Error(`scripts/soak.js names ${file}, which does not exist.`);
}

/** @type {(command: string, args: string[]) => boolean} */
function run(command, args) {
  const env = { ...process.env, SOAK: minutes };
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', env }).status === 0;
}
const vitest = join(root, 'node_modules/.bin/vitest');
const rollup = join(root, 'node_modules/.bin/rollup');
const script = (/** @type {string} */ name) => join(root, 'scripts/soak', name);

/** @type {readonly (readonly [name: string, check: () => boolean])[]} */
const checks = [
  ['build', () => run(rollup, ['-c', 'rollup.config.ts', '--configPlugin', 'esbuild', '--silent'])],
  ['cables that are pulled', () => run(process.execPath, [script('outages.js')])],
  ['all attacks at once', () => run(process.execPath, [script('attacks.js'), String(Math.min(5, Number(minutes)))])],
  ['tests with more rounds', () => run(vitest, ['run', '--project', 'node', ...files, '--no-file-parallelism'])],
];
const failed = checks.filter(([name, check]) => {
  console.log(`\n▶ ${name}`);
  return !check();
});
for (const [name] of failed) console.error(`✗ ${name}`);
process.exitCode = failed.length > 0 ? 1 : 0;
