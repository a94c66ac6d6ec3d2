import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, root } from '../helpers/built';
import { certificate } from '../helpers/certificate';
import { listening } from '../helpers/listening';

let browser: Awaited<ReturnType<typeof openBrowser>>;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

/** A site whose pages have the client, and that answers `status` where its WebSocket is. */
async function openSite(status: number) {
  const client = readFileSync(join(root, 'dist/oocsi.js'));
  return listening(
    createServer(({ url }, response) => {
      if (url === '/oocsi.js') return response.setHeader('Content-Type', 'text/javascript').end(client);
      if (url?.startsWith('/ws')) return response.writeHead(status).end();
      return response.setHeader('Content-Type', 'text/html').end('<!doctype html>');
    }).on('upgrade', (_request, socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)),
  );
}

async function errorIn(port: number, target: string): Promise<unknown> {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${port}/`);
  const error = await page.evaluate(
    `import('/oocsi.js').then((oocsi) => oocsi.connect(${target})).catch(({ code, message, details }) => ({ code, message, details }))`,
  );
  await page.close();
  return error;
}

test.each([
  [502, 'unreachable', 'A proxy answers at', 'but the server behind it does not (HTTP 502)', {}],
  [503, 'refused', '', 'takes no more clients now (HTTP 503). Try again later.', { refusal: 'unavailable' }],
  [403, 'refused', 'The web server at', 'does not let this client in (HTTP 403)', {}],
])('A page is told what HTTP %i of its own server means', async (status, code, start, end, details) => {
  const { port, close } = await openSite(status);
  expect(await errorIn(port, `'ws://127.0.0.1:${port}/ws'`)).toEqual({
    code,
    message: expect.stringMatching(`^${start}.*${end.replace(/[()]/g, '\\$&')}`),
    details: { httpStatus: status, ...details },
  });
  await close();
});

test('A page is told that its browser may not trust a certificate', async () => {
  const { port, close } = await openSite(404);
  const secure = await listening(createSecureServer(certificate));
  expect(await errorIn(port, `'wss://127.0.0.1:${secure.port}/ws'`)).toMatchObject({
    code: 'unreachable',
    message: expect.stringContaining(
      `Does this browser trust its certificate? Open https://127.0.0.1:${secure.port}/ws`,
    ),
  });
  await Promise.all([close(), secure.close()]);
});

test('A page is told that only Node can give a WebSocket options, and how to call', async () => {
  const { port, close } = await openSite(404);
  expect(await errorIn(port, `oocsi.webSocket('ws://127.0.0.1:1', { headers: {} })`)).toMatchObject({
    code: 'unsupported',
    message: 'A page cannot give a WebSocket "headers": only Node can.',
  });
  expect(await errorIn(port, `'localhost', 5555`)).toMatchObject({
    message: "connect takes an address and an object of options: connect('ws://localhost:5555/ws')",
  });
  expect(await errorIn(port, `{ host: 'pi.local', port: 9000 }`)).toMatchObject({
    message: "connect takes an address and an object of options: connect('ws://pi.local:9000/ws')",
  });
  await close();
});
