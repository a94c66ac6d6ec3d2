import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Client } from '../../src/index';
import type { Server } from '../../src/server/index';
import { builtForNode, openBrowser, root } from '../helpers/built';

// What a user sees of the demos while their server is stopped and started again.

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
  server = await oocsi.startServer({ port: 0, tcpPort: 0 });
  node = await oocsi.connect(server.tcpUrl, { handle: 'node', reconnect: { delay: () => 50 } });
  context = await browser.newContext({ viewport: { width: 390, height: 800 } });
  // Time goes on by itself, and can be made to jump.
  await context.clock.install();
  return async () => {
    await context.close();
    await node.close();
    await server.close();
  };
});

async function openDemo(name: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`http://localhost:${server.port}/demo/${name}`);
  await page.getByText(/connected as/i).waitFor();
  return page;
}

async function startServerAgain(): Promise<void> {
  const { port, tcpPort } = server;
  server = await oocsi.startServer({ port, tcpPort: tcpPort ?? false });
}

const banner = (page: Page): Locator => page.locator('.banner');
const saying = (page: Page, text: string): Promise<void> => banner(page).filter({ hasText: text }).waitFor();

/** Lets so much time pass in a page that what has been lost now is lost for a while. */
async function waitForLoss(page: Page): Promise<void> {
  // The page soon says something else, which is why the next attempt failed.
  await page.waitForFunction(`!/connected (again )?as/i.test(document.querySelector('.status').textContent)`);
  await context.clock.fastForward(5_000);
  await saying(page, 'The connection is lost. This page keeps trying.');
}

async function waitForReturn(...pages: Page[]): Promise<void> {
  // Their next attempts need not be waited for. All pages share one clock: what one of them says goes away with time.
  await context.clock.fastForward(5_000);
  await Promise.all(pages.map((page) => saying(page, 'The connection is back.')));
  await Promise.all(pages.map((page) => page.getByText(/connected (again )?as/i).waitFor()));
}

/** Runs the script of a demo until the test is over. */
function runScript(path: string): void {
  const script = spawn(process.execPath, [join(root, 'demo', path), server.tcpUrl ?? ''], { stdio: 'ignore' });
  onTestFinished(() => void script.kill());
}

/** What the Node client hears next; the inner promise is there once the server knows that it listens. */
async function hear(channel: string): Promise<{ readonly message: Promise<unknown> }> {
  const message = node.next(channel).then(({ data }) => data);
  await node.flush();
  return { message };
}

describe('while the server is away, each demo says so, and then works again:', () => {
  async function restart(...pages: Page[]): Promise<void> {
    for (const page of pages) expect(await banner(page).textContent()).toBe('');
    await server.close();
    for (const page of pages) await waitForLoss(page);
    await startServerAgain();
    await waitForReturn(...pages);
    await context.clock.fastForward(6_000);
    for (const page of pages) expect(await banner(page).textContent()).toBe('');
    await expect.poll(() => node.state.status).toBe('connected');
  }

  test('hello', async () => {
    const page = await openDemo('hello/');
    await restart(page);
    const { message } = await hear('hello');
    await page.getByRole('button').click();
    expect(await message).toEqual({ text: 'Hello!' });
    node.send('hello', { text: 'Good evening!' });
    await page.getByText('node: Good evening!').waitFor();
  });

  test('colour', async () => {
    const page = await openDemo('colour/');
    await restart(page);
    const { message } = await hear('colourChannel');
    await page.locator('#hue').fill('30');
    expect(await message).toEqual({ color: 30 });
    node.send('colourChannel', { color: 77 });
    await page.getByText('Set by node.').waitFor();
    expect(await page.locator('#hue').inputValue()).toBe('77');
  });

  test('live', async () => {
    const page = await openDemo('live/');
    runScript('live/sensor.js');
    const name = page.getByRole('heading', { name: /^sensor_\d{3}$/ });
    await name.waitFor();
    await restart(page);
    await name.waitFor();
  });

  test('variables', async () => {
    const [one, two] = [await openDemo('variables/'), await openDemo('variables/')];
    await restart(one, two);
    await one.getByLabel('Plain').fill('80');
    await two.getByText('80 remote').waitFor();
    await two.getByLabel('Smoothed').fill('20');
    await one.getByText('20 remote').waitFor();
  });

  test('calls', async () => {
    runScript('calls/responder.js');
    const page = await openDemo('calls/');
    await expect.poll(() => node.members('dice')).toHaveLength(1);
    await restart(page);
    await expect.poll(() => node.members('dice')).toHaveLength(1);
    await page.getByRole('button', { name: '6 sides' }).click();
    await page.getByText(/^It is a [1-6]\./).waitFor();
  });

  test('who', async () => {
    const members = (page: Page): Promise<string[]> => page.locator('#members li').allTextContents();
    const [anna, ben] = [await openDemo('who/?name=anna'), await openDemo('who/?name=ben')];
    await expect.poll(() => members(anna)).toEqual(['anna (you)', 'ben']);
    await restart(anna, ben);
    await expect.poll(() => members(anna)).toEqual(['anna (you)', 'ben']);
    await expect.poll(() => members(ben)).toEqual(['anna', 'ben (you)']);
    await openDemo('who/?name=carla');
    await anna.getByText('carla came.').waitFor();
    await ben.close();
    await anna.getByText('ben left.').waitFor();
    expect(await members(anna)).toEqual(['anna (you)', 'carla']);
  });
});

