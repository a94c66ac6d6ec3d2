import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, onTestFinished, test } from 'vitest';
import { packageFolder } from '../../../src/server/listeners/static-files';

const source = join(import.meta.dirname, '../../../src');

/** A program as one file, with all that it needs, in a folder with nothing else but `files`. */
async function bundled(
  contents: string,
  format: 'esm' | 'cjs',
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { outputFiles } = await build({
    stdin: { resolveDir: source, contents },
    ...{ bundle: true, write: false, platform: 'node', format, logLevel: 'error' },
    // What ws can do without.
    external: ['bufferutil', 'utf-8-validate'],
    logOverride: { 'empty-import-meta': 'silent' },
    ...(format === 'esm' && {
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    }),
  });
  const folder = await mkdtemp(join(tmpdir(), 'bundled-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  const file = join(folder, format === 'esm' ? 'program.mjs' : 'program.cjs');
  await writeFile(file, outputFiles[0]?.text ?? '');
  return file;
}

/** What a program prints before it ends by itself. */
async function run(file: string): Promise<unknown> {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [out, errors, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  expect([exit, errors]).toEqual([0, '']);
  return JSON.parse(out);
}

const serving = `
  import { connect } from './index';
  import { startServer } from './server/index';
  async function run() {
    const server = await startServer({ port: 0, tcpPort: 0 });
    const answers = {};
    for (const path of ['/', '/demo/', '/oocsi.js', '/health']) {
      const answer = await fetch('http://127.0.0.1:' + server.port + path);
      answers[path] = [answer.status, await answer.text()];
    }
    const client = await connect(server.url, { handle: 'lamp' });
    answers.handle = client.handle;
    await client.close();
    await server.close();
    console.log(JSON.stringify(answers));
  }
  run();
`;

test.each(['esm', 'cjs'] as const)(
  'A server that was bundled into one file starts, and says that its pages are not there (%s)',
  { timeout: 30_000 },
  async (format) => {
    const answers = await run(await bundled(serving, format));
    expect(answers).toMatchObject({
      '/': [200, expect.stringContaining('without the start page')],
      '/demo/': [404, expect.any(String)],
      '/oocsi.js': [404, expect.any(String)],
      '/health': [200, expect.stringContaining('"status":"ok"')],
      handle: 'lamp',
    });
  },
);

test('A bundled server shows nobody the folders of the program that it is in', { timeout: 30_000 }, async () => {
  const answers = await run(
    await bundled(serving, 'esm', {
      'package.json': '{"name":"my-own-program"}',
      'demo/index.html': 'private',
      'dist/oocsi.js': 'private',
    }),
  );
  expect(JSON.stringify(answers)).not.toContain('private');
});

test('The folder of this package is found from wherever it was built to, and from nowhere else', async () => {
  const root = join(import.meta.dirname, '../../..');
  const from = (path: string): string => pathToFileURL(join(root, path)).href;
  expect(packageFolder(from('dist/node/server.js'))).toBe(root);
  expect(packageFolder(from('node_modules/vitest/dist/index.js'))).toBe(root);
  for (const elsewhere of [pathToFileURL('/program.mjs').href, 'https://example.org/server.js', '']) {
    expect(packageFolder(elsewhere)).toBeUndefined();
  }
});

test('A second worker of a cluster does not start, and says why', { timeout: 30_000 }, async () => {
  const file = await bundled(
    `
    import cluster from 'node:cluster';
    import { startServer } from './server/index';
    async function start() {
      const server = await startServer({ port: Number(process.env.PORT), tcpPort: 0 });
      process.send(server.port);
      await new Promise((resolve) => process.once('message', resolve));
      await server.close();
      process.disconnect();
    }
    async function fork(PORT) {
      const worker = cluster.fork({ PORT });
      const said = await new Promise((resolve) => worker.once('message', resolve));
      return { worker, said };
    }
    async function lead() {
      const first = await fork(0);
      const second = await fork(first.said);
      const third = await fork(0);
      first.worker.send('end');
      third.worker.send('end');
      console.log(JSON.stringify([second.said, third.said !== first.said]));
    }
    if (cluster.isPrimary) lead();
    else start().catch(({ message }) => {
      process.send(message);
      process.disconnect();
    });
    `,
    'esm',
  );
  expect(await run(file)).toEqual([
    expect.stringMatching(/^This is a worker of a cluster.*start it in one worker.*Port \d+ is in use.*option port/s),
    true,
  ]);
});
