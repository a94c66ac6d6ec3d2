import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

test('docs/testing.md names tests that exist, for every fault', () => {
  const text = readFileSync(join(root, 'docs/testing.md'), 'utf8');
  const rows = text.split('\n').filter((row) => /^\| [NPIMB]\d/.test(row));
  expect(rows.length).toBeGreaterThan(25);
  const wrong = rows.filter((row) => {
    const [, fault = '', , named = ''] = row.split('|').map((cell) => cell.trim());
    const files = [...named.matchAll(/`(?<file>[^`]+)`/g)].map(({ groups }) => groups?.['file'] ?? '');
    const isTold = files.length > 0 || named.includes('](') || fault.startsWith('I6 ');
    return !isTold || !files.every((file) => existsSync(join(root, `test/${file}.test.ts`)));
  });
  expect(wrong).toEqual([]);
});
