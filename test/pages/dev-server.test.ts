import { join } from 'node:path';
import { createServer as createDevServer, type UserConfig } from 'vite';
import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../src/server/index';
import { openBrowser, root } from '../helpers/built';

const page = `<!doctype html>
<title>A page of a dev server</title>
<script type="module">
  import { connect, createClient } from '/@fs${join(root, 'src/index.ts')}';
  window.firstError = new Promise((resolve) => {
    createClient().on('state', ({ cause }) => cause && resolve(cause));
  }).then(({ code, message }) => ({ code, message }));
  window.connecting = connect().then(() => 'connected', ({ code, message }) => ({ code, message }));
</script>`;

/** Vite as people start it, on a page that lies in its folder. */
async function openVite({ server, appType = 'spa' }: Pick<UserConfig, 'server' | 'appType'>): Promise<string> {
  const vite = await createDevServer({
    ...{
      root: join(root, 'test/apps/vite'),
      appType,
      configFile: false,
      logLevel: 'silent',
      optimizeDeps: { noDiscovery: true },
    },
    server: { host: '127.0.0.1', port: 0, ...server, watch: null, fs: { allow: [root] } },
    plugins: [
      {
        name: 'page',
        configureServer({ middlewares, transformIndexHtml }) {
          middlewares.use('/page.html', async (_request, response) => {
            response.setHeader('Content-Type', 'text/html').end(await transformIndexHtml('/page.html', page));
          });
        },
      },
    ],
  });
  onTestFinished(() => vite.close());
  await vite.listen();
  return vite.resolvedUrls?.local[0] ?? '';
}

/** What a page gives for `name`, a promise in its window. */
async function resultIn(address: string, name: 'firstError' | 'connecting'): Promise<unknown> {
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  const opened = await browser.newPage();
  await opened.goto(address);
  await opened.waitForFunction((key) => key in window, name);
  return opened.evaluate((key) => Reflect.get(window, key), name);
}

test.each([
  ['that has one page for all paths', 'spa', 200],
  ['that has a page for each path', 'mpa', 404],
] as const)(
  'A page of Vite %s is told in its first attempt where its server is not',
  async (_name, appType, status) => {
    const vite = await openVite({ appType });
    const told = {
      code: 'protocol',
      message: `A web server answers at ${vite.replace('http', 'ws')}ws, but opens no WebSocket (HTTP ${status}). This page came from there, as from the dev server of a bundler: give the address of the OOCSI server, as in createClient('ws://localhost:9000/ws'), or let the dev server pass WebSockets for /ws on to it (Vite: server.proxy).`,
    };
    expect(await resultIn(`${vite}page.html`, 'firstError')).toEqual(told);
    expect(await resultIn(`${vite}page.html`, 'connecting')).toEqual(told);
  },
);

test('A page of Vite connects where Vite passes WebSockets on', async () => {
  const server = await startServer({ port: 0, tcpPort: 0 });
  onTestFinished(() => server.close());
  const vite = await openVite({
    server: { proxy: { '/ws': { target: `http://127.0.0.1:${server.port}`, ws: true } } },
  });
  expect(await resultIn(`${vite}page.html`, 'connecting')).toBe('connected');
});
