import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Server } from '../../src/server/index';
import { builtForNode, openBrowser, openPage, root } from '../helpers/built';

let oocsi: Awaited<ReturnType<typeof builtForNode>>;
let browser: Browser;
let context: BrowserContext;
let server: Server;
const demo = (name: string, query = ''): string => `http://localhost:${server.port}/demo/${name}/${query}`;

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
    // The page calls the server as its own address does.
    expect(text).toContain(`ws://localhost:${server.port}/ws`);
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

describe('the demo variables', () => {
  const value = (page: Page, slider: string): Promise<string> => page.locator(`#${slider}`).inputValue();

  test('keeps both sliders equal in all windows, and says where a value was set', async () => {
    const [one, two] = [await openPage(context, demo('variables')), await openPage(context, demo('variables'))];
    for (const { page } of [one, two]) await page.getByText(/Connected as/).waitFor();
    await one.page.getByText('50 local').first().waitFor();

    await one.page.getByLabel('Plain').fill('80');
    await two.page.getByText('80 remote').waitFor();
    expect(await one.page.locator('#plain-value').textContent()).toBe('80 local');
    expect(await value(two.page, 'plain')).toBe('80');

    await two.page.getByLabel('Smoothed').fill('20');
    await one.page.getByText('20 remote').waitFor();
    await expect.poll(() => value(one.page, 'smooth')).toBe('20');
    await two.page.getByText('20 local').waitFor();

    await two.page.getByLabel('Plain').fill('30');
    await one.page.getByText('30 remote').waitFor();
    expect(await value(one.page, 'plain')).toBe('30');
    expect([...one.faults, ...two.faults]).toEqual([]);
  });

  test('smoothes: the value comes after the slider, by small steps', async () => {
    const [one, two] = [await openPage(context, demo('variables')), await openPage(context, demo('variables'))];
    for (const { page } of [one, two]) await page.getByText(/Connected as/).waitFor();
    await two.page.evaluate(`
      window.steps = [];
      const line = document.querySelector('#smooth-value');
      new MutationObserver(() => steps.push(parseInt(line.textContent))).observe(line, { childList: true });
    `);
    await one.page.getByLabel('Smoothed').fill('100');
    await two.page.getByText('100 remote').waitFor();
    // When the mean is 60, there is nothing but 60 in it.
    await one.page.getByLabel('Smoothed').fill('60');
    await two.page.getByText('60 remote').waitFor();
    await one.page.getByLabel('Smoothed').fill('0');
    await two.page.getByText(/^0 remote/).waitFor();
    const steps = (await two.page.evaluate('steps')) as number[];
    expect(steps.slice(steps.indexOf(60))).toEqual(Array.from({ length: 21 }, (_, i) => 60 - 3 * i));
  });

  test('gives both values to a window that is opened later', async () => {
    const one = await openPage(context, demo('variables'));
    await one.page.getByText(/Connected as/).waitFor();
    await one.page.getByLabel('Plain').fill('70');
    await one.page.getByLabel('Smoothed').fill('10');
    await one.page.getByText('10 local').waitFor();
    const two = await openPage(context, demo('variables'));
    await two.page.getByText('70 remote').waitFor();
    await two.page.getByText('10 remote').waitFor();
    expect([await value(two.page, 'plain'), await value(two.page, 'smooth')]).toEqual(['70', '10']);
  });

  test('draws a line for each value', async () => {
    const { page, faults } = await openPage(context, demo('variables'));
    await page.getByText(/Connected as/).waitFor();
    await page.getByLabel('Plain').fill('90');
    const drawn = `['--plain', '--smooth'].every((name) => {
      const colour = getComputedStyle(document.documentElement).getPropertyValue(name);
      const canvas = document.querySelector('canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const wanted = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
      return data.some((_, i) => i % 4 === 0 && wanted.every((part, k) => Math.abs(data[i + k] - part) < 8));
    })`;
    await page.waitForFunction(drawn);
    expect(faults).toEqual([]);
  });
});

