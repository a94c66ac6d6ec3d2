import type { CDPSession, Page, WebSocket } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Client } from '../../src/index';
import type { Server } from '../../src/server/index';
import { builtForNode } from '../helpers/built';
import { openPlainBrowser, type PlainBrowser } from '../helpers/plain-browser';
import { createVirtualClock } from '../helpers/virtual-clock';

// What happens to a page while its client lives: rows B1 to B6 of the table of faults, in a real Chromium.

let oocsi: Awaited<ReturnType<typeof builtForNode>>;
let browser: PlainBrowser;
/** Names under which the pages of this test find their server. */
const hostNames = ['studio.test'];
let server: Server;
let node: Client;

beforeAll(async () => {
  [oocsi, browser] = await Promise.all([builtForNode(), openPlainBrowser()]);
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await oocsi.startServer({ port: 0, tcpPort: 0, hostNames });
  node = await oocsi.connect(server.tcpUrl, { handle: 'node' });
});
afterEach(async () => {
  await Promise.all(browser.context.pages().map((page) => page.close()));
  await node.close();
  await server.close();
});

// A name of this machine that does not say so: a page on localhost is never offline.
const site = (): string => `http://studio.test:${server.port}`;
const connected = (handle: string): boolean => server.broker.clients().includes(handle);

/** Waits until the server knows the handle, or no longer does; gives the time. */
async function whenConnected(handle: string, is = true): Promise<number> {
  await expect.poll(() => connected(handle), { interval: 2 }).toBe(is);
  return Date.now();
}

/** A page in front that tells in `log` what happens to it, when, and in what order. */
async function openTab(before = ''): Promise<Page> {
  const page = await browser.context.newPage();
  await page.goto(`${site()}/`);
  await page.evaluate(`
    window.log = [];
    window.heard = [];
    for (const name of ['pagehide', 'pageshow', 'freeze', 'resume', 'online', 'offline', 'visibilitychange']) {
      addEventListener(name, ({ persisted }) => log.push({ name, persisted, at: Date.now() }), { capture: true });
    }
    ${before}
  `);
  return page;
}

/** A page with a client that listens to `colour`, and the WebSocket that it opened. */
async function openClient(handle: string, before?: string): Promise<{ page: Page; socket: WebSocket }> {
  const page = await openTab(before);
  const [socket] = await Promise.all([
    page.waitForEvent('websocket'),
    page.evaluate(`import('/oocsi.js').then(async ({ connect }) => {
      window.client = await connect(undefined, { handle: '${handle}', lostAfter: 20 });
      client.on('state', ({ status }) => log.push({ name: status, at: Date.now() }));
      client.on('lost', () => log.push({ name: 'lost', at: Date.now() }));
      client.subscribe('colour', ({ data }) => heard.push(data.n));
      await client.flush();
    })`),
  ]);
  return { page, socket };
}

const log = (page: Page): Promise<{ name: string; persisted?: boolean; at: number }[]> => page.evaluate('log');
const names = async (page: Page): Promise<string[]> => (await log(page)).map(({ name }) => name);

/** Waits until something is so in the page; unlike `waitForFunction`, also where nothing is drawn. */
async function whenSo(page: Page, condition: string): Promise<void> {
  await expect.poll(() => page.evaluate(`Boolean(${condition})`), { interval: 10 }).toBe(true);
}

/** Makes sure that the page sends and hears, under the handle that it had. */
async function expectToWork(page: Page, handle: string): Promise<void> {
  expect(await page.evaluate('client.handle')).toBe(handle);
  await page.evaluate('heard.length = 0; client.flush()');
  const answer = node.next('answers', { timeout: 5_000 });
  await node.flush();
  node.send('colour', { n: 7 });
  await whenSo(page, 'heard.length');
  await page.evaluate(`client.send('answers', { heard })`);
  expect(await answer).toMatchObject({ sender: handle, data: { heard: [7] } });
}

/** Puts another page in front, as when a person goes to another tab. */
async function goToAnotherTab(page: Page): Promise<void> {
  const other = await browser.context.newPage();
  await other.goto(`${site()}/`);
  await other.bringToFront();
  await whenSo(page, `document.visibilityState === 'hidden'`);
}

