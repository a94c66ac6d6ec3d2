import type { Browser, BrowserContext } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Server } from '../../src/server/index';
import { builtForNode, openBrowser, openPage } from '../helpers/built';

let oocsi: Awaited<ReturnType<typeof builtForNode>>;
let browser: Browser;
let context: BrowserContext;
let server: Server;
const demo = (name: string): string => `http://localhost:${server.port}/demo/${name}/`;

beforeAll(async () => {
  [oocsi, browser] = await Promise.all([builtForNode(), openBrowser()]);
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await oocsi.startServer({ port: 0, tcpPort: 0 });
  context = await browser.newContext();
  return async () => {
    await context.close();
    await server.close();
  };
});

describe('the start page', () => {
  test('says where to connect, and leads to every demo', async () => {
    const { page, faults } = await openPage(context, `http://localhost:${server.port}/`);
    const text = await page.textContent('body');
    expect(text).toContain(server.url);
    expect(text).toContain(server.tcpUrl);
    for (const href of await page
      .locator('.demos a')
      .evaluateAll((links) => links.map((link) => link.getAttribute('href')))) {
      expect((await page.goto(new URL(href ?? '', page.url()).href))?.status()).toBe(200);
      await page.getByText(/connected as/i).waitFor();
    }
    expect(faults).toEqual([]);
  });
});

describe('the demo hello', () => {
  test('says hello from window to window', async () => {
    const [one, two] = [await openPage(context, demo('hello')), await openPage(context, demo('hello'))];
    for (const { page } of [one, two]) await page.getByText(/connected as client_/).waitFor();
    await one.page.getByRole('button').click();
    await two.page.getByText(/^client_\d{8}: Hello!/).waitFor();
    expect([...one.faults, ...two.faults]).toEqual([]);
  });
});

describe('the demo colour', () => {
  test('sets the colour of every other window, and says who did', async () => {
    const [one, two] = [await openPage(context, demo('colour')), await openPage(context, demo('colour'))];
    for (const { page } of [one, two]) await page.getByText(/Connected as/).waitFor();
    await one.page.locator('#hue').fill('30');
    await two.page.getByText(/Set by client_\d{8}/).waitFor();
    expect(await two.page.locator('#hue').inputValue()).toBe('30');
    expect(await two.page.evaluate('getComputedStyle(document.documentElement).getPropertyValue("--hue")')).toBe('30');
    expect([...one.faults, ...two.faults]).toEqual([]);
  });

  test('says that the connection is lost, and goes on when the server is back', async () => {
    const { page } = await openPage(context, demo('colour'));
    await page.getByText(/Connected as/).waitFor();
    const { port, tcpPort } = server;
    await server.close();
    await page.getByText(/Connection lost, trying again/).waitFor();
    server = await oocsi.startServer({ port, tcpPort: tcpPort ?? false });
    await page.getByText(/Connected again as/).waitFor();
    const node = await oocsi.connect(server.tcpUrl, { handle: 'node' });
    await expect
      .poll(async () => {
        node.send('colourChannel', { color: 77 });
        return page.locator('#hue').inputValue();
      })
      .toBe('77');
    await node.close();
  });
});

describe('the demo live', () => {
  test('draws what a sensor sends over TCP, and names it', async () => {
    const { page, faults } = await openPage(context, demo('live'));
    await page.getByText(/Connected as/).waitFor();
    await page.getByText('node demo/live/sensor.js').first().waitFor();
    const sensor = await oocsi.connect(server.tcpUrl, { handle: 'sensor_007' });
    const stop = setInterval(() => sensor.send('live', { load: 0.42, memory: 0.3 }), 50);
    await page.getByText('sensor_007').first().waitFor();
    await page.getByText('42 %').first().waitFor();
    const inked = `[...document.querySelectorAll('canvas')].some((canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0))`;
    await page.waitForFunction(inked);
    clearInterval(stop);
    await sensor.close();
    expect(faults).toEqual([]);
  });
});
