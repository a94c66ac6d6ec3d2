import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Server } from '../../src/server/index';
import { builtForNode, openBrowser, openPage, root } from '../helpers/built';
import { play } from './twenty-lines.js';

let oocsi: Awaited<ReturnType<typeof builtForNode>>;
let server: Server;

beforeAll(async () => {
  oocsi = await builtForNode();
  server = await oocsi.startServer({ port: 0, tcpPort: 0 });
});
afterAll(() => server.close());

const outcome = (handle: RegExp) => ({
  handle: expect.stringMatching(handle),
  echo: { number: 1.5, list: [1, null, 'é😀'], deep: { yes: true } },
  heard: [expect.stringMatching(/^friend_\d{4}: hello$/)],
  value: { text: 'hello' },
  states: ['connected', 'closed'],
});

test('the same lines run in Node over TCP', async () => {
  expect(await play(oocsi, server.tcpUrl, 'tcp_###', 'one')).toMatchObject(outcome(/^tcp_\d{3}$/));
});

test('the same lines run in Node over WebSocket', async () => {
  expect(await play(oocsi, server.url, 'ws_###', 'two')).toMatchObject(outcome(/^ws_\d{3}$/));
});

test('the same lines run in Chromium, with oocsi.js from the server', async () => {
  const browser = await openBrowser();
  const { page, faults } = await openPage(await browser.newContext(), `http://localhost:${server.port}/`);
  const lines = readFileSync(join(root, 'test/pages/twenty-lines.js'), 'utf8');
  await page.addScriptTag({
    type: 'module',
    content: `import * as oocsi from '/oocsi.js';\n${lines.replace('export ', '')}\nwindow.result = play(oocsi, undefined, 'page_###', 'three');`,
  });
  const result = await page.waitForFunction(() => Reflect.get(window, 'result'));
  expect(await result.jsonValue()).toMatchObject(outcome(/^page_\d{3}$/));
  expect(faults).toEqual([]);
  await browser.close();
});
