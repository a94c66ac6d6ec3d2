import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Server } from '../../src/server/index';
import { builtForNode, openBrowser, openPage, root } from '../helpers/built';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = (language: string): string[] =>
  [...readme.matchAll(/```(?<language>\w+)\n(?<code>[\s\S]*?)```/g)]
    .filter(({ groups }) => groups?.['language'] === language)
    .map(({ groups }) => groups?.['code'] ?? '');

// Inside the package's folder, so that `oocsi-client` is this package; not tracked.
mkdirSync(join(root, '.tmp'), { recursive: true });
const folder = mkdtempSync(join(root, '.tmp/readme-'));
let oocsi: Awaited<ReturnType<typeof builtForNode>>;
let server: Server;

beforeAll(async () => {
  oocsi = await builtForNode();
  server = await oocsi.startServer({ port: 0, tcpPort: 0, allowOrigin: ['null'] });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** A block as written, but for the ports: tests must not need the usual ones. */
const withPorts = (code: string): string =>
  code
    .replaceAll('localhost:9000', `localhost:${server.port}`)
    .replaceAll("'localhost'", `'localhost:${server.tcpPort}'`);

/** Runs a block in Node; gives what it printed. */
async function run(code: string, name: string): Promise<string> {
  const file = join(folder, name);
  writeFileSync(file, withPorts(code));
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, errors, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  expect([exit, errors]).toEqual([0, '']);
  return out;
}

describe('the README', () => {
  test('begins with the demo hello, as it is', () => {
    expect(blocks('html')[0]).toBe(readFileSync(join(root, 'demo/hello/index.html'), 'utf8'));
  });

  test('has pages that talk to each other, opened as files', async () => {
    const browser = await openBrowser();
    const context = await browser.newContext();
    const pages = blocks('html').slice(1);
    expect(pages).toHaveLength(2);
    const [module = '', classic = ''] = pages;
    const files = [module, classic].map((html, index) => {
      const file = join(folder, `page-${index}.html`);
      writeFileSync(file, withPorts(html));
      return pathToFileURL(file).href;
    });
    const first = await openPage(context, files[0] ?? '');
    await expect.poll(() => server.broker.channels()).toContain('talk');
    const second = await openPage(context, files[1] ?? '');
    await first.page.getByText(/^file_\d{3} says hello from a file$/).waitFor();
    const node = await oocsi.connect(server.tcpUrl, { handle: 'node' });
    await expect
      .poll(async () => {
        node.send('talk', { text: 'hi' });
        return second.page.textContent('#said');
      })
      .toBe('node says hi');
    expect([...first.faults, ...second.faults]).toEqual([]);
    await node.close();
    await browser.close();
  });

  test('has blocks for Node that run as written', async () => {
    const expected = [
      /^connected as script_\d{3}\n$/,
      /^for me: good morning\n[\s\S]*dial_\d{3} 120 \d{4}-[\s\S]*loop: 120\n/,
      /^0 local\n120 remote\n255 local\n255\n$/,
      /^hsl\(120 100% 50%\)\n\{ rgb: 'hsl\(0 100% 50%\)' \}\none says hsl\(240 100% 50%\)\nremote the lamp is unplugged\ntimeout\n$/,
      /^refresh \[\]\njoin \[ 'guest' \]\n\[ 'guest' \]\ntrue\ntrue\nleave \[\]\n$/,
      /^warm: 25 77\n\{ open: true \}\n\{ ring: 3 \}\n$/,
      /^\["subscribe",\{"recipient":"dials:\*\*\*"\}\]\ninvalid\n$/,
      /^connected\nclosed\n$|^not sent to talk\nconnected\nclosed\n$/,
      /^order: tea\n\[ 'bar' \]\norder: water\ntimeout\n$/,
      /^Cannot reach tcp:\/\/localhost:1: nothing answers there/,
      /^ws:\/\/localhost:\d+\/ws tcp:\/\/localhost:\d+\n\[ 'client_\d{8}' \]\n$/,
      /^\[ 'lamp' \]\n$/,
    ];
    const programs = blocks('js');
    expect(programs).toHaveLength(expected.length);
    const printed = await Promise.all(programs.map((code, index) => run(code, `block-${index}.mjs`)));
    for (const [index, pattern] of expected.entries()) expect(printed[index]).toMatch(pattern);
  });

  test('has typed blocks that run, too', async () => {
    const [channels = '', services = ''] = await Promise.all(
      blocks('ts').map(async (code) => (await transform(withPorts(code), { loader: 'ts' })).code),
    );
    expect(await run(channels, 'channels.mjs')).toBe('');
    expect(await run(services, 'services.mjs')).toBe('HSL(120 100% 50%)\n');
  });

  test('names files that exist', () => {
    const links = [...readme.matchAll(/\]\((?<path>[^)#:]+)\)/g)].map(({ groups }) => groups?.['path'] ?? '');
    for (const link of links) expect(readFileSync(join(root, link), 'utf8')).not.toBe('');
  });
});
