import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { ask, askAs } from '../../helpers/ask';
import { until, within } from '../../helpers/raw';
import { openWorld, say, told, type World } from '../../helpers/world';

/** Somebody who listens by server-sent events. */
interface Listener {
  readonly response: IncomingMessage;
  readonly asked: ClientRequest;
  /** All that came so far. */
  readonly text: string;
  /** The messages that came so far. */
  readonly messages: unknown[];
  readonly ended: Promise<void>;
}

async function listen(world: World, path: string, headers: Record<string, string> = {}): Promise<Listener> {
  const asked = request({ host: '127.0.0.1', port: world.server.port, path, headers, agent: false });
  onTestFinished(() => void asked.destroy());
  const response = await within(
    new Promise<IncomingMessage>((resolve, reject) => asked.once('error', reject).once('response', resolve).end()),
    'an answer',
  );
  // Cut connections say so here as well.
  asked.on('error', () => undefined);
  let text = '';
  response.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  response.on('error', () => undefined);
  return {
    asked,
    response,
    ended: new Promise((resolve) => response.once('close', resolve)),
    get text() {
      return text;
    },
    get messages() {
      return [...text.matchAll(/^data: (?<json>.*)\n\n/gm)].map(({ groups }) => JSON.parse(groups?.['json'] ?? ''));
    },
  };
}

test('A listener gets messages with their envelopes, in order, as server-sent events', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  const page = await listen(world, '/subscribe/room');
  expect(page.response.statusCode).toBe(200);
  expect(page.response.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
  });
  await say(
    alice,
    'channels room',
    'sendraw room {"n":1.0,"text":"line\\nbreak"}',
    'sendraw room {"n":2}',
    'sendraw room x',
  );
  const [handle = ''] = await alice.heard();
  expect(handle).toMatch(/^webclient_\d{4}$/);
  await until(() => page.messages.length === 3, 'all messages are there');
  const timestamp = world.clock.now();
  const envelope = { recipient: 'room', timestamp, sender: 'alice' };
  expect(page.text).toBe(
    [
      `retry: 2000\n: you are ${handle}`,
      `data: {"recipient":"room","timestamp":${timestamp},"sender":"alice","data":{"n":1.0,"text":"line\\nbreak"}}`,
      `data: ${JSON.stringify({ ...envelope, data: { n: 2 } })}`,
      `data: ${JSON.stringify({ ...envelope, data: { data: 'x' } })}`,
      '',
    ].join('\n\n'),
  );
});

test('A listener gets what a channel keeps, what functions make of messages, and who is there', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  await say(alice, 'subscribe room:pw', 'sendraw room:pw {"n":1,"_RETAIN":60}');
  const kept = await listen(world, '/subscribe/room:pw');
  const warm = await listen(world, `/subscribe/${encodeURIComponent('weather[filter(t > 20)]')}`);
  const present = await listen(world, '/subscribe/presence(weather)');
  await until(() => kept.messages.length === 1 && present.messages.length === 1, 'the first messages are there');
  expect(kept.messages).toMatchObject([{ recipient: 'room:pw', data: { n: 1 } }]);
  expect(present.messages).toMatchObject([{ data: { refresh: [expect.stringMatching(/^webclient_/)] } }]);
  await say(alice, 'sendraw weather {"t":12}', 'sendraw weather {"t":25}');
  await until(() => warm.messages.length > 0, 'the warm one is there');
  expect(warm.messages).toMatchObject([{ recipient: 'weather[filter(t > 20)]', data: { t: 25 } }]);
});

test('A listener that goes is unsubscribed, and leaves no timer behind', async () => {
  const world = await openWorld();
  const page = await listen(world, '/subscribe/room');
  expect(world.server.broker.channels()).toContain('room');
  page.asked.destroy();
  await until(() => world.server.broker.clients().length === 0, 'it is gone');
  expect(world.server.broker.channels()).toEqual([]);
  await until(() => world.clock.timers === 0, 'no timer is left');
});

test('A listener is kept alive by comments, and stays for hours', async () => {
  const world = await openWorld();
  const page = await listen(world, '/subscribe/room');
  for (let seconds = 0; seconds < 3_600; seconds += 5) await world.clock.advance(5_000);
  await until(() => page.text.split(': still here\n\n').length > 360, 'the comments are there');
  const comments = page.text.split(': still here\n\n').length - 1;
  expect(comments).toBe(360);
  expect(world.server.broker.clients()).toHaveLength(1);
  expect(page.messages).toEqual([]);
});

