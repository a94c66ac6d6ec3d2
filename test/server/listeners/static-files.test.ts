import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readServed } from '../../../src/server/listeners/static-files';

/** A folder with these files, and one file beside it. */
async function folderWith(...files: string[]): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'served-'));
  onTestFinished(() => rm(parent, { recursive: true }));
  for (const file of [...files.map((name) => join('site', name)), 'beside.json', 'site-two.json']) {
    await mkdir(dirname(join(parent, file)), { recursive: true });
    await writeFile(join(parent, file), file);
  }
  return join(parent, 'site');
}

test('A file below the folder is served with its type', async () => {
  const folder = await folderWith('index.html', 'a/b/style.css');
  expect(await readServed(folder, '/index.html')).toMatchObject({ type: 'text/html; charset=utf-8' });
  const style = await readServed(folder, '/a/b/style.css');
  expect([style?.type, String(style?.body)]).toEqual(['text/css; charset=utf-8', 'site/a/b/style.css']);
});

test('Hidden files and files in hidden folders are not served', async () => {
  const folder = await folderWith('.secret.json', '.git/config.json', 'a/.b/c.json');
  for (const path of ['/.secret.json', '/.git/config.json', '/a/.b/c.json', '/a/./.b/c.json']) {
    expect(await readServed(folder, path)).toBeUndefined();
  }
});

test('Files outside of the folder are not served', async () => {
  const folder = await folderWith('a/index.html');
  for (const path of ['/../beside.json', '/a/../../beside.json', '../beside.json', '/../site-two.json', '-two.json']) {
    expect(await readServed(folder, path)).toBeUndefined();
  }
});

test('Files of unknown types, folders and names that cannot be are not served', async () => {
  const folder = await folderWith('secret.pem', 'noending', 'folder.html/index.html', 'file.html');
  for (const path of ['/secret.pem', '/noending', '/folder.html', '/file.html/x.html', '/\0.html', '/none.html']) {
    expect(await readServed(folder, path)).toBeUndefined();
  }
  expect(await readServed(folder, `/${'x'.repeat(5_000)}.html`)).toBeUndefined();
});