describe('the demo calls', () => {
  test('shows the answer of a Node script and its time, a timeout, and the error of the script', async () => {
    const responder = spawn(process.execPath, [join(root, 'demo/calls/responder.js'), server.tcpUrl ?? '']);
    onTestFinished(() => void responder.kill('SIGKILL'));
    const { page, faults } = await openPage(context, demo('calls'));
    await page.getByText(/Connected as/).waitFor();
    const node = await oocsi.connect(server.tcpUrl);
    await expect.poll(() => node.members('dice')).toEqual([expect.stringMatching(/^responder_\d{3}$/)]);

    await page.getByRole('button', { name: 'never answers' }).click();
    await page.getByText('Asking…').waitFor();
    await page.getByRole('button', { name: '6 sides' }).click();
    await page.getByText(/^It is a [1-6]\. It took \d+ ms\.$/).waitFor();
    await page.getByRole('button', { name: '0 sides' }).click();
    await page.getByText(/^A die with 0 sides cannot be rolled\. \(remote, after \d+ ms\)$/).waitFor();
    await page
      .getByText(/^Is "ponder" registered on dice\? It did not answer within 2000 ms\. \(timeout, after 2\d{3} ms\)$/)
      .waitFor();
    expect(faults).toEqual([]);

    await node.close();
    responder.kill();
    expect(await once(responder, 'exit')).toEqual([0, null]);
  });

  test('says so when no script is there to answer', async () => {
    const { page, faults } = await openPage(context, demo('calls'));
    await page.getByText(/Connected as/).waitFor();
    await page.getByRole('button', { name: '6 sides' }).click();
    await page.getByText(/Is "roll" registered on dice\? It did not answer/).waitFor();
    expect(faults).toEqual([]);
  });
});

describe('the demo who', () => {
  const members = (page: Page): Promise<string[]> => page.locator('#members li').allTextContents();

  test('shows who comes and who leaves, and which of them is you', async () => {
    const anna = await openPage(context, demo('who', '?name=anna'));
    await expect.poll(() => members(anna.page)).toEqual(['anna (you)']);
    const ben = await openPage(context, demo('who', '?name=ben'));
    await expect.poll(() => members(ben.page)).toEqual(['anna', 'ben (you)']);
    await anna.page.getByText('ben came.').waitFor();
    expect(await members(anna.page)).toEqual(['anna (you)', 'ben']);
    await ben.page.close();
    await anna.page.getByText('ben left.').waitFor();
    expect(await members(anna.page)).toEqual(['anna (you)']);
    expect([...anna.faults, ...ben.faults]).toEqual([]);
  });

  test('takes the name that you choose, without what a handle cannot hold, and digits when it is taken', async () => {
    const one = await openPage(context, demo('who'));
    await expect.poll(() => members(one.page)).toEqual([expect.stringMatching(/^guest_\d{3} \(you\)$/)]);
    await one.page.getByLabel('Your name').fill('Anna B.');
    await one.page.getByRole('button').click();
    await expect.poll(() => members(one.page)).toEqual(['Anna_B_ (you)']);
    const two = await openPage(context, demo('who', '?name=Anna_B_'));
    await expect.poll(() => members(two.page)).toEqual(['Anna_B_', expect.stringMatching(/^Anna_B__\d{4} \(you\)$/)]);
    expect([...one.faults, ...two.faults]).toEqual([]);
  });

  test('is right again after the connection was lost', async () => {
    const { page } = await openPage(context, demo('who', '?name=anna'));
    await expect.poll(() => members(page)).toEqual(['anna (you)']);
    const { port, tcpPort } = server;
    await server.close();
    await page.getByText(/Connection lost, trying again/).waitFor();
    server = await oocsi.startServer({ port, tcpPort: tcpPort ?? false });
    const ben = await openPage(context, demo('who', '?name=ben'));
    await page.getByText(/Connected again as/).waitFor();
    await expect.poll(() => members(page)).toEqual(['anna (you)', 'ben']);
    expect(ben.faults).toEqual([]);
  });
});
