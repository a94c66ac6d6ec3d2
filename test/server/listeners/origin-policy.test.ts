import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import { describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { connect } from '../../../src/index';
import type { Adapter } from '../../../src/protocol/link';
import { createOriginPolicy, type OriginPolicyOptions } from '../../../src/server/listeners/origin-policy';
import { openWorld } from '../../helpers/world';

const here = 'localhost:9000';

function originPolicy(allowOrigin: string[] = [], hostNames: string[] = [], tokens: Partial<OriginPolicyOptions> = {}) {
  const { refuses, refusesSocket, doubts, refusesHost, sharing } = createOriginPolicy({
    ...{ allowOrigin, hostNames },
    ...tokens,
  });
  return {
    refuses: (headers: IncomingHttpHeaders) => refuses({ headers }),
    refusesSocket: (headers: IncomingHttpHeaders, url = '/ws') => refusesSocket({ headers, url }),
    doubts: (headers: IncomingHttpHeaders) => doubts({ headers }),
    refusesHost: (headers: IncomingHttpHeaders) => refusesHost({ headers }),
    sharing: (headers: IncomingHttpHeaders) => sharing({ headers }),
  };
}

test.each([
  [here, undefined],
  [here, 'http://localhost:9000'],
  [here, 'http://localhost:5173'],
  [here, 'https://LOCALHOST'],
  [here, 'http://127.0.0.1:5173'],
  [here, 'http://[::1]:5173'],
  [here, 'http://app.localhost:8080'],
  ['127.0.0.1', 'http://localhost:3000'],
  ['[::1]:9000', 'http://localhost:3000'],
  ['192.168.1.7:9000', 'http://192.168.1.7:8080'],
  ['[2001:db8::7]:9000', 'http://[2001:db8::7]'],
  ['pi.local:9000', 'http://pi.local'],
  ['Pi.Local.', 'http://pi.local'],
  [here, 'https://example.org'],
  [here, 'https://EXAMPLE.org'],
  ['192.168.1.7', 'capacitor://localhost'],
])('To %s may come a page of %s', (host, origin) => {
  const { refuses } = originPolicy(['https://example.org', 'capacitor://localhost'], ['pi.local']);
  expect(refuses({ host, origin })).toBe(undefined);
});

test.each([
  [here, 'https://evil.example'],
  [here, 'null'],
  [here, ''],
  [here, 'http://example.org'],
  [here, 'https://example.org:8443'],
  [here, 'http://localhost.evil.example'],
  [here, 'http://notlocalhost'],
  [here, 'http://localhost@evil.example'],
  [here, 'localhost'],
  [here, 'capacitor://localhost'],
  [here, 'chrome-extension://localhost'],
  [here, 'file://'],
  [here, 'nonsense'],
  [here, 'http://192.168.1.7'],
  ['192.168.1.7:9000', 'http://localhost:8080'],
  ['192.168.1.7:9000', 'http://192.168.1.8'],
  ['pi.local:9000', 'http://evil.pi.local'],
  ['127.0.0.1', 'http://127.evil.example'],
])('To %s a page of %s may not come', (host, origin) => {
  const { refuses } = originPolicy(['https://example.org'], ['pi.local']);
  const advice = origin === 'null' ? 'serve the page, or connect with the token' : 'add it to the server';
  expect(refuses({ host, origin })).toContain(`origin ${origin} not allowed; ${advice}`);
});

test('A page from a file may come where the server says so', () => {
  expect(originPolicy(['null']).refuses({ host: here, origin: 'null' })).toBe(undefined);
  expect(originPolicy(['null']).refuses({ host: here, origin: 'https://evil.example' })).toContain('not allowed');
});

test.each([
  'evil.example',
  'evil.example:9000',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'user@localhost',
  'localhost/x',
  'localhost#x',
  '',
  undefined,
])('A host %s is not this server, whatever page asks', (host) => {
  const { refuses, refusesHost } = originPolicy([], ['pi.local']);
  expect(refusesHost({ host })).toContain("not known; add its name to the server's option hostNames");
  expect(refuses({ host, origin: `http://${host}` })).toContain('not known');
});

describe('a token', () => {
  const fileToken = 'abcdefghijklmnop';
  const { refuses, refusesSocket } = originPolicy([], [], { fileToken, admits: (token) => token === 'of-the-page' });
  const page = { host: here, origin: 'null' };

  test.each(['/ws?token=abcdefghijklmnop', '/ws?token=of-the-page', '/ws?x=1&token=of-the-page'])(
    'lets a page without an origin open a WebSocket at %s',
    (url) => {
      expect(refusesSocket(page, url)).toBe(undefined);
    },
  );

  test('lets it do nothing else, nor anybody else', () => {
    expect(refuses(page)).toContain('origin null not allowed');
    const url = '/ws?token=of-the-page';
    expect(refusesSocket({ ...page, origin: 'https://evil.example' }, url)).toContain('origin https://evil.example');
    expect(refusesSocket({ ...page, host: 'evil.example' }, url)).toContain('host evil.example not known');
  });

  test.each(['/ws?token=abcdefghijklmnoq', '/ws?token=', '/ws?token=abcdefghijklmnop%00', '/ws?token=undefined'])(
    'that nobody gave out is refused: %s',
    (url) => {
      expect(refusesSocket(page, url)).toMatch(/^the token is not valid any more; load the page again/);
      expect(originPolicy().refusesSocket(page, url)).toMatch(/^the token is not valid any more/);
    },
  );

  test.each(['/ws', undefined, '/ws?tokens=1', '//'])('that is missing is asked for: %s', (url) => {
    expect(refusesSocket(page, url)).toContain('origin null not allowed; serve the page, or connect with the token');
  });
});

/** What every browser says. */
const browser = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64)', 'accept-language': 'en' };

