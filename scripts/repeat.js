// `npm run test:repeat [rounds]`: the tests that wait for something outside, again and again beside two busy loops.
// A test that fails once in twenty times is one that nobody believes when it is right.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runVitest } from './vitest.js';

const root = join(import.meta.dirname, '..');
const rounds = Number(process.argv[2] ?? 20);
if (!(rounds > 0)) {
  console.error('npm run test:repeat -- ROUNDS: how often the tests run, such as 20.');
  process.exit(2);
}
if (!existsSync(join(root, 'dist/oocsi.js'))) {
  console.error('Run `npm run build` first: some of these tests use what was built.');
  process.exit(2);
}

const page = readFileSync(join(root, 'docs/testing.md'), 'utf8');
const list = /## Tests that wait for something outside[\s\S]*?```text\n(?<files>[\s\S]*?)```/.exec(page)?.groups?.[
  'files'
];
const files = (list ?? '').split('\n').filter((line) => line !== '');
if (files.length === 0) throw new Error('docs/testing.md lists no tests that wait for something outside.');

const loops = [0, 1].map(() => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
process.once('exit', () => loops.forEach((loop) => void loop.kill()));
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.once(signal, () => process.exit(1));

let failed = 0;
const began = Date.now();
for (let round = 1; round <= rounds; round++) {
  if (!runVitest(['--maxWorkers=2', ...files]).passed) failed++;
  const minutes = ((Date.now() - began) / 60_000).toFixed(1);
  console.log(`\nround ${round} of ${rounds}: ${failed} failed so far, ${minutes} minutes`);
}
console.log(`\n${rounds - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
