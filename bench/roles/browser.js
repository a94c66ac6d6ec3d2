// A page in Chromium, with the verbs of `client.js`.
import { chromium } from 'playwright';
import { now } from '../kit/clock.js';

/** @type {import('playwright').Browser | undefined} */
let browser;
/** @type {import('playwright').Page} */
let page;
/** What the clock of the page shows less than ours, in ms. */
let behind = 0;

/** @param {{ driver: string, address: string, browser: string }} options */
export async function open({ driver, address, browser: place }) {
  browser = await chromium.connect(place);
  page = await browser.newPage();
  await page.goto(address.replace('ws', 'http'));
  await page.waitForFunction('window.bench');
  await page.evaluate((name) => window.bench.open(name), driver);
}

/** The fastest of some questions for the time tells best how far the clocks are apart. */
async function compareClocks() {
  let fastest = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 10; tries++) {
    const before = now();
    const there = await page.evaluate(() => window.bench.now());
    const after = now();
    if (after - before > fastest) continue;
    fastest = after - before;
    behind = (before + after) / 2 - there;
  }
}

export async function subscribe() {
  await compareClocks();
  await page.evaluate(() => window.bench.subscribe());
}

/** @param {{ count: number }} options */
export async function expect({ count }) {
  await page.evaluate((wanted) => window.bench.expect(wanted), count);
}

export async function came() {
  return (await page.evaluate(() => window.bench.came())) + behind;
}

/** @param {{ count: number, perTurn?: number, kind?: string }} options */
export async function send({ count, perTurn = 500, kind = 'small' }) {
  const args = /** @type {const} */ ([count, perTurn, kind]);
  return (await page.evaluate(([all, some, which]) => window.bench.send(all, some, which), args)) + behind;
}

export async function end() {
  await browser?.close();
}
