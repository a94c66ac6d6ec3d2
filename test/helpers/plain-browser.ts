import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type BrowserContext, chromium } from 'playwright';
import { chromiumPath } from '../../scripts/chromium.js';

/** A Chromium that treats its pages as a person's does. */
export interface PlainBrowser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/**
 * Playwright's own launch keeps pages out of the back/forward cache, and lets each believe that it is in front. This
 * Chromium does neither, and finds every host under `.test` on this machine.
 */
export async function openPlainBrowser(): Promise<PlainBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'oocsi-chromium-'));
  const child = spawn(
    chromiumPath() ?? 'chromium',
    [
      '--headless=new',
      '--remote-debugging-port=0',
      `--user-data-dir=${folder}`,
      '--host-resolver-rules=MAP *.test 127.0.0.1',
      '--no-sandbox',
      '--no-first-run',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--password-store=basic',
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  const gone = once(child, 'exit');
  // With all its helpers, so that none of them writes into a folder that is removed.
  const end = (): void => void process.kill(-Number(child.pid), 'SIGKILL');
  process.once('exit', end);

  const browser = await chromium.connectOverCDP(await addressIn(child.stderr), { noDefaults: true });
  const [context] = browser.contexts();
  if (!context) throw new Error('this Chromium has no window');

  return {
    context,
    async close() {
      process.off('exit', end);
      end();
      await gone;
      await rm(folder, { recursive: true, maxRetries: 5 });
    },
  };
}

/** Where a Chromium that just started says that it can be driven. */
async function addressIn(output: NodeJS.ReadableStream): Promise<string> {
  const lines = createInterface(output);
  for await (const line of lines) {
    const address = /^DevTools listening on (?<url>ws:\S+)$/.exec(line)?.groups?.['url'];
    if (!address) continue;
    // What it says later is for nobody, but must not fill its pipe.
    output.resume();
    return address;
  }
  throw new Error('Chromium ended before it could be driven');
}
