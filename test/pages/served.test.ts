import { createServer } from 'node:http';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Message } from '../../src/index';
import type { Server } from '../../src/server/index';
import { builtForNode, openBrowser, openPage } from '../helpers/built';
import { createInbox } from '../helpers/inbox';
import { listening } from '../helpers/listening';
import { openPlainBrowser } from '../helpers/plain-browser';

let oocsi: Awaited<ReturnType<typeof builtForNode>>;
let browser: Browser;
let server: Server;

const votingPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<link rel="icon" href="data:,">
<title>Vote</title>
<script type="module">
  import { connect } from '/oocsi.js';
  window.oocsi = await connect(undefined, { handle: 'voter_###' });
  window.connect = connect;
  oocsi.send('votes', { choice: 'a' });
</script>`;

beforeAll(async () => {
  [oocsi, browser] = await Promise.all([builtForNode(), openBrowser()]);
});
afterAll(() => browser.close());
beforeEach(async () => {
  server = await oocsi.startServer({ port: 0, tcpPort: 0, hostNames: ['oocsi.test'] });
  return () => server.close();
});

/** A client that answers with a page, and what comes to the channel of its votes. */
async function openApp() {
  const app = await oocsi.connect(server.tcpUrl, { handle: 'app' });
  onTestFinished(() => app.close());
  app.register('app', 'vote.html', () => ({ html: votingPage }));
  const votes = createInbox<Message>();
  app.subscribe('votes', votes.push);
  await app.flush();
  return votes;
}

/** Another site, which answers each path with one page. */
async function openSite(html: string): Promise<number> {
  const site = await listening(
    createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end(html)),
  );
  onTestFinished(site.close);
  return site.port;
}

const told = (page: Page): Promise<unknown> => page.waitForFunction('window.told').then((found) => found.jsonValue());

describe('a page that the server hands out from a client', () => {
  test('connects, again and again, while its sandbox keeps it from the rest', async () => {
    const votes = await openApp();
    const context = await browser.newContext();
    const { page, faults } = await openPage(context, `http://localhost:${server.port}/app/vote.html`);
    const vote = await votes.next();
    expect([vote.sender, vote.data]).toEqual([expect.stringMatching(/^voter_\d{3}$/), { choice: 'a' }]);
    expect(await page.evaluate('self.origin')).toBe('null');
    expect(await page.evaluate('document.compatMode')).toBe('CSS1Compat');
    const storage = await page.evaluate(
      `(() => { try { return localStorage; } catch (error) { return error.name; } })()`,
    );
    expect(storage).toBe('SecurityError');
    const again = await page.evaluate(
      `oocsi.close().then(() => connect(undefined, { handle: 'again' })).then((c) => c.handle)`,
    );
    expect(again).toBe('again');
    expect(faults).toEqual([]);
    await page.reload();
    expect((await votes.next()).data).toEqual({ choice: 'a' });
    await context.close();
  });

  test('is refused when it has no token, and says what to do', async () => {
    await openApp();
    const context = await browser.newContext();
    const { page } = await openPage(context, `http://localhost:${server.port}/app/vote.html`);
    await page.waitForFunction('window.connect');
    const attempt = `connect(undefined, { handle: 'late' }).catch(({ code, message }) => [code, message])`;
    await page.evaluate(`document.querySelector('meta[name=oocsi-token]').content = 'of-an-earlier-server-of-here'`);
    expect(await page.evaluate(attempt)).toEqual([
      'refused',
      'The server refused "late": the token is not valid any more; load the page again, or take the address that the server shows now.',
    ]);
    await page.evaluate(`document.querySelector('meta[name=oocsi-token]').remove()`);
    expect(await page.evaluate(attempt)).toEqual(['refused', expect.stringContaining('origin null not allowed')]);
    await context.close();
  });

  test('asks first where the browser does not say that a person opened it, and then connects', async () => {
    const votes = await openApp();
    const plain = await openPlainBrowser();
    onTestFinished(() => plain.close());
    const { page } = await openPage(plain.context, `http://oocsi.test:${server.port}/app/vote.html`);
    expect(await page.textContent('body')).toContain('does something on this OOCSI server');
    expect(server.broker.clients()).toEqual(['app']);
    await page.getByRole('link').click();
    expect((await votes.next()).data).toEqual({ choice: 'a' });
  });
});

describe('another site', () => {
  test('is refused in a sandboxed frame, whose origin is null, too', async () => {
    const frame = `<script src="http://localhost:${server.port}/oocsi.iife.js"></script><script>
      OOCSI.connect('${server.url}', { handle: 'frame' }).then(() => 'connected', ({ code }) => code)
        .then((told) => parent.postMessage(told, '*'));
    </script>`;
    const port = await openSite(`<!doctype html><link rel="icon" href="data:,">
      <script>addEventListener('message', ({ data }) => { window.told = data; });</script>
      <iframe sandbox="allow-scripts" srcdoc="${frame.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"></iframe>`);
    const context = await browser.newContext();
    const { page } = await openPage(context, `http://127.0.0.1:${port}/`);
    expect(await told(page)).toBe('refused');
    expect(server.broker.clients()).toEqual([]);
    await context.close();
  });

  test('changes nothing by images, scripts, frames and requests that hide where they come from', async () => {
    const votes = await openApp();
    const plain = await openPlainBrowser();
    onTestFinished(() => plain.close());
    const to = `http://oocsi.test:${server.port}`;
    const { messagesIn } = server.stats();
    const port = await openSite(`<!doctype html><link rel="icon" href="data:,">
      <meta name="referrer" content="no-referrer">
      <script>
        const tried = ['img', 'script', 'iframe'].map((tag) => new Promise((resolve) => {
          const element = document.createElement(tag);
          element.onload = element.onerror = resolve;
          element.src = '${to}/send/votes/' + tag;
          document.documentElement.append(element);
        }));
        for (const Accept of ['*/*', 'text/html', 'text/event-stream']) {
          tried.push(fetch('${to}/send/votes/fetch', { mode: 'no-cors', headers: { Accept } }).catch(() => undefined));
        }
        tried.push(fetch('${to}/send/votes', { mode: 'no-cors', method: 'POST', body: '{}' }).catch(() => undefined));
        Promise.all(tried).then(() => { window.told = 'tried'; });
      </script>`);
    const { page } = await openPage(plain.context, `http://evil.test:${port}/`);
    expect(await told(page)).toBe('tried');
    expect(server.stats().messagesIn).toBe(messagesIn);
    expect(votes.waiting).toEqual([]);
  });

  test('of this server listens by events, and asks by fetch, also where browsers say no site', async () => {
    await openApp();
    const plain = await openPlainBrowser();
    onTestFinished(() => plain.close());
    const { page } = await openPage(plain.context, `http://oocsi.test:${server.port}/`);
    await page.evaluate(
      `new Promise((resolve) => { new EventSource('/subscribe/votes').onopen = resolve; }).then(() => 1)`,
    );
    expect(await page.evaluate(`fetch('/send/votes/1').then((answer) => answer.text())`)).toBe('Sent to votes.\n');
  });
});
