import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from '../helpers/built';

mkdirSync(join(root, '.tmp'), { recursive: true });
const folder = mkdtempSync(join(root, '.tmp/testing-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the example in docs/guide/testing.md is a test that passes as written, and can fail', () => {
  const [, example = ''] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(root, 'docs/guide/testing.md'), 'utf8')) ?? [];
  writeFileSync(join(folder, 'vitest.config.js'), 'export default {};');
  const run = (code: string): { status: number | null; stdout: string } => {
    writeFileSync(join(folder, 'night.test.js'), code);
    const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder];
    return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  };
  expect(run(example)).toMatchObject({ status: 0, stdout: expect.stringContaining('1 passed') });
  expect(run(example.replace('after(60_000', 'after(6_000_000'))).toMatchObject({ status: 1 });
});
