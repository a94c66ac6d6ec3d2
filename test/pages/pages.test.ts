import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Message } from '../../src/index';
import type { Server } from '../../src/server/index';
import { builtForNode, openBrowser, openPage, root } from '../helpers/built';
import { createInbox } from '../helpers/inbox';

let oocsi: Awaited<ReturnType<typeof builtForNode>>;
let browser: Browser;
let server: Server;
const site = (): string => `http://localhost:${server.port}`;

beforeAll(async () => {
  [oocsi, browser] = await Promise.all([builtForNode(), openBrowser()]);
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await oocsi.startServer({ port: 0, tcpPort: 0, allowOrigin: ['null'] });
  return () => server.close();
});

/** A folder with the classic script, for a page beside it. */
function folderWithClassic(): string {
  const folder = mkdtempSync(join(tmpdir(), 'oocsi-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  copyFileSync(join(root, 'dist/oocsi.iife.js'), join(folder, 'oocsi.iife.js'));
  return folder;
}

describe('a page', () => {
  test('from a file is told why it may not connect, and connects by the token of the server', async () => {
    const fileToken = 'a-token-that-nobody-guesses';
    await using strict = await oocsi.startServer({ port: 0, tcpPort: 0, fileToken });
    const folder = folderWithClassic();
    const html = '<!doctype html><link rel="icon" href="data:,"><script src="oocsi.iife.js"></script>';
    writeFileSync(join(folder, 'page.html'), html);
    const { page } = await openPage(await browser.newContext(), pathToFileURL(join(folder, 'page.html')).href);
    const told = await page.evaluate(
      `OOCSI.connect('${strict.url}', { handle: 'file' }).catch(({ message }) => message)`,
    );
    expect(told).toBe(
      `The server refused "file": origin null not allowed; serve the page, or connect with the token of the server's option fileToken: /ws?token=….`,
    );
    expect(strict.broker.clients()).toEqual([]);
    const address = `${strict.url}?token=${fileToken}`;
    expect(await page.evaluate(`OOCSI.connect('${address}', { handle: 'file' }).then(({ handle }) => handle)`)).toBe(
      'file',
    );
  });

  test('of a module, and one with the classic script from file://, talk to each other and to Node over TCP', async () => {
    const context = await browser.newContext();
    const module = await openPage(context, `${site()}/`);
    await module.page.addScriptTag({
      type: 'module',
      content: `import { connect } from '/oocsi.js';
        window.heard = [];
        const client = await connect(undefined, { handle: 'module' });
        client.subscribe('colour', ({ sender, data }) => window.heard.push(sender + ' ' + data.n));
        window.client = client;`,
    });

    const folder = folderWithClassic();
    writeFileSync(
      join(folder, 'page.html'),
      `<!doctype html><link rel="icon" href="data:,"><script src="oocsi.iife.js"></script><script>
        window.heard = [];
        OOCSI.connect('${server.url}', { handle: 'classic' }).then((client) => {
          client.subscribe('colour', ({ sender, data }) => window.heard.push(sender + ' ' + data.n));
          window.client = client;
        });
      </script>`,
    );
    const classic = await openPage(context, pathToFileURL(join(folder, 'page.html')).href);
    const node = await oocsi.connect(server.tcpUrl, { handle: 'node' });
    const heard = createInbox<Message>();
    node.subscribe('colour', heard.push);

    for (const { page } of [module, classic]) await page.waitForFunction('window.client');
    // What each sends to itself comes back when the server has dealt with its subscription.
    const settle = `new Promise((resolve) => { client.subscribe(resolve); client.send(client.handle, {}); }).then(() => 1)`;
    for (const { page } of [module, classic]) await page.evaluate(settle);
    await new Promise((resolve) => {
      node.subscribe(resolve);
      node.send('node', {});
    });
    await module.page.evaluate(`client.send('colour', { n: 1 })`);
    await classic.page.evaluate(`client.send('colour', { n: 2 })`);
    const got = await heard.take(2);
    expect(got.map(({ sender, data }) => `${sender} ${data.n}`).sort()).toEqual(['classic 2', 'module 1']);
    node.send('colour', { n: 3 });
    for (const [{ page }, lines] of [
      [module, ['classic 2', 'node 3']],
      [classic, ['module 1', 'node 3']],
    ] as const) {
      await page.waitForFunction('window.heard.length === 2');
      expect(await page.evaluate('window.heard')).toEqual(lines);
    }
    expect([...module.faults, ...classic.faults]).toEqual([]);
    await context.close();
    await node.close();
  });

  test('is told why it cannot connect', async () => {
    const context = await browser.newContext();
    const { page } = await openPage(context, `${site()}/`);
    const attempt = (target: string): Promise<unknown> =>
      page.evaluate(
        `import('/oocsi.js').then(({ connect }) => connect('${target}', { timeout: 5000 })).catch(({ code, message }) => [code, message])`,
      );
    expect(await attempt('ws://127.0.0.1:1/ws')).toEqual([
      'unreachable',
      expect.stringContaining('No web server answers'),
    ]);
    expect(await attempt(`ws://localhost:${server.port}/elsewhere`)).toEqual([
      'protocol',
      expect.stringContaining('but opens no WebSocket (HTTP 404)'),
    ]);
    expect(await attempt('localhost:4444')).toEqual(['unsupported', expect.stringContaining('ws://localhost:9000/ws')]);
    expect(await attempt('tcp://localhost:4444')).toEqual([
      'unsupported',
      expect.stringContaining('ws://localhost:9000/ws'),
    ]);
    await context.close();
  });

  test('that came by https is told so before it dials a ws: address', async () => {
    const context = await browser.newContext();
    await context.route('https://studio.example/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><link rel="icon" href="data:,">' }),
    );
    const { page, faults } = await openPage(context, 'https://studio.example/');
    await page.addScriptTag({ path: join(root, 'dist/oocsi.iife.js') });
    const attempt = `OOCSI.connect('ws://museum.example:9000').catch(({ code, message }) => [code, message])`;
    expect(await page.evaluate(attempt)).toEqual(['unsupported', expect.stringContaining('wss://museum.example:9000')]);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('keeps its handle and its subscriptions when the server comes back', async () => {
    const context = await browser.newContext();
    const { page } = await openPage(context, `${site()}/`);
    await page.evaluate(`import('/oocsi.js').then(async ({ connect }) => {
      window.client = await connect(undefined, { handle: 'stays_####', reconnect: { delay: () => 50 } });
      window.heard = [];
      client.subscribe('colour', ({ data }) => heard.push(data.n));
      window.handle = client.handle;
    })`);
    const { port, tcpPort } = server;
    await server.close();
    await page.waitForFunction(`client.state.status === 'reconnecting'`);
    server = await oocsi.startServer({ port, tcpPort: tcpPort ?? false });
    await page.waitForFunction(`client.state.status === 'connected'`);
    expect(await page.evaluate('client.handle === handle')).toBe(true);
    const node = await oocsi.connect(server.tcpUrl);
    node.send('colour', { n: 1 });
    await page.waitForFunction('heard.length === 1');
    await node.close();
    await context.close();
  });
});