for (const [path, status, text] of [
  ['/subscribe/room', 403, /^The channel has another password, or none/],
  ['/subscribe/room:nix', 403, /^The channel has another password, or none/],
  ['/subscribe/open:pw', 403, /^The channel has another password, or none/],
  ['/subscribe/OOCSI_clients:pw', 403, /^The channel has another password, or none/],
  ['/subscribe/alice', 409, /^That is the handle of a client/],
  ['/subscribe/lamp', 409, /^That is the handle of a client/],
  ['/subscribe/echo', 409, /^That is the handle of a client/],
  ['/subscribe/', 400, /must not be empty/],
  ['/subscribe/a%0Ab', 400, /control characters/],
  ['/subscribe/a%20b', 400, /white space/],
  ['/subscribe/room%5Bfilter(', 400, /^The functions cannot be read/],
  [`/subscribe/${'x'.repeat(201)}`, 503, /^Not subscribed: name longer than 200 bytes/],
] as const) {
  test(`${path.slice(0, 40)} cannot be subscribed to, and it is said why`, async () => {
    const world = await openWorld({ users: ['lamp:secret'] });
    const alice = await world.line('alice');
    await say(alice, 'subscribe room:pw', 'subscribe open');
    const answer = await ask(world, path);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/plain; charset=utf-8']);
    expect(answer.text).toMatch(text);
    expect(world.server.broker.clients()).toEqual(['alice']);
  });
}

test('A page of the same host on another port may listen, one of another host may not', async () => {
  const world = await openWorld();
  const origin = 'http://localhost:5173';
  const page = await listen(world, '/subscribe/room', { Origin: origin, Host: 'localhost' });
  expect(page.response.headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'Origin' });
  expect(await askAs(world, '/subscribe/room', { Origin: 'https://evil.example' })).toMatchObject({ status: 403 });
});

test('A listener that takes nothing for 10 s is cut and told of, and nobody else notices', async () => {
  const world = await openWorld({ limits: { queue: 2 ** 26 } });
  const [slow, left] = [[] as unknown[], [] as string[]];
  world.server.on('slow', (client) => slow.push(client));
  world.server.on('leave', (_client, reason) => left.push(reason));
  const frozen = await listen(world, '/subscribe/room');
  frozen.response.pause();
  const [alice, bob] = [await world.web('alice'), await world.web('bob')];
  await say(bob, 'subscribe room');
  // More than both kernels take for it.
  for (let n = 0; n < 24; n++) await say(alice, `sendjson room {"text":"${'x'.repeat(500_000)}"}`);
  expect(told(await bob.heard())).toHaveLength(24);
  await world.clock.advance(9_999);
  expect(slow).toEqual([]);
  await world.clock.advance(10_001);
  await until(() => world.server.broker.clients().length === 2, 'it is gone');
  expect(slow).toMatchObject([
    {
      handle: expect.stringMatching(/^webclient_/),
      dialect: 'web',
      address: '127.0.0.1',
      reason: 'took nothing for 10 s',
    },
  ]);
  expect([left, world.server.stats().slow]).toEqual([['slow'], 1]);
});

test('A listener that takes a little now and then is not cut', async () => {
  const world = await openWorld({ limits: { queue: 2 ** 26 } });
  const slow = await listen(world, '/subscribe/room');
  slow.response.pause();
  const alice = await world.web('alice');
  for (let n = 0; n < 24; n++) await say(alice, `sendjson room {"text":"${'x'.repeat(500_000)}"}`);
  await world.clock.advance(9_999);
  const before = slow.text.length;
  slow.response.resume();
  await until(() => slow.text.length > before + 4_000_000, 'it has taken a little');
  slow.response.pause();
  await world.clock.advance(9_999);
  expect(world.server.stats().slow).toBe(0);
  await world.clock.advance(20_000);
  await until(() => world.server.stats().slow === 1, 'it is cut');
});

test('A listener for whom too much waits is cut at once', async () => {
  const world = await openWorld();
  const frozen = await listen(world, '/subscribe/room');
  frozen.response.pause();
  const alice = await world.web('alice');
  for (let n = 0; n < 24; n++) await say(alice, `sendjson room {"text":"${'x'.repeat(500_000)}"}`);
  await until(() => world.server.stats().slow === 1, 'it is cut');
  expect(world.server.broker.clients()).toEqual(['alice']);
});

test('A server that stops ends the events after what was on its way', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  const page = await listen(world, '/subscribe/room');
  await say(alice, 'sendraw room {"n":1}');
  await world.server.close();
  await within(page.ended, 'the end of the events');
  expect(page.messages).toMatchObject([{ data: { n: 1 } }]);
});

test('Data as deep as can be reaches a listener, and everybody behind it', async () => {
  const world = await openWorld();
  const page = await listen(world, '/subscribe/room');
  const [alice, bob] = [await world.line('alice'), await world.line('bob')];
  await say(bob, 'subscribe room');
  await say(alice, `sendraw room {"n":1,"deep":${'['.repeat(999)}${']'.repeat(999)}}`);
  expect(told(await bob.heard())).toMatchObject([{ data: { n: 1 } }]);
  await until(() => page.messages.length === 1, 'the message is there');
  expect(page.messages).toMatchObject([{ data: { n: 1 } }]);
  expect(await alice.heard()).toEqual([]);
});
