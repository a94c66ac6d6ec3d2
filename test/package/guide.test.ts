import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Server } from '../../src/server/index';
import { builtForNode, openBrowser, openPage, root } from '../helpers/built';

/** The pages whose blocks run as they are written. */
const pages = ['README.md', ...readdirSync(join(root, 'docs/guide')).map((file) => `docs/guide/${file}`)];

const blocks = (page: string, language: string): string[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/```(?<language>\w+)\n(?<code>[\s\S]*?)```/g)]
    .filter(({ groups }) => groups?.['language'] === language)
    .map(({ groups }) => groups?.['code'] ?? '');

// Inside the package's folder, so that `oocsi-client` is this package; not tracked.
mkdirSync(join(root, '.tmp'), { recursive: true });
const folder = mkdtempSync(join(root, '.tmp/guide-'));
const fileToken = 'token-of-the-server-here';
let oocsi: Awaited<ReturnType<typeof builtForNode>>;
let server: Server;

beforeAll(async () => {
  oocsi = await builtForNode();
  server = await oocsi.startServer({ port: 0, tcpPort: 0, fileToken });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** A block as written, but for the ports: tests must not need the usual ones. */
const withPorts = (code: string): string =>
  code
    .replaceAll('localhost:9000', `localhost:${server.port}`)
    .replaceAll('token=TOKEN', `token=${fileToken}`)
    .replaceAll("'localhost'", `'localhost:${server.tcpPort}'`);

function start(code: string, name: string) {
  const file = join(folder, name);
  writeFileSync(file, withPorts(code));
  return spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs a block in Node; gives what it printed. */
async function run(code: string, name: string): Promise<string> {
  const child = start(code, name);
  const [out, errors, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  expect([exit, errors]).toEqual([0, '']);
  return out;
}

/** What the programs of each page print, in order. */
const printed: Record<string, readonly RegExp[]> = {
  'docs/guide/calls.md': [
    /^hsl\(120 100% 50%\)\n\{ rgb: 'hsl\(0 100% 50%\)' \}\none says hsl\(240 100% 50%\)\nremote the lamp is unplugged\ntimeout\n$/,
  ],
  'docs/guide/connection.md': [
    /^connected as script_\d{3}\n$/,
    /^connected\nclosed\n$|^not sent to talk\nconnected\nclosed\n$/,
  ],
  'docs/guide/errors.md': [/^Cannot reach tcp:\/\/localhost:1: nothing answers there/],
  'docs/guide/messages.md': [
    /^for me: good morning\n[\s\S]*dial_\d{3} 120 \d{4}-[\s\S]*loop: 120\n/,
    /^warm: 25 77\n\{ open: true \}\n\{ ring: 3 \}\n$/,
    /^\["subscribe",\{"recipient":"dials:\*\*\*"\}\]\ninvalid\n$/,
  ],
  'docs/guide/presence.md': [/^refresh \[\]\njoin \[ 'guest' \]\n\[ 'guest' \]\ntrue\ntrue\nleave \[\]\n$/],
  'docs/guide/reliability.md': [/^order: tea\n\[ 'bar' \]\norder: water\ntimeout\n$/],
  'docs/guide/variables.md': [/^0 local\n120 remote\n255 local\n255\n$/],
};
/** These pages have programs with a test of their own. */
const elsewhere = ['README.md', 'docs/guide/testing.md'];

describe('the README', () => {
  test('has at most 9,000 bytes', () => {
    expect(readFileSync(join(root, 'README.md')).length).toBeLessThanOrEqual(9_000);
  });

  test('begins with lines that work in Node as they are', async () => {
    const [code = '', ...others] = blocks('README.md', 'js');
    expect(others).toEqual([]);
    const first = start(code, 'first.mjs');
    let said = '';
    const heard = new Promise<void>((resolve) => {
      first.stdout.setEncoding('utf8').on('data', (piece: string) => {
        said += piece;
        if (said.includes('\n')) resolve();
      });
    });
    await expect.poll(() => server.broker.channels()).toContain('colour');
    const second = start(code, 'second.mjs');
    await heard;
    expect(said).toMatch(/^lamp_\d{3} says 120\n$/);
    const ends = [first, second].map((child) => once(child, 'exit'));
    for (const child of [first, second]) child.kill();
    await Promise.all(ends);
  });

  test('has a page that says hello to a second window', async () => {
    const [html = '', ...others] = blocks('README.md', 'html');
    expect(others).toEqual([]);
    // Where the README says; the folder is gone again after the test.
    const mine = mkdtempSync(join(root, 'demo/mine-'));
    writeFileSync(join(mine, 'index.html'), html);
    const browser = await openBrowser();
    const context = await browser.newContext();
    const address = `http://localhost:${server.port}/demo/${basename(mine)}/`;
    const first = await openPage(context, address);
    const second = await openPage(context, address);
    await expect.poll(async () => (await oocsiMembers('hello')).length).toBe(2);
    await first.page.getByRole('button', { name: 'Say hello' }).click();
    await second.page.getByText(/client_\d+: Hello!/).waitFor();
    expect([...first.faults, ...second.faults].filter((fault) => !fault.includes('404'))).toEqual([]);
    await browser.close();
    rmSync(mine, { recursive: true });
  });
});

async function oocsiMembers(channel: string): Promise<string[]> {
  const watcher = await oocsi.connect(server.tcpUrl);
  const members = await watcher.members(channel);
  await watcher.close();
  return members;
}

describe('the guide', () => {
  test('has pages that talk to each other, opened as files', async () => {
    const browser = await openBrowser();
    const context = await browser.newContext();
    const [module = '', classic = '', ...others] = blocks('docs/guide/connection.md', 'html');
    expect(others).toEqual([]);
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

  test.each(Object.entries(printed))('%s has programs that run as written', async (page, expected) => {
    const programs = blocks(page, 'js');
    expect(programs).toHaveLength(expected.length);
    const name = page.replaceAll('/', '-');
    const all = await Promise.all(programs.map((code, index) => run(code, `${name}-${index}.mjs`)));
    for (const [index, pattern] of expected.entries()) expect(all[index]).toMatch(pattern);
  });

  test('has no page with programs that nobody runs', () => {
    const withPrograms = pages.filter((page) => blocks(page, 'js').length > 0 && !elsewhere.includes(page));
    expect(withPrograms.sort()).toEqual(Object.keys(printed).sort());
  });

  test('has a server without a network that runs as written', async () => {
    const [, broker = '', ...others] = blocks('docs/guide/testing.md', 'js');
    expect(others).toEqual([]);
    expect(await run(broker, 'broker.mjs')).toMatch(/^\[ 'lamp' \]\n$/);
  });

  test('has typed blocks that run, too', async () => {
    const [channels = '', services = ''] = await Promise.all(
      blocks('docs/guide/types.md', 'ts').map(
        async (code) => (await transform(withPorts(code), { loader: 'ts' })).code,
      ),
    );
    expect(await run(channels, 'channels.mjs')).toBe('');
    expect(await run(services, 'services.mjs')).toBe('HSL(120 100% 50%)\n');
  });
});

describe('the documents', () => {
  const documents = [
    ...pages,
    ...['CONTRIBUTING.md', 'PROTOCOL.md', 'demo/README.md'],
    ...readdirSync(join(root, 'docs'))
      .filter((file) => file.endsWith('.md'))
      .map((file) => `docs/${file}`),
  ];

  test.each(documents)('%s names files and sections that exist', (document) => {
    const text = readFileSync(join(root, document), 'utf8').replace(/```[\s\S]*?```/g, '');
    const links = [...text.matchAll(/\]\((?<path>[^)#:\s]*)#?(?<section>[^)\s:]*)\)/g)].map(({ groups }) => groups);
    for (const link of links) {
      const file = link?.['path'] ? join(root, dirname(document), link['path']) : join(root, document);
      expect(existsSync(file), `${link?.['path']} in ${document}`).toBe(true);
      const section = link?.['section'];
      if (section) expect(sectionsOf(file), `#${section} in ${document}`).toContain(section);
    }
  });

  test.each(['README.md', ...pages.filter((page) => page !== 'README.md')])('%s leads to how it is tested', (page) => {
    expect(readFileSync(join(root, page), 'utf8')).toMatch(/\]\((docs\/|\.\.\/)testing\.md\)/);
  });
});

test('docs/architecture.md names folders and files that exist', () => {
  const text = readFileSync(join(root, 'docs/architecture.md'), 'utf8').replace(/```[\s\S]*?```/g, '');
  const named = [...text.matchAll(/`(?<path>[a-z][\w-]*\/[\w/.-]*)`/g)].map(({ groups }) => groups?.['path'] ?? '');
  const found = (path: string): boolean => [root, join(root, 'src')].some((folder) => existsSync(join(folder, path)));
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((path) => !found(path))).toEqual([]);
});

function sectionsOf(file: string): string[] {
  const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (?<text>.*)$/gm)].map(
    ({ groups }) => groups?.['text'] ?? '',
  );
  return headings.map((text) =>
    text
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