const driver = (page: Page): Promise<CDPSession> => browser.context.newCDPSession(page);

/** Takes the network from a page, and gives it back. */
async function networkOf(page: Page): Promise<(isThere: boolean) => Promise<void>> {
  const session = await driver(page);
  await session.send('Network.enable');
  return async (isThere) => {
    const speed = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await session.send('Network.emulateNetworkConditions', { offline: !isThere, ...speed });
    await whenSo(page, `navigator.onLine === ${isThere}`);
  };
}

describe('a page behind another tab (B1)', () => {
  test('hears everything, in order', async () => {
    const { page } = await openClient('lamp');
    await goToAnotherTab(page);
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    for (const n of numbers) node.send('colour', { n });
    await whenSo(page, 'heard.length === 200');
    expect(await page.evaluate('heard')).toEqual(numbers);
    await expectToWork(page, 'lamp');
    expect(await names(page)).toEqual(['visibilitychange']);
  });

  test('answers each ping, so that it is there for as long as it likes', async () => {
    await server.close();
    const clock = createVirtualClock();
    server = await oocsi.startServer({ port: 0, tcpPort: 0, clock, hostNames });
    try {
      const { page, socket } = await openClient('lamp');
      await goToAnotherTab(page);
      // A server gives up after two minutes of silence.
      for (let seconds = 0; seconds < 300; seconds += 10) {
        const answered = socket.waitForEvent('framesent', ({ payload }) => payload === '.');
        await clock.advance(10_000);
        await answered;
      }
      expect([connected('lamp'), await names(page)]).toEqual([true, ['visibilitychange']]);
    } finally {
      const closing = server.close();
      await clock.advance(1_000);
      await closing;
    }
  });
});

describe('a page without a network (B3)', () => {
  test('keeps its connection, asks when the network is back whether it lives, and has lost nothing', async () => {
    const { page, socket } = await openClient('lamp');
    const setNetwork = await networkOf(page);
    const hello = node.next('hello', { timeout: 20_000 });
    await node.flush();
    await setNetwork(false);
    node.send('colour', { n: 1 });
    expect(await page.evaluate(`client.send('hello', { text: 'from a tunnel' })`)).toBe('sent');
    expect(await names(page)).toEqual(['offline']);
    // Sooner than it would ask in silence.
    const asked = socket.waitForEvent('framesent', {
      predicate: ({ payload }) => String(payload).includes('_ECHO'),
      timeout: 5_000,
    });
    await setNetwork(true);
    await asked;
    expect((await hello).data).toEqual({ text: 'from a tunnel' });
    await whenSo(page, 'heard.length');
    await expectToWork(page, 'lamp');
    expect(await names(page)).toEqual(['offline', 'online']);
  });

  test('waits calmly when its connection is gone, and dials as soon as the network is back', async () => {
    const { page } = await openClient('lamp');
    const setNetwork = await networkOf(page);
    const { port, tcpPort } = server;
    await server.close();
    await whenSo(page, `client.state.status === 'reconnecting'`);
    await setNetwork(false);
    await whenSo(page, 'client.state.retryAt > Date.now() + 15_000');
    const planned = await page.evaluate('client.state.retryAt');
    server = await oocsi.startServer({ port, tcpPort: tcpPort ?? false, hostNames });
    await setNetwork(true);
    expect(await whenConnected('lamp')).toBeLessThan(Number(planned));
    await expectToWork(page, 'lamp');
  });
});

describe('a page that waits long for its server', () => {
  const open = `import('/oocsi.js').then(({ createClient }) => {
    window.client = createClient(undefined, { handle: 'lamp', reconnect: { delay: () => 600_000 } });
    return new Promise((resolve) => client.on('state', ({ status }) => status === 'connected' && resolve()));
  })`;

  test.each<[string, (page: Page) => Promise<unknown>]>([
    ['a click', (page) => page.mouse.click(5, 5)],
    ['a key', (page) => page.keyboard.press('a')],
    ['a message that it sends', (page) => page.evaluate(`client.send('hello', {})`)],
  ])('dials at once on %s', async (_what, act) => {
    const page = await openTab();
    await page.evaluate(open);
    const { port, tcpPort } = server;
    await server.close();
    await whenSo(page, `client.state.status === 'reconnecting'`);
    server = await oocsi.startServer({ port, tcpPort: tcpPort ?? false, hostNames });
    await act(page);
    await whenSo(page, `client.state.status === 'connected'`);
    expect(connected('lamp')).toBe(true);
  });
});