test.each([
  ['curl', { 'user-agent': 'curl/8.5.0', accept: '*/*' }],
  ['fetch in Node', { 'user-agent': 'node', 'accept-language': '*', 'sec-fetch-mode': 'cors' }],
  ['PowerShell', { 'user-agent': 'Mozilla/5.0 (Windows NT; en-US) PowerShell/7.4' }],
  ['Excel', { 'user-agent': 'Mozilla/4.0 (compatible; ms-office)', 'accept-language': 'en-US' }],
  ['a page of this server', { ...browser, 'sec-fetch-site': 'same-origin' }],
  ['a page of another port', { ...browser, 'sec-fetch-site': 'same-site', referer: 'http://localhost:5173/' }],
  ['a page that may come', { ...browser, 'sec-fetch-site': 'same-site', referer: 'https://example.org/' }],
  ['the address bar', { ...browser, 'sec-fetch-site': 'none' }],
  ['a page of this server, by plain http', { ...browser, referer: 'http://localhost:9000/demo/' }],
  ['a page of another port, by plain http', { ...browser, referer: 'http://localhost:5173/' }],
  ['a page that may come, by plain http', { ...browser, referer: 'https://example.org/' }],
  // It was looked at already.
  ['whoever says an origin', { ...browser, 'sec-fetch-site': 'cross-site', origin: 'https://example.org' }],
])('What changes something may be asked for by %s', (_who, headers) => {
  expect(originPolicy(['https://example.org']).doubts({ host: here, ...headers })).toBe(undefined);
});

test.each([
  ['an image of another site', { ...browser, 'sec-fetch-site': 'cross-site' }, 'another site may not do that'],
  ['a neighbour that does not say its name', { ...browser, 'sec-fetch-site': 'same-site' }, 'another site may not'],
  [
    'a neighbour in the same domain',
    { ...browser, 'sec-fetch-site': 'same-site', referer: 'https://evil.localhost.example/' },
    'another site may not',
  ],
  // It may be that of a redirect, and the browser knows better.
  ['one that says it came from here', { 'sec-fetch-site': 'cross-site', referer: 'http://localhost:9000/' }, 'another'],
  ['an image of another site, by plain http', { ...browser, referer: 'http://evil.example/' }, 'does not say which'],
  ['an image that hides its page, by plain http', browser, 'does not say which site wants that; use POST'],
  ['an address that begins alike', { ...browser, referer: 'http://localhost:9000@evil.example/' }, 'does not say'],
  ['nonsense', { ...browser, referer: 'localhost:9000' }, 'does not say which'],
])('What changes something is refused to %s', (_who, headers, text) => {
  expect(originPolicy().doubts({ host: here, ...headers })).toContain(text);
});

