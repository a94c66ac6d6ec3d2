import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Client } from '../../src/index';
import type { Server } from '../../src/server/index';
import { builtForNode, openBrowser, openPage, root } from '../helpers/built';

// Where a client can live in a browser: rows B7 to B9 of the table of faults.

let oocsi: Awaited<ReturnType<typeof builtForNode>>;
let browser: Browser;
let context: BrowserContext;
let server: Server;
let node: Client;

beforeAll(async () => {
  [oocsi, browser] = await Promise.all([builtForNode(), openBrowser()]);
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await oocsi.startServer({ port: 0, tcpPort: 0, allowOrigin: ['https://studio.example'] });
  node = await oocsi.connect(server.tcpUrl, { handle: 'node' });
  context = await browser.newContext();
  return async () => {
    await context.close();
    await node.close();
    await server.close();
  };
});

/** What a page says of a client that it cannot have. */
const refusal = `({ code, message }) => ({ code, message })`;

describe('two tabs with one handle (B7)', () => {
  async function openTab(options: object, verb = 'connect'): Promise<Page> {
    const { page } = await openPage(context, `http://localhost:${server.port}/`);
    await page.evaluate(`import('/oocsi.js').then(async ({ ${verb} }) => {
      window.heard = [];
      window.fault = undefined;
      try {
        window.client = await ${verb}(undefined, ${JSON.stringify(options)});
        client.subscribe(({ data }) => heard.push(data.n));
      } catch (error) {
        window.fault = (${refusal})(error);
      }
    })`);
    return page;
  }

  const handle = (page: Page): Promise<string> => page.evaluate('client.handle');

  async function hears(page: Page, n: number): Promise<void> {
    await page.evaluate('client.flush()');
    node.send(await handle(page), { n });
    await page.waitForFunction(`heard.at(-1) === ${n}`);
  }

  test('the second one is told so at once, and what to do, and the first one notices nothing', async () => {
    const first = await openTab({ handle: 'lamp' });
    const second = await openTab({ handle: 'lamp' });
    expect(await second.evaluate('fault')).toEqual({
      code: 'refused',
      message: 'The handle "lamp" is taken. Try "lamp_##".',
    });
    expect(server.broker.clients()).toEqual(['node', 'lamp']);
    await hears(first, 1);
    expect(await first.evaluate('client.state.status')).toBe('connected');
  });

  test.each([{ handle: 'lamp_##' }, { handle: 'lamp_42', onHandleTaken: 'suffix' }])(
    'each has one of its own with %j',
    async (options) => {
      const pages = [await openTab(options), await openTab(options)];
      const handles = await Promise.all(pages.map(handle));
      expect(new Set(handles).size).toBe(2);
      for (const name of handles) expect(name).toMatch(/^lamp_\d\d(_\d{4})?$/);
      for (const [n, page] of pages.entries()) await hears(page, n);
    },
  );

  test('the second one may wait, and has it when the first one is closed', async () => {
    const first = await openTab({ handle: 'lamp' });
    const options = { handle: 'lamp', onHandleTaken: 'retry' };
    const second = await openTab(options, 'createClient');
    await second.waitForFunction(`client.state.cause?.code === 'refused'`);
    expect(await second.evaluate('client.state.status')).toBe('connecting');
    await first.close();
    await second.waitForFunction(`client.state.status === 'connected'`);
    await hears(second, 2);
  });
});

describe('a worker (B8)', () => {
  const lines = `
    const { connect } = await import(origin + '/oocsi.js');
    const client = await connect(undefined, { handle: 'worker' });
    client.on('state', ({ status }) => postMessage({ status }));
    client.subscribe('colour', ({ data }) => postMessage(data));
    client.register('sums', 'add', ({ a, b }) => ({ sum: a + b }));
    await client.flush();
    postMessage({ globals: [typeof window, typeof document, client.handle] });
  `;

  test('has a client that hears, answers, and comes back when the server does', async () => {
    const { page, faults } = await openPage(context, `http://localhost:${server.port}/`);
    await page.evaluate(`
      window.said = [];
      const lines = ${JSON.stringify(lines)};
      const file = URL.createObjectURL(new Blob([lines], { type: 'text/javascript' }));
      window.worker = new Worker(file, { type: 'module' });
      worker.onmessage = ({ data }) => said.push(data);
      worker.onerror = ({ message }) => said.push({ message });
    `);
    const said = (): Promise<unknown[]> => page.evaluate('said');
    await page.waitForFunction('said.length === 1');
    expect(await said()).toEqual([{ globals: ['undefined', 'undefined', 'worker'] }]);
    node.send('colour', { n: 1 });
    await page.waitForFunction('said.length === 2');
    expect(await node.call('sums', 'add', { a: 2, b: 3 })).toEqual({ sum: 5 });
    expect(faults).toEqual([]);

    const { port, tcpPort } = server;
    await server.close();
    server = await oocsi.startServer({ port, tcpPort: tcpPort ?? false });
    await page.waitForFunction(`said.at(-1).status === 'connected'`);
    expect(await node.call('sums', 'add', { a: 4, b: 5 }, { timeout: 20_000 })).toEqual({ sum: 9 });
    node.send('colour', { n: 2 });
    await page.waitForFunction('said.at(-1).n === 2');
  });
});

describe('a page that may not go everywhere (B9)', () => {
  /** A page at an address of its own, with the client as a classic script, and how many WebSockets it opened. */
  async function openElsewhere(headers: Record<string, string> = {}): Promise<{ page: Page; sockets: string[] }> {
    const body = '<!doctype html><link rel="icon" href="data:,">';
    await context.route('https://studio.example/**', (route) =>
      route.fulfill({ contentType: 'text/html', headers, body }),
    );
    const { page } = await openPage(context, 'https://studio.example/');
    const sockets: string[] = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    await page.addScriptTag({ path: join(root, 'dist/oocsi.iife.js') });
    return { page, sockets };
  }

  test('because it came by https says so at once, and does not try for ever', async () => {
    const { page, sockets } = await openElsewhere();
    const unsupported = { code: 'unsupported', message: expect.stringContaining('wss://museum.example:9000') };
    expect(await page.evaluate(`OOCSI.connect('ws://museum.example:9000').catch(${refusal})`)).toEqual(unsupported);
    await page.evaluate(`window.client = OOCSI.createClient('ws://museum.example:9000')`);
    expect(await page.evaluate(`client.closed.then(${refusal})`)).toEqual(unsupported);
    expect(await page.evaluate('client.state.status')).toBe('closed');
    expect(sockets).toEqual([]);
  });

  test('reaches a server on its own machine, although it came by https', async () => {
    const { page, sockets } = await openElsewhere();
    await context.grantPermissions(['local-network-access']);
    await page.evaluate(`OOCSI.connect('${server.url}', { handle: 'page' })`);
    expect(server.broker.clients()).toEqual(['node', 'page']);
    expect(sockets).toEqual([server.url]);
  });

  test('because of its policy is told that nothing can be reached', async () => {
    const { page } = await openElsewhere({ 'content-security-policy': "connect-src 'self'" });
    const said = await page.evaluate(`OOCSI.connect('${server.url}').catch(${refusal})`);
    expect(said).toMatchObject({ code: 'unreachable' });
    expect(server.broker.clients()).toEqual(['node']);
  });
});