describe('a page that is left for another one (B4)', () => {
  // Safari and Firefox have a back/forward cache, too, but know nothing of these events.
  const without = `for (const name of ['freeze', 'resume', 'visibilitychange']) {
    addEventListener(name, (event) => event.stopImmediatePropagation(), { capture: true });
  }`;

  test.each([
    ['', ''],
    [', where nothing but pagehide and pageshow tells of it', without],
  ])('closes its connection, and is connected again when the user comes back%s', async (_where, before) => {
    const { page } = await openClient('lamp', before);
    const goneAt = whenConnected('lamp', false);
    await page.goto(`${site()}/?elsewhere`);
    const closed = await goneAt;
    await page.goBack({ waitUntil: 'commit' });
    await whenConnected('lamp');
    await whenSo(page, `client.state.status === 'connected'`);
    const told = await log(page);
    // The page is the one that was left, from the cache, and closed its connection before it was frozen.
    expect(told.find(({ name }) => name === 'pageshow')?.persisted).toBe(true);
    expect(told.slice(0, 2)).toMatchObject([{ name: 'pagehide', persisted: true }, { name: 'reconnecting' }]);
    const late = closed - (told[0]?.at ?? 0);
    console.log(`the server saw the close ${late} ms after the page was left`);
    expect(late).toBeLessThan(1_000);
    await expectToWork(page, 'lamp');
    expect((await names(page)).filter((name) => /ing$|ed$|^lost$/.test(name))).toEqual(['reconnecting', 'connected']);
  });

  test('has no listener that would keep it out of the cache', async () => {
    const { page } = await openClient('lamp');
    const session = await driver(page);
    const { result } = await session.send('Runtime.evaluate', { expression: 'window' });
    const { listeners } = await session.send('DOMDebugger.getEventListeners', { objectId: result.objectId ?? '' });
    const types = new Set(listeners.map(({ type }) => type));
    expect(types).toContain('pagehide');
    expect([...types].filter((type) => type.includes('unload'))).toEqual([]);
  });
});

describe('a page that the browser freezes (B5)', () => {
  test('closes its connection, and is connected again as soon as it goes on', async () => {
    const { page } = await openClient('lamp');
    await goToAnotherTab(page);
    const session = await driver(page);
    const goneAt = whenConnected('lamp', false);
    await session.send('Page.setWebLifecycleState', { state: 'frozen' });
    const closed = await goneAt;
    await session.send('Page.setWebLifecycleState', { state: 'active' });
    await whenConnected('lamp');
    await whenSo(page, `client.state.status === 'connected'`);
    const told = await log(page);
    expect(told.map(({ name }) => name)).toEqual(['visibilitychange', 'freeze', 'reconnecting', 'resume', 'connected']);
    console.log(`the server saw the close ${closed - (told[1]?.at ?? 0)} ms after the page was frozen`);
    await expectToWork(page, 'lamp');
  });
});

describe('a tab that is closed (B6)', () => {
  test('asks nothing of its user, and is gone at once for the server and for those who watch', async () => {
    const { page } = await openClient('lamp');
    const watched = node.presence('colour');
    for await (const { type } of watched) if (type === 'refresh') break;
    const left = (async () => {
      for await (const { type } of watched) if (type === 'leave') return Date.now();
    })();
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => dialogs.push(dialog.type()));
    const closed = page.waitForEvent('close');
    const start = Date.now();
    await page.close({ runBeforeUnload: true });
    console.log(`the server saw the close ${(await whenConnected('lamp', false)) - start} ms after the tab was closed`);
    expect(Number(await left)).toBeGreaterThanOrEqual(start);
    await closed;
    expect(dialogs).toEqual([]);
  });
});