test.each([
  [{ 'sec-purpose': 'prefetch', 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
  [{ 'sec-purpose': 'prefetch;prerender', 'sec-fetch-site': 'same-origin' }],
  [{ purpose: 'prefetch' }],
  [{ 'x-moz': 'prefetch', origin: 'http://localhost:9000' }],
])('What changes something is refused to a browser that loads in advance: %j', (headers) => {
  expect(originPolicy().doubts({ host: here, ...browser, ...headers })).toContain('loads this in advance');
});

test('An origin that may come may read the answers, and nobody else', () => {
  const { sharing } = originPolicy(['https://example.org']);
  expect(sharing({ host: here })).toEqual({});
  expect(sharing({ host: here, origin: 'https://example.org' })).toEqual({
    'Access-Control-Allow-Origin': 'https://example.org',
    Vary: 'Origin',
  });
});

test.each([
  [{ allowOrigin: ['example.org'] }, /allowOrigin cannot be "example\.org": use https:\/\/example\.org or null/],
  [{ allowOrigin: ['https://example.org/'] }, /allowOrigin cannot be/],
  [{ allowOrigin: ['*'] }, /allowOrigin cannot be "\*"/],
  [{ allowOrigin: JSON.parse('"null"') }, /allowOrigin cannot be "null": use a list/],
  [{ fileToken: 'short' }, /fileToken must have 16 to 128 letters/],
  [{ fileToken: 'no blanks or & in it' }, /fileToken must have/],
  [{ fileToken: JSON.parse('1234567890123456') }, /fileToken must have/],
  [{ hostNames: ['pi.local:9000'] }, /hostNames cannot be "pi\.local:9000": use example\.org/],
  [{ hostNames: ['http://pi.local'] }, /hostNames cannot be/],
  [{ hostNames: [''] }, /hostNames cannot be/],
])('Origins and names that cannot be meant are refused: %j', async (options, text) => {
  await expect(openWorld(options)).rejects.toThrow(text);
});

/** A WebSocket as the browser of a page of `origin` opens it, in our own client. */
function fromPage(url: string, headers: { readonly host?: string; readonly origin: string }): Adapter {
  return {
    ...{ name: url, dialect: 'web' },
    dial(events) {
      const socket = new WebSocket(url, { headers });
      socket.on('message', (data) => events.frame(String(data)));
      return new Promise((resolve, reject) => {
        socket.on('error', reject);
        socket.on('close', () => events.close());
        socket.on('open', () =>
          resolve({ send: (frame) => socket.send(frame), close: () => socket.close(), buffered: 0 }),
        );
      });
    },
  };
}

test('A page of another site is told by connect() that it may not come, and nothing it says counts', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  const origin = 'https://evil.example';
  const refused = connect(fromPage(world.server.url, { origin }), { handle: 'lamp' });
  await expect(refused).rejects.toMatchObject({
    code: 'refused',
    permanent: true,
    message: `The server refused "lamp": origin ${origin} not allowed; add it to the server's option allowOrigin.`,
  });
  const socket = new WebSocket(world.server.url, { headers: { origin } });
  const [[code]] = await Promise.all([
    once(socket, 'close'),
    once(socket, 'open').then(() => {
      for (const frame of ['lamp', 'sendjson alice {"n":1}']) socket.send(frame);
    }),
  ]);
  expect(code).toBe(1_008);
  expect(await alice.heard()).toEqual([]);
  expect(world.server.broker.clients()).toEqual(['alice']);
  expect(world.server.stats().refused).toBe(2);
});

test('A page that came by a name which is not known is told so', async () => {
  const world = await openWorld();
  const host = 'evil.example';
  const refused = connect(fromPage(world.server.url, { host, origin: `http://${host}` }), { handle: 'lamp' });
  await expect(refused).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('not known') });
});

test('Pages that may come are welcome', async () => {
  const world = await openWorld({ allowOrigin: ['null', 'https://example.org'], hostNames: ['pi.local'] });
  for (const headers of [
    { origin: 'null' },
    { origin: 'https://example.org' },
    { origin: 'http://localhost:5173' },
    { host: 'pi.local:9000', origin: 'http://pi.local' },
  ]) {
    await using client = await connect(fromPage(world.server.url, headers), { handle: 'lamp_####' });
    expect(client.state.status).toBe('connected');
  }
});