describe('the banner', () => {
  test('does not come for a short gap', async () => {
    const page = await openDemo('colour/');
    await page.evaluate(`
      window.said = [];
      new MutationObserver(() => said.push(document.querySelector('.banner').textContent))
        .observe(document.querySelector('.banner'), { childList: true, subtree: true });
    `);
    await server.close();
    await page.getByText('Connection lost').waitFor();
    await startServerAgain();
    await page.getByText('Connected again').waitFor();
    await context.clock.fastForward(60_000);
    expect(await page.evaluate('said')).toEqual([]);
  });

  test.each(['colour/', 'variables/', 'calls/', 'who/'])('moves nothing on the page %s', async (name) => {
    const page = await openDemo(name);
    const places = (): Promise<unknown> =>
      page.evaluate(`[...document.querySelectorAll('h1, input, button, .status')].map((it) => {
        const { top, left, width } = it.getBoundingClientRect();
        return [it.tagName, top, left, width].join(' ');
      })`);
    const before = await places();
    await server.close();
    await waitForLoss(page);
    expect(await places()).toEqual(before);
    await startServerAgain();
    await waitForReturn(page);
    expect(await places()).toEqual(before);
  });

  test('is read aloud, and nothing else says the same', async () => {
    const page = await openDemo('colour/');
    await server.close();
    await waitForLoss(page);
    const live = `[...document.querySelectorAll('output, [role=status], [aria-live]')]
      .filter((it) => it.getAttribute('aria-live') !== 'off').map((it) => it.className)`;
    expect(await page.evaluate(live)).toEqual(['banner']);
    await page.getByRole('status').filter({ hasText: 'The connection is lost.' }).waitFor();
    // What lies below it can still be clicked.
    const covers = `document.elementFromPoint(innerWidth / 2, innerHeight - 30).closest('.banner')`;
    expect(await page.evaluate(covers)).toBe(null);
  });

  test('says why, and how much could not be sent', async () => {
    const page = await openDemo('hello/');
    await server.close();
    await page.waitForFunction(`document.querySelector('.status').textContent.includes('Is it running?')`);
    for (let n = 0; n < 3; n++) await page.getByRole('button').click();
    await context.clock.fastForward(5_000);
    await saying(page, `No web server answers at ws://localhost:${server.port}/ws. Is it running?`);
    // What waits for a connection waits half a minute.
    await context.clock.fastForward(30_000);
    await startServerAgain();
    await saying(page, 'The connection is back. 3 of your messages could not be sent.');
  });

  /** The start page, which has no client, with one and its banner. */
  async function openWithClient(url: string, handle: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`http://localhost:${server.port}/`);
    await page.evaluate(`Promise.all([import('/oocsi.js'), import('/demo/banner.js')])
      .then(([{ createClient }, { showBanner }]) => {
        window.client = createClient('${url}', { handle: '${handle}' });
        showBanner(client);
      })`);
    return page;
  }

  test('comes, too, when there never was a connection, and says so when there is one', async () => {
    let other = await oocsi.startServer({ port: 0, tcpPort: false });
    onTestFinished(() => other.close());
    const { port, url } = other;
    await other.close();
    const page = await openWithClient(url, 'lamp');
    await page.waitForFunction('client.state.cause');
    await context.clock.fastForward(5_000);
    await saying(page, 'There is no connection yet. This page keeps trying.');
    other = await oocsi.startServer({ port, tcpPort: false });
    await saying(page, 'The connection is there.');
  });

  test('stays when a client gives up, and says why', async () => {
    const page = await openWithClient(server.url, 'node');
    await saying(page, 'This page is not connected any more. The handle "node" is taken.');
    await context.clock.fastForward(60_000);
    await saying(page, 'This page is not connected any more. The handle "node" is taken.');
  });
});
