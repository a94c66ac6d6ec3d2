import { chromium } from 'playwright';
import { chromiumPath } from '../../scripts/chromium.js';
import { startOnOneCore } from './places.js';

/** @type {Promise<import('playwright').BrowserServer> | undefined} */
let running;

/**
 * Where pages are opened: in one Chromium for all of them, as no two are equally fast.
 *
 * @returns {Promise<string>} the address that a child connects to
 */
export async function browserAddress() {
  running ??= startOnOneCore(() =>
    chromium.launchServer({
      executablePath: chromiumPath(),
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking'],
    }),
  );
  return (await running).wsEndpoint();
}

/** Whoever asked for a browser that did not start has been told; what the other cases gave is not to be lost. */
export async function closeBrowser() {
  const browser = await running?.catch(() => undefined);
  await browser?.close();
}
