import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build as esbuild } from 'esbuild';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { build, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtForNode, openBrowser, openPage, root } from '../helpers/built';

// Inside the package's folder, so that the apps find React, Vue and our dependencies; not tracked.
mkdirSync(join(root, '.tmp'), { recursive: true });
const folder = mkdtempSync(join(root, '.tmp/packed-'));
const installed = join(folder, 'node_modules/oocsi-client');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
let tarball: string;

beforeAll(() => {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  execFileSync(npm, args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] });
  tarball = join(folder, readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? '');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components', '1']);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the package', () => {
  test('has nothing that publint objects to', async () => {
    const { messages, pkg } = await publint({ pkgDir: installed, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test('has types that fit its files, as attw sees it', () => {
    const attw = join(root, 'node_modules/.bin/attw');
    // It fails, and so throws here, when it finds a problem.
    const report = execFileSync(attw, [tarball, '--profile', 'esm-only', '--no-color'], { encoding: 'utf8' });
    expect(report).toContain('oocsi-client/server');
  });

  test('depends on three packages and no more', () => {
    const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    expect(Object.keys(dependencies)).toEqual(['isomorphic-ws', 'nanoid', 'ws']);
  });

  test('holds what was built, the demos and its papers, and nothing else', () => {
    const inside = readdirSync(installed).sort();
    expect(inside).toEqual([
      ...['CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'PROTOCOL.md', 'README.md', 'bench', 'demo', 'dist', 'docs'],
      'package.json',
    ]);
    expect(readdirSync(join(installed, 'docs'))).not.toContain('lab');
  });

  test('exports these names', async () => {
    const names = async (code: string): Promise<string[]> =>
      JSON.parse(
        execFileSync(
          process.execPath,
          ['--input-type=module', '-e', `${code}; console.log(JSON.stringify(Object.keys(m).sort()))`],
          {
            cwd: folder,
            encoding: 'utf8',
          },
        ),
      );
    const all = ['OocsiError', 'connect', 'createClient', 'isOocsiError', 'memory', 'webSocket'];
    expect(await names(`import * as m from 'oocsi-client'`)).toEqual(all);
    expect(await names(`import * as m from 'oocsi-client/tcp'`)).toEqual(['tcp']);
    expect(await names(`import * as m from 'oocsi-client/server'`)).toEqual([
      'createBroker',
      'fileStore',
      'startServer',
    ]);
    expect(await names(`import * as m from 'oocsi-client/testing'`)).toEqual([
      'createBroker',
      'createMemoryServer',
      'createScriptedAdapter',
      'createVirtualClock',
      'memory',
    ]);
    const page = all.filter((name) => name !== 'memory');
    expect(await names(`import * as m from 'oocsi-client/oocsi.js'`)).toEqual(page);
    expect(await names(`import * as m from 'oocsi-client/oocsi.min.js'`)).toEqual(page);
    // CommonJS programs reach it, too.
    expect(
      await names(
        `import { createRequire } from 'node:module'; const m = createRequire('${folder}/x.js')('oocsi-client')`,
      ),
    ).toEqual(all);
  });

  test('says what to do when a page asks for TCP', () => {
    const code = `import('oocsi-client/tcp').then(({ tcp }) => tcp()).catch(({ code, message }) => console.log(code, message))`;
    const file = join(installed, 'dist/browser/tcp.js');
    expect(
      execFileSync(process.execPath, ['-e', code.replace('oocsi-client/tcp', file)], { encoding: 'utf8' }),
    ).toMatch(/^unsupported A web page cannot speak TCP/);
  });
});

describe('the file for a page', () => {
  test('is what a bundler makes of the package: other entry points add nothing', async () => {
    const bundle = async (code: string): Promise<{ bytes: number; text: string; inputs: string[] }> => {
      const { outputFiles, metafile } = await esbuild({
        stdin: { contents: code, resolveDir: folder },
        bundle: true,
        minify: true,
        format: 'esm',
        write: false,
        metafile: true,
      });
      const inputs = Object.entries(Object.values(metafile.outputs)[0]?.inputs ?? {});
      const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
      const { text = '' } = outputFiles[0] ?? {};
      return { bytes: gzipSync(text).length, text, inputs: used };
    };
    const client = `import { connect } from 'oocsi-client'; connect();`;
    const alone = await bundle(client);
    expect(alone.inputs.filter((file) => file.includes('server'))).toEqual([]);
    // The dialect of TCP.
    expect(alone.text).not.toContain('sendraw');
    const unused = `import { createBroker } from 'oocsi-client/server'; import { tcp } from 'oocsi-client/tcp'; ${client}`;
    expect(Math.abs((await bundle(unused)).bytes - alone.bytes)).toBeLessThan(50);
    const withServer = await bundle(`import { createBroker } from 'oocsi-client/server'; createBroker(); ${client}`);
    expect(withServer.bytes).toBeGreaterThan(alone.bytes + 2_000);
    const errors = await bundle(`import { OocsiError } from 'oocsi-client'; console.log(OocsiError);`);
    expect(errors.bytes).toBeLessThan(alone.bytes / 4);
  });

  test.each(['oocsi.js', 'oocsi.min.js', 'oocsi.iife.js', 'browser/index.js'])(
    '%s needs nothing of Node and no other file',
    (file) => {
      const code = readFileSync(join(root, 'dist', file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      expect(code).not.toMatch(/(?<!\.)\b(Buffer|process|require|__dirname)\b|node:/);
      expect(code).not.toMatch(/\bfrom\s*['"](?!\.)|\bimport\s*['"]/);
    },
  );
});

describe('an app bundled by Vite', () => {
  test('uses it from React and from Vue', async () => {
    const app = join(folder, 'app');
    cpSync(join(root, 'test/apps/vite'), app, { recursive: true });
    const bundling = {
      root: app,
      logLevel: 'error' as const,
      configFile: false as const,
      oxc: { jsx: { runtime: 'automatic' as const } },
      build: { outDir: join(folder, 'built') },
    };
    await build(bundling);
    const site = await preview({ ...bundling, preview: { host: '127.0.0.1', port: 0 } });
    const [address = ''] = site.resolvedUrls?.local ?? [];
    const { startServer } = await builtForNode();
    await using server = await startServer({ port: 0, tcpPort: false });
    const browser = await openBrowser();
    const url = `${address}?server=${encodeURIComponent(server.url)}`;
    const { page, faults } = await openPage(await browser.newContext(), url);
    await page.getByText(/React is connected/).waitFor();
    await page.getByText(/Vue is connected/).waitFor();
    await page.getByRole('button', { name: 'Say hello from React' }).click();
    await page.getByText(/Vue is connected and heard react_\d{4}: hello from React/).waitFor();
    await page.getByRole('button', { name: 'Say hello from Vue' }).click();
    await page.getByText(/React is connected and heard vue_\d{4}: hello from Vue/).waitFor();
    expect(faults).toEqual([]);
    await browser.close();
    await site.close();
  });
});