test('A page from a file connects with the token of the server, and no other page without an origin does', async () => {
  const fileToken = 'a-token-that-nobody-guesses';
  const world = await openWorld({ fileToken });
  const { url } = world.server;
  await using client = await connect(fromPage(`${url}?token=${fileToken}`, { origin: 'null' }), { handle: 'file' });
  expect(client.state.status).toBe('connected');
  for (const [address, text] of [
    [url, /origin null not allowed; serve the page, or connect with the token/],
    [`${url}?token=another-token-of-somebody`, /the token is not valid any more/],
  ] as const) {
    const refused = connect(fromPage(address, { origin: 'null' }), { handle: 'frame' });
    await expect(refused).rejects.toMatchObject({ code: 'refused', message: expect.stringMatching(text) });
  }
  expect(world.server.broker.clients()).toEqual(['file']);
});

test('A server that listens at a name is found by it', async () => {
  const world = await openWorld({ host: 'localhost' });
  await using client = await connect(world.server.url, { handle: 'lamp' });
  expect(client.handle).toBe('lamp');
});

test.each([
  ['/', { origin: 'https://evil.example' }, 403, 'origin https://evil.example not allowed'],
  ['/', { host: 'evil.example' }, 403, 'host evil.example not known'],
  ['/oocsi.js', { host: 'evil.example' }, 403, 'host evil.example not known'],
  ['/nothing', { origin: 'http://localhost:5173' }, 404, 'nothing at'],
  ['/oocsi.nothing.js', { origin: 'https://evil.example' }, 403, 'not allowed'],
])('GET %s with %j is answered by %i', async (path, headers, status, text) => {
  const { server } = await openWorld();
  const asked = request({ host: '127.0.0.1', port: server.port, path, headers, agent: false }).end();
  const [response] = await once(asked, 'response');
  expect(response.statusCode).toBe(status);
  expect((await response.toArray()).join('')).toContain(text);
});

test('What another site asks for without saying which, and what would do something, is refused', async () => {
  const world = await openWorld({ allowOrigin: ['https://friend.example'] });
  const foreign = { 'sec-fetch-site': 'cross-site' };
  const ask = async (path: string, headers: Record<string, string>): Promise<number> => {
    const asked = request({ host: '127.0.0.1', port: world.server.port, path, headers, agent: false }).end();
    const [response] = await once(asked, 'response');
    asked.destroy();
    return response.statusCode;
  };
  for (const path of ['/send/echo/1', '/echo/call', '/subscribe/room']) {
    expect([path, await ask(path, foreign)]).toEqual([path, 403]);
    expect([path, await ask(path, { ...foreign, origin: 'https://friend.example' })]).toEqual([path, 200]);
    expect([path, await ask(path, { 'sec-fetch-site': 'same-origin' })]).toEqual([path, 200]);
  }
  expect(await ask('/channels', foreign)).toBe(200);
});

test('A page that a browser loads in advance is refused and does nothing, and nobody is asked', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  for (const purpose of ['sec-purpose', 'purpose', 'x-moz']) {
    const headers = { ...browser, accept: 'text/html', 'sec-fetch-site': 'none', [purpose]: 'prefetch' };
    const options = { host: '127.0.0.1', port: world.server.port, path: '/send/alice/1', headers, agent: false };
    const [response] = await once(request(options).end(), 'response');
    expect(response.statusCode).toBe(403);
    expect((await response.toArray()).join('')).not.toContain('href');
  }
  expect(await alice.heard()).toEqual([]);
});

test('The client may be loaded from any page', async () => {
  const { server } = await openWorld();
  const headers = { origin: 'https://anywhere.example' };
  const options = { host: '127.0.0.1', port: server.port, path: '/oocsi.min.js', headers, agent: false };
  const [response] = await once(request(options).end(), 'response');
  response.resume();
  expect([200, 404]).toContain(response.statusCode);
  if (response.statusCode === 200) expect(response.headers['access-control-allow-origin']).toBe('*');
});
