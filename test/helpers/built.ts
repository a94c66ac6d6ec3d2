import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { chromiumPath } from '../../scripts/chromium.js';

/** The folder of the package. */
export const root = join(import.meta.dirname, '../..');

function built(file: string): string {
  const path = join(root, 'dist', file);
  if (!existsSync(path)) throw new Error('these tests use what was built: run npm run build first');
  return pathToFileURL(path).href;
}

/** The client and the server as they were built for Node. */
export async function builtForNode(): Promise<
  typeof import('../../src/index') & typeof import('../../src/server/index')
> {
  const client: typeof import('../../src/index') = await import(built('node/index.js'));
  const server: typeof import('../../src/server/index') = await import(built('node/server.js'));
  return { ...client, ...server };
}

/** A Chromium of its own. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-background-networking'],
  });
}

/** A page, and what went wrong in it. */
export async function openPage(context: BrowserContext, url: string): Promise<{ page: Page; faults: string[] }> {
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  await page.goto(url);
  return { page, faults };
}
