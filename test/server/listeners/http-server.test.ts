import { existsSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openWorld } from '../../helpers/world';

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Asks for `path` exactly as it is written; `fetch` would tidy it up first. */
function ask(port: number, path: string, method = 'GET', asking: IncomingHttpHeaders = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers: asking, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        body += piece;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    asked.once('error', reject).end();
  });
}

function exists(path: string): boolean {
  return existsSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)));
}

for (const [path, file] of [
  ['/', 'demo/index.html'],
  ['/demo/', 'demo/index.html'],
  ['/demo/hello/', 'demo/hello/index.html'],
  ['/oocsi.js', 'dist/oocsi.js'],
  ['/oocsi.min.js', 'dist/oocsi.min.js'],
  ['/oocsi-filters.min.js', 'dist/oocsi-filters.min.js'],
  ['/oocsi.iife.js', 'dist/oocsi.iife.js'],
] as const) {
  test(`GET ${path} gives the file of the package where there is one`, async () => {
    const { server } = await openWorld();
    const { status, headers, body } = await ask(server.port, path);
    expect(status).toBe(exists(file) ? 200 : 404);
    if (status !== 200) return;
    expect(headers['content-type']).toBe(`text/${file.endsWith('.js') ? 'javascript' : 'html'}; charset=utf-8`);
    expect(headers['access-control-allow-origin']).toBe(path.startsWith('/oocsi') ? '*' : undefined);
    expect(body).not.toContain('{{');
  });
}

test('GET of a folder goes on to its page', async () => {
  const { server } = await openWorld();
  for (const [path, file] of [
    ['/demo', 'demo/index.html'],
    ['/demo/hello', 'demo/hello/index.html'],
  ] as const) {
    const { status, headers } = await ask(server.port, path);
    expect([status, headers.location]).toEqual(exists(file) ? [308, `${path}/`] : [404, undefined]);
  }
});

test('GET of a file says how it is compressed, and nothing more to who has it already', async () => {
  const { server } = await openWorld();
  const plain = await ask(server.port, '/demo/style.css');
  expect(plain).toMatchObject({
    status: 200,
    headers: { vary: 'Accept-Encoding, Origin', 'cache-control': 'no-cache' },
  });
  expect(plain.headers['content-encoding']).toBeUndefined();
  const coded = await ask(server.port, '/demo/style.css', 'GET', { 'accept-encoding': 'gzip, br' });
  expect(coded.headers['content-encoding']).toBe('br');
  expect(Number(coded.headers['content-length'])).toBeLessThan(plain.body.length / 2);
  expect(coded.headers.etag).not.toBe(plain.headers.etag);
  for (const known of [plain, coded]) {
    const headers = { 'if-none-match': known.headers.etag, 'accept-encoding': known === coded ? 'br' : 'identity' };
    const again = await ask(server.port, '/demo/style.css', 'GET', headers);
    expect([again.status, again.body, again.headers.etag]).toEqual([304, '', known.headers.etag]);
  }
});

test('HEAD answers as GET does, without the body', async () => {
  const { server } = await openWorld();
  const { status, body } = await ask(server.port, '/', 'HEAD');
  expect([status, body]).toEqual([exists('demo/index.html') ? 200 : 404, '']);
});

for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
  test(`${method} is not allowed`, async () => {
    const { server } = await openWorld();
    const { status, headers } = await ask(server.port, '/', method);
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });
}

for (const path of [
  '/package.json',
  '/src/index.ts',
  '/demo/../package.json',
  '/demo/%2e%2e/package.json',
  '/demo/..%2fpackage.json',
  '/demo/..%2Fdist%2Foocsi.js',
  '/demo/hello/..%2f..%2f..%2fpackage.json',
  '/demo/..%5cpackage.json',
  '/vendor/..%2foocsi.js',
  '/vendor/..%2fnode%2fserver.js',
  '/demo//../../package.json',
  '/demo/.%00.html',
  '/demo/%00.html',
  `/demo/${'x'.repeat(5_000)}.html`,
  '/oocsi.js/..%2f..%2fpackage.json',
  '/demo/nothing.html',
  '/nothing',
]) {
  test(`GET ${path.slice(0, 60)} gives 404`, async () => {
    const { server } = await openWorld();
    expect(exists('package.json')).toBe(true);
    const { status, body } = await ask(server.port, path);
    expect(status, body.slice(0, 200)).toBe(404);
  });
}

test('A plain GET of /ws is told that a WebSocket is meant', async () => {
  const { server } = await openWorld();
  const { status, body } = await ask(server.port, '/ws');
  expect([status, body]).toEqual([426, 'Clients connect here by WebSocket; the start page is at /.\n']);
});
