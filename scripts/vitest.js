// Runs vitest, and tells which tests were skipped: one that is left out must not look like one that passed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/**
 * @param {readonly string[]} args what comes behind `vitest run`
 * @returns {{ passed: boolean, skipped: string[] }} the names of the tests that were skipped
 */
export function runVitest(args) {
  mkdirSync(join(root, '.tmp'), { recursive: true });
  const folder = mkdtempSync(join(root, '.tmp/report-'));
  const report = join(folder, 'report.json');
  const { status } = spawnSync(
    join(root, 'node_modules/.bin/vitest'),
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
    { cwd: root, stdio: 'inherit' },
  );
  const skipped = status === 0 ? skippedOf(JSON.parse(readFileSync(report, 'utf8'))) : [];
  rmSync(folder, { recursive: true });
  return { passed: status === 0, skipped };
}

/** @param {{ testResults: { assertionResults: { status: string, fullName: string }[] }[] }} report */
function skippedOf({ testResults }) {
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'skipped' || status === 'pending' || status === 'todo')
    .map(({ fullName }) => fullName);
}
