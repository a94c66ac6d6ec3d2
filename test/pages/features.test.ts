import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Client } from '../../src/index';
import type { Server } from '../../src/server/index';
import { builtForNode, openBrowser, openPage, root } from '../helpers/built';

let oocsi: Awaited<ReturnType<typeof builtForNode>>;
let server: Server;

beforeAll(async () => {
  oocsi = await builtForNode();
  server = await oocsi.startServer({ port: 0, tcpPort: 0 });
});
afterAll(() => server.close());

/** Everything that a client can do, once; runs in the page. */
async function play(connect: (url: string) => Promise<Client>, url: string): Promise<unknown> {
  const page = await connect(url);
  const answers: unknown[] = [];
  for await (const { data } of page.callAll('lamps', 'mix', { hue: 1 }, { max: 1 })) answers.push(data);
  const shared = page.variable('shared', 'level', { min: 0, max: 10 });
  shared.set(70);
  await page.flush();
  const room = page.presence('lamps');
  for await (const { type } of room) if (type === 'refresh') break;
  const fault = (error: { code?: string; message: string }): string => `${error.code} ${error.message}`;
  const next = page.next('said', { filter: 'n > 1', timeout: 5_000 });
  await page.flush();
  await page.call('lamps', 'repeat', { n: 1 });
  await page.call('lamps', 'repeat', { n: 2 });
  const result = {
    answer: await page.call('lamps', 'mix', { hue: 120 }),
    answers,
    fault: await page.call('lamps', 'fail').catch(fault),
    late: await page.call('lamps', 'nobody', {}, { timeout: 50 }).catch(({ code }) => code),
    level: shared.value,
    members: [...room.members],
    listed: await page.members('lamps'),
    filtered: (await next).data,
    unreadable: await page.next('said', { filter: 'n >> 1' }).catch(({ message }) => message),
    acked: (await page.send('orders', { n: 1 }, { ack: true })).receivers,
    later: page.send('later', { n: 1 }, { delay: 60 }),
  };
  await page.close();
  return result;
}

test.each(['oocsi.js', 'oocsi.min.js'])('%s does in a page what a client can do', async (file) => {
  const lamp = await oocsi.connect(server.tcpUrl, { handle: `lamp_${file.length}` });
  lamp.register('lamps', 'mix', ({ hue }) => ({ rgb: `hsl(${hue})` }));
  lamp.register('lamps', 'repeat', ({ n }) => void lamp.send('said', { n }));
  lamp.register('lamps', 'fail', () => {
    throw new Error('the lamp is unplugged');
  });
  lamp.subscribe('orders', () => {}, { reliable: true });
  const level = lamp.variable('shared', 'level');
  await lamp.flush();

  const browser = await openBrowser();
  const { page, faults } = await openPage(await browser.newContext(), `http://localhost:${server.port}/`);
  const body = readFileSync(join(root, 'dist', file), 'utf8');
  await page.route(`**/the-file.js`, (route) => route.fulfill({ body, contentType: 'text/javascript' }));
  await page.addScriptTag({
    type: 'module',
    content: `import { connect } from '/the-file.js';\nwindow.result = (${play})(connect, '${server.url}');`,
  });
  const result = await page.waitForFunction(() => Reflect.get(window, 'result'));
  expect(await result.jsonValue()).toEqual({
    answer: { rgb: 'hsl(120)' },
    answers: [{ rgb: 'hsl(1)' }],
    fault: 'remote the lamp is unplugged',
    late: 'timeout',
    level: 10,
    members: [lamp.handle],
    listed: [lamp.handle],
    filtered: { n: 2 },
    unreadable: '"n >> 1" cannot be read at character 3, ">>": use >',
    acked: [lamp.handle],
    later: 'queued',
  });
  await lamp.flush();
  expect(level.value).toBe(10);
  expect(faults).toEqual([]);
  await browser.close();
  await lamp.close();
});
