// `npm run soak [minutes]`: tests with far more rounds, and what depends on how fast the machine is; by default an hour of random faults.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const minutes = process.argv[2] ?? '60';
if (!(Number(minutes) > 0)) {
  console.error('npm run soak -- MINUTES: how long the random faults go on, such as 5.');
  process.exit(2);
}
const { status } = spawnSync(
  join(root, 'node_modules/.bin/vitest'),
  [
    'run',
    '--project',
    'node',
    'test/reliability',
    'test/server/fuzz.test.ts',
    'test/server/scale.test.ts',
    '--no-file-parallelism',
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, SOAK: minutes, OOCSI_SOAK: '1' } },
);
process.exitCode = status ?? 1;
