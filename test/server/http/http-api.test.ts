import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ask, askAs, post } from '../../helpers/ask';
import { within } from '../../helpers/raw';
import { dataOf, openWorld, say, told } from '../../helpers/world';

const form = 'application/x-www-form-urlencoded';

describe('GET /channels', () => {
  test('gives the names that anybody may see, as text or as JSON', async () => {
    const world = await openWorld({ users: ['lamp:secret'] });
    const [alice] = [await world.line('alice'), await world.tcp('lamp:secret(JSON)')];
    await say(alice, 'subscribe colour', 'subscribe hidden:pw');
    const { status, headers, text } = await ask(world, '/channels');
    expect([status, headers.get('content-type'), text]).toEqual([200, 'text/plain; charset=utf-8', 'colour, alice\n']);
    const json = await ask(world, '/channels', { headers: { Accept: 'application/json' } });
    expect([json.headers.get('content-type'), json.text]).toEqual(['application/json', '["colour","alice"]\n']);
  });
});

describe('POST /send/CHANNEL', () => {
  for (const [what, body, type, data] of [
    ['JSON', '{"n":1}', 'application/json', { n: 1 }],
    [
      'JSON on several lines, behind blanks',
      ' \n{\n "n": [1,\n2]}\n',
      'application/json; charset=utf-8',
      { n: [1, 2] },
    ],
    ['JSON that curl calls a form', '{"n":1}', form, { n: 1 }],
    ['a form', 'colour=light+blue&n=1&n=2', form, { colour: 'light blue', n: '2' }],
    ['characters of all languages', '{"text":"寿司 🍣"}', 'application/json', { text: '寿司 🍣' }],
  ] as const) {
    test(`passes on ${what}`, async () => {
      const world = await openWorld();
      const [line, web] = [await world.line('alice'), await world.web('bob')];
      for (const raw of [line, web]) await say(raw, 'subscribe room');
      const { status, text } = await ask(world, '/send/room', post(body, type));
      expect([status, text]).toEqual([200, 'Sent to room.\n']);
      const message = { recipient: 'room', sender: 'WEB-REQUEST', timestamp: world.clock.now(), data };
      expect(told(await line.heard())).toEqual([message]);
      expect(told(await web.heard())).toEqual([message]);
    });
  }

  test('keeps numbers as they were written', async () => {
    const world = await openWorld();
    const alice = await world.web('alice');
    await ask(world, '/send/alice', post('{"a":1.0,"b":9007199254740993}'));
    expect((await alice.heard())[0]).toContain('"data":{"a":1.0,"b":9007199254740993}');
  });

  test('reaches channels with a password, and those with odd names', async () => {
    const world = await openWorld();
    const alice = await world.line('alice');
    await say(alice, 'subscribe room:pw', 'subscribe a/b');
    expect((await ask(world, '/send/room', post('{}'))).status).toBe(404);
    expect((await ask(world, '/send/room:nix', post('{}'))).text).toMatch(/^There is no channel.*another password/);
    expect(await ask(world, '/send/room:pw', post('{"n":1}'))).toMatchObject({ status: 200, text: 'Sent to room.\n' });
    expect(await ask(world, '/send/a%2Fb', post('{"n":2}'))).toMatchObject({ status: 200 });
    expect(dataOf(await alice.heard())).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test('lets the message come from a sender that is free', async () => {
    const world = await openWorld({ users: ['lamp:secret'] });
    const [alice] = [await world.line('alice'), await world.web('bob')];
    await say(alice, 'subscribe room');
    const statuses = [];
    for (const sender of [
      'carol',
      'dave_#',
      'lamp:secret',
      'bob',
      'lamp',
      'lamp:nix',
      'SERVER',
      'echo',
      'WEB-REQUEST',
    ]) {
      const { status, text } = await ask(world, '/send/room', post(JSON.stringify({ n: 1, sender })));
      statuses.push([sender, status, status === 200 ? '' : text]);
    }
    expect(statuses).toEqual([
      ['carol', 200, ''],
      ['dave_#', 200, ''],
      ['lamp:secret', 200, ''],
      ['bob', 409, 'Not sent, client bob exists already: choose another sender, or none.\n'],
      ['lamp', 403, 'Not sent, password wrong for name: lamp: check the sender.\n'],
      ['lamp:nix', 403, 'Not sent, password wrong for name: lamp: check the sender.\n'],
      ['SERVER', 403, 'Not sent, name reserved for the server: SERVER: check the sender.\n'],
      ['echo', 409, 'Not sent, client echo exists already: choose another sender, or none.\n'],
      ['WEB-REQUEST', 409, 'Not sent, client WEB-REQUEST exists already: choose another sender, or none.\n'],
    ]);
    expect(told(await alice.heard())).toMatchObject([
      { sender: 'carol', data: { n: 1 } },
      { sender: expect.stringMatching(/^dave_\d$/), data: { n: 1 } },
      { sender: 'lamp', data: { n: 1 } },
    ]);
    expect(world.server.broker.clients()).toEqual(['alice', 'bob']);
  });

  test('takes data that asks to be kept, or to come later, also when nobody is there yet', async () => {
    const world = await openWorld();
    const alice = await world.line('alice');
    await say(alice, 'subscribe room');
    await ask(world, '/send/room', post('{"n":1,"_RETAIN":60}'));
    expect((await ask(world, '/send/later', post('{"n":2,"_DELAY":5}'))).status).toBe(200);
    await say(alice, 'subscribe later');
    await world.clock.advance(5_000);
    expect(dataOf(await alice.heard())).toEqual([
      { n: 1, _RETAIN: 60 },
      { n: 2, _DELAY: 5 },
    ]);
    const bob = await world.line('bob');
    await say(bob, 'subscribe room');
    expect(dataOf(await bob.heard())).toEqual([{ n: 1, _RETAIN: 60 }]);
  });

  for (const [what, path, body, type, status, text] of [
    ['an empty body', '/send/room', '', 'application/json', 400, /^The body is empty: send JSON such as/],
    ['broken JSON', '/send/room', '{"n":', 'application/json', 400, /^The JSON cannot be read: /],
    ['a list', '/send/room', '[1]', 'application/json', 400, /^The JSON must be an object/],
    ['JSON that is too deep', '/send/room', `{"n":${'['.repeat(2_000)}${']'.repeat(2_000)}}`, form, 400, /1000 levels/],
    ['text', '/send/room', 'hello', 'text/plain', 415, /^Send JSON/],
    ['a form of parts', '/send/room', '--x', 'multipart/form-data; boundary=x', 415, /^Send JSON/],
    ['bytes that are no text', '/send/room', '\xff', 'latin1', 400, /UTF-8/],
    ['a sender that can be none', '/send/room', '{"sender":"a b"}', form, 400, /^sender must be a handle/],
    ['a sender that is no text', '/send/room', '{"sender":1}', form, 400, /^sender must be a handle/],
    ['a channel that is not there', '/send/nix', '{}', form, 404, /^There is no channel and no client nix: somebody/],
    ['no channel', '/send/', '{}', form, 400, /must not be empty/],
    ['a name with a blank', '/send/a%20b', '{}', form, 400, /white space or control characters/],
    ['a name with a line break', '/send/a%0Ab', '{}', form, 400, /white space or control characters/],
    ['a channel of the server', '/send/OOCSI_clients', '{}', form, 403, /^Only the server itself/],
    ['a presence', '/send/presence(room)', '{}', form, 403, /^Only the server itself/],
  ] as const) {
    test(`refuses ${what}, and says what to do`, async () => {
      const world = await openWorld();
      const alice = await world.line('alice');
      await say(alice, 'subscribe room');
      const bytes = type === 'latin1' ? Buffer.from(body, 'latin1') : body;
      const answer = await ask(world, path, { ...post('', form), body: bytes, headers: { 'Content-Type': type } });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/plain; charset=utf-8']);
      expect(answer.text).toMatch(text);
      expect(await alice.heard()).toEqual([]);
    });
  }

  test('takes 64 KiB and refuses more, whether its length is said or not', async () => {
    const world = await openWorld();
    const alice = await world.web('alice');
    const data = (length: number): string => `{"t":"${'x'.repeat(length - 8)}"}`;
    expect((await ask(world, '/send/alice', post(data(65_536)))).status).toBe(200);
    expect(await alice.heard()).toHaveLength(1);
    const longer = await ask(world, '/send/alice', post(data(65_537)));
    expect([longer.status, longer.text]).toEqual([413, 'The body is longer than 65536 bytes.\n']);
    const pieces = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(data(65_537)));
        controller.close();
      },
    });
    const unsaid: RequestInit & { duplex: 'half' } = { ...post(''), body: pieces, duplex: 'half' };
    expect((await ask(world, '/send/alice', unsaid)).status).toBe(413);
    expect(await alice.heard()).toEqual([]);
  });

  test('does not wait for a body that is said to be too long', async () => {
    const world = await openWorld();
    const socket = connect({ host: '127.0.0.1', port: world.server.port });
    socket.write('POST /send/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n');
    const [answer] = await within(once(socket.setEncoding('utf8'), 'data'), 'an answer');
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    socket.destroy();
  });

  test('gives up a body that does not arrive within 10 s', async () => {
    const world = await openWorld();
    const socket = connect({ host: '127.0.0.1', port: world.server.port });
    let text = '';
    socket.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    socket.write('POST /send/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n{"n":');
    const closed = once(socket, 'close');
    await expect.poll(() => world.clock.timers).toBeGreaterThan(1);
    await world.clock.advance(9_999);
    expect(text).toBe('');
    await world.clock.advance(1);
    await closed;
    expect(text).toMatch(/^HTTP\/1.1 408 [\s\S]*The body did not arrive within 10 s\.\n$/);
  });
});

describe('GET /send/CHANNEL/DATA', () => {
  test('passes the text on as a parameter', async () => {
    const world = await openWorld();
    const alice = await world.line('alice');
    await say(alice, 'subscribe room');
    expect(await ask(world, '/send/room/light%20blue/2')).toMatchObject({ status: 200, text: 'Sent to room.\n' });
    expect(told(await alice.heard())).toMatchObject([{ sender: 'WEB-REQUEST', data: { parameter: 'light blue/2' } }]);
    expect((await ask(world, '/send/nix/1')).status).toBe(404);
  });
});

describe('GET and POST /SERVICE/CALL', () => {
  test('give the answer of whoever has registered', async () => {
    const world = await openWorld();
    const lamp = await world.line('lamp');
    await say(lamp, 'subscribe lamps');
    const asked = ask(world, '/lamps/mix', post('{"hue":120}'));
    await expect.poll(() => world.server.stats().messagesIn).toBe(1);
    const [call] = told(await lamp.heard());
    expect(call).toMatchObject({
      sender: 'WEB-REQUEST',
      recipient: 'lamps',
      data: { hue: 120, webcall: 'mix', _MESSAGE_HANDLE: 'mix' },
    });
    const id = Object(call?.data)._MESSAGE_ID;
    await say(lamp, `sendraw WEB-REQUEST {"rgb":"green","level":1.0,"_MESSAGE_ID":"${id}"}`);
    const { status, headers, text } = await asked;
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(text).toBe('{"rgb":"green","level":1.0}\n');
  });

  test('reach the service echo, with what the query or a form says', async () => {
    const world = await openWorld();
    expect(await ask(world, '/echo/anything?n=1&t=a+b')).toMatchObject({ status: 200, text: '{"n":"1","t":"a b"}\n' });
    expect(await ask(world, '/echo/anything', post('n=1', form))).toMatchObject({ status: 200, text: '{"n":"1"}\n' });
  });

  for (const [data, type, text, json] of [
    ['{"html":"<b>hi</b>"}', 'text/html; charset=utf-8', '<b>hi</b>', '{"html":"<b>hi</b>"}\n'],
    ['{"text":"hi"}', 'text/plain; charset=utf-8', 'hi', '{"text":"hi"}\n'],
    ['{"csv":"a,b"}', 'text/csv; charset=utf-8', 'a,b', '{"csv":"a,b"}\n'],
    ['{"json":{"n":1.0}}', 'application/json', '{"n":1.0}', '{"json":{"n":1.0}}\n'],
    ['{"text":"hi","n":1}', 'application/json', '{"text":"hi","n":1}\n', '{"text":"hi","n":1}\n'],
  ] as const) {
    test(`show the answer ${data} as what it is, or as JSON when that is asked for`, async () => {
      const world = await openWorld();
      const shown = await ask(world, '/echo/it', post(data));
      expect([shown.headers.get('content-type'), shown.text]).toEqual([type, text]);
      // Somebody else's page must not act as one of this server.
      if (type.startsWith('text/html')) expect(shown.headers.get('content-security-policy')).toMatch(/^sandbox /);
      const init = post(data);
      const plain = await ask(world, '/echo/it', { ...init, headers: { ...init.headers, Accept: 'application/json' } });
      expect([plain.headers.get('content-type'), plain.text]).toEqual(['application/json', json]);
    });
  }

  test('say that nobody has the name, that nobody answers, and what the responder said went wrong', async () => {
    const world = await openWorld();
    const lamp = await world.line('lamp');
    expect(await ask(world, '/lamps/mix')).toMatchObject({ status: 404 });
    const failing = ask(world, '/lamp/mix');
    await expect.poll(() => world.server.stats().messagesIn).toBe(1);
    const id = Object(told(await lamp.heard())[0]?.data)._MESSAGE_ID;
    await say(lamp, `sendraw WEB-REQUEST {"_MESSAGE_ID":"${id}","_MESSAGE_ERROR":"unplugged"}`);
    expect(await failing).toMatchObject({ status: 502, text: 'It could not be done: unplugged\n' });
    const late = ask(world, '/lamp/mix');
    await expect.poll(() => world.server.stats().messagesIn).toBe(3);
    await world.clock.advance(4_999);
    await expect(Promise.race([late, lamp.settled()])).resolves.toBe(undefined);
    await world.clock.advance(1);
    expect(await late).toMatchObject({
      status: 504,
      text: expect.stringMatching(/^Nobody answered mix on lamp within 5 s/),
    });
  });

  test('leave nothing behind when the asker goes, and take no answer for another one', async () => {
    const world = await openWorld();
    const lamp = await world.line('lamp');
    await lamp.settled();
    const timers = world.clock.timers;
    const socket = connect({ host: '127.0.0.1', port: world.server.port });
    socket.write('GET /lamp/mix HTTP/1.1\r\nHost: localhost\r\n\r\n');
    let answer = '';
    socket.setEncoding('utf8').on('data', (piece: string) => {
      answer += piece;
    });
    await expect.poll(() => world.server.stats().messagesIn).toBe(1);
    const [call] = told(await lamp.heard());
    const id = Object(call?.data)._MESSAGE_ID;
    const bob = await world.web('bob');
    await say(lamp, 'sendraw WEB-REQUEST {"n":1,"_MESSAGE_ID":"web-9"}', 'sendraw WEB-REQUEST {"_MESSAGE_ID":7}');
    await say(bob, 'sendjson WEB-REQUEST {"n":1}', `sendjson WEB-REQUEST {"n":1,"_MESSAGE_ID":"${id}"}`);
    socket.destroy();
    await expect.poll(() => world.clock.timers).toBe(timers);
    expect(answer).toBe('');
  });
});

describe('GET and POST /SERVICE/CALL in the way of the web front', () => {
  test('ask again under the name of the service after a second of silence, with the call as webcall', async () => {
    const world = await openWorld();
    const app = await world.line('app');
    const asked = ask(world, '/app/vote.html?choice=a');
    await expect.poll(() => world.server.stats().messagesIn).toBe(1);
    await world.clock.advance(999);
    expect(told(await app.heard())).toMatchObject([
      { data: { choice: 'a', webcall: 'vote.html', _MESSAGE_HANDLE: 'vote.html' } },
    ]);
    await world.clock.advance(1);
    const [again] = told(await app.heard());
    expect(again).toMatchObject({ data: { choice: 'a', webcall: 'vote.html', _MESSAGE_HANDLE: 'app' } });
    await say(app, `sendraw WEB-REQUEST {"html":"<b>a</b>","_MESSAGE_ID":"${Object(again?.data)._MESSAGE_ID}"}`);
    expect(await asked).toMatchObject({ status: 200, text: '<b>a</b>' });
  });

  for (const dialect of ['line', 'web'] as const) {
    test(`take an answer without an id from who was called (${dialect}), and then ask it its way at once`, async () => {
      const world = await openWorld();
      const [app, bob] = [await world[dialect]('app'), await world.web('bob')];
      const verb = dialect === 'line' ? 'sendraw' : 'sendjson';
      const asked = ask(world, '/app/index');
      await expect.poll(() => world.server.stats().messagesIn).toBe(1);
      await world.clock.advance(1_000);
      await say(bob, 'sendjson WEB-REQUEST {"text":"mine"}');
      await say(app, `${verb} WEB-REQUEST {"text":"the page"}`);
      expect(await asked).toMatchObject({ status: 200, text: 'the page' });
      await app.heard();
      const next = ask(world, '/app/index');
      await expect.poll(() => world.server.stats().messagesIn).toBe(5);
      expect(told(await app.heard())).toMatchObject([{ data: { webcall: 'index', _MESSAGE_HANDLE: 'app' } }]);
      await say(app, `${verb} WEB-REQUEST {"text":"again"}`);
      expect(await next).toMatchObject({ status: 200, text: 'again' });
    });
  }

  test('give answers without an id to calls in their order, and those of a channel to its calls alone', async () => {
    const world = await openWorld();
    const [app, member] = [await world.line('app'), await world.line('member')];
    await say(member, 'subscribe room:pw');
    const first = ask(world, '/app/a');
    await expect.poll(() => world.server.stats().messagesIn).toBe(1);
    const second = ask(world, '/app/b');
    await expect.poll(() => world.server.stats().messagesIn).toBe(2);
    const room = ask(world, '/room:pw/c');
    await expect.poll(() => world.server.stats().messagesIn).toBe(3);
    await say(member, 'sendraw WEB-REQUEST {"text":"room"}');
    expect((await room).text).toBe('room');
    await say(app, 'sendraw WEB-REQUEST {"text":"one"}', 'sendraw WEB-REQUEST {"text":"two"}');
    expect([(await first).text, (await second).text]).toEqual(['one', 'two']);
  });

  test('ask once when the call has the name of the service, and give back no webcall', async () => {
    const world = await openWorld();
    const app = await world.line('app');
    const asked = ask(world, '/app/app');
    await expect.poll(() => world.server.stats().messagesIn).toBe(1);
    await world.clock.advance(2_000);
    expect(told(await app.heard())).toHaveLength(1);
    await say(app, 'sendraw WEB-REQUEST {"webcall":"app","text":"here"}');
    expect(await asked).toMatchObject({ status: 200, text: 'here' });
  });

  test('take data in the path, as JSON or as webcall_data', async () => {
    const world = await openWorld();
    expect((await ask(world, '/echo/it/%7B%22n%22:1.0%7D?t=x')).text).toBe('{"n":1.0,"t":"x"}\n');
    expect((await ask(world, '/echo/it/light%20blue/2')).text).toBe('{"webcall_data":"light blue/2"}\n');
    expect((await ask(world, '/echo/it/%7Bx')).text).toBe('{"webcall_data":"{x"}\n');
    expect((await ask(world, '/echo/it/?n=1')).text).toBe('{"n":"1"}\n');
    expect((await ask(world, '/echo/it/x', post('{}'))).status).toBe(405);
  });
});

describe('GET /NAME', () => {
  test('says that somebody has the name, with or without slashes behind it, and calls nobody', async () => {
    const world = await openWorld();
    const lamp = await world.line('lamp');
    await say(lamp, 'subscribe lamps', 'subscribe hidden:pw');
    for (const [path, text] of [
      ['/lamp', 'lamp ok\n'],
      ['/lamp/', 'lamp ok\n'],
      ['/lamp//', 'lamp ok\n'],
      ['/lamp///', 'lamp ok\n'],
      ['/lamps/', 'lamps ok\n'],
      ['/hidden:pw/', 'hidden ok\n'],
      ['/echo/', 'echo ok\n'],
    ]) {
      expect([path, await ask(world, path ?? '')]).toMatchObject([path, { status: 200, text }]);
    }
    expect((await ask(world, '/lamp/', post('{}'))).status).toBe(405);
    expect((await ask(world, '/lamp//x')).text).toBe('The name of the call must not be empty: use /CHANNEL/CALL.\n');
    expect((await ask(world, '/hidden/')).status).toBe(404);
    expect(await lamp.heard()).toEqual([]);
    expect(JSON.parse((await ask(world, '/health/')).text)).toMatchObject({ status: 'ok' });
  });

  test('says that there is no page either when nobody has the name', async () => {
    const world = await openWorld();
    for (const path of ['/mine', '/mine/']) {
      const { status, text } = await ask(world, path);
      const told = `There is nothing at ${path}: no page, no channel and no client. The start page is at /.\n`;
      expect([path, status, text]).toEqual([path, 404, told]);
    }
    expect((await ask(world, '/mine/index.html')).text).toBe(
      'There is no channel and no client mine: nobody can be called, and this server has no page there.\n',
    );
  });

  test.each(['oocsi.js', 'demo', 'vendor', 'ws', 'health'])('gives no client the path /%s', async (handle) => {
    const world = await openWorld();
    const before = await ask(world, `/${handle}`);
    await world.line(handle);
    expect((await ask(world, `/${handle}`)).status).toBe(before.status);
    expect((await ask(world, `/${handle}`)).text).not.toBe(`${handle} ok\n`);
  });
});

test.each(['/send/room/%zz', '/%E0%A4', '/send/%', '/subscribe/%ff', '/%'])(
  'A path that cannot be read, such as %s, is refused in words',
  async (path) => {
    const world = await openWorld();
    const { status, text } = await ask(world, path);
    expect([status, text]).toEqual([400, expect.stringMatching(/^The path .* cannot be read: write % as %25/)]);
  },
);

describe('what can be asked about the server', () => {
  test('GET /network.json gives who is subscribed to what, as far as anybody may know', async () => {
    const world = await openWorld({ users: ['lamp:secret'] });
    const [alice, bob] = [await world.line('alice'), await world.web('bob')];
    const lamp = await world.tcp('lamp:secret(JSON)');
    for (const raw of [alice, bob, lamp]) await say(raw, 'subscribe colour');
    await say(alice, 'subscribe hidden:pw', 'subscribe light');
    const { headers, text } = await ask(world, '/network.json');
    expect(headers.get('content-type')).toBe('application/json');
    expect(JSON.parse(text)).toEqual({
      nodes: [
        { id: 'alice', type: 'client' },
        { id: 'bob', type: 'client' },
        { id: 'colour', type: 'channel' },
        { id: 'light', type: 'channel' },
      ],
      links: [
        { source: 'alice', target: 'colour' },
        { source: 'bob', target: 'colour' },
        { source: 'alice', target: 'light' },
      ],
    });
  });

  test('GET /health says that the server is well', async () => {
    const world = await openWorld();
    await world.line('alice');
    await world.clock.advance(1_500);
    const { status, text } = await ask(world, '/health');
    expect([status, JSON.parse(text)]).toEqual([200, { status: 'ok', uptime: 1_500, clients: 1, channels: 0 }]);
  });

  test('GET /metrics gives all figures in the format of Prometheus', async () => {
    const world = await openWorld();
    const alice = await world.line('alice');
    await say(alice, 'subscribe room', 'sendraw alice {"n":1}', 'sendraw room {"_RETAIN":9}');
    const { headers, text } = await ask(world, '/metrics');
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const samples = new Map<string, number>();
    const blocks = text.matchAll(/# HELP (\w+) [A-Z].*\.\n# TYPE \1 (gauge|counter)\n\1 ([\d.]+)\n/g);
    let covered = 0;
    for (const [block, name = '', type, value] of blocks) {
      expect([name, type === 'counter']).toEqual([name, name.endsWith('_total')]);
      samples.set(name, Number(value));
      covered += block.length;
    }
    expect(covered).toBe(text.length);
    expect(samples.size).toBe(Object.keys(world.server.stats()).length + 2);
    expect(samples.get('oocsi_clients')).toBe(1);
    expect(samples.get('oocsi_messages_in_total')).toBe(2);
    expect(samples.get('oocsi_retained_messages')).toBe(1);
    expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });

  test('The helpers of the server are nobody’s guests, but their handles are theirs', async () => {
    const lines: string[] = [];
    const world = await openWorld({ logger: (line) => lines.push(line) });
    expect(lines).toEqual([]);
    for (const value of Object.values(world.server.stats())) expect(value).toBe(0);
    const alice = await world.line('alice');
    await say(alice, 'clients', 'channels', 'subscribe echo', 'sendraw echo {"n":1}');
    expect(await alice.heard()).toEqual(['alice', 'alice', expect.stringContaining('{"n":1,"recipient":"alice"')]);
    expect(world.server.broker.clients()).toEqual(['alice']);
    expect(world.server.stats()).toMatchObject({ clients: 1, channels: 0 });
    const thief = await world.tcp('echo(JSON)');
    expect(await thief.closed()).toEqual(['error (name already registered: echo)']);
  });
});

describe('methods and origins', () => {
  for (const [method, path, allow] of [
    ['POST', '/channels', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/health', 'GET, HEAD, OPTIONS'],
    ['GET', '/send/room', 'POST, OPTIONS'],
    ['PUT', '/send/room', 'POST, OPTIONS'],
    ['HEAD', '/send/room/1', 'GET, OPTIONS'],
    ['HEAD', '/echo/it', 'GET, POST, OPTIONS'],
    ['POST', '/subscribe/room', 'GET, OPTIONS'],
  ] as const) {
    test(`${method} ${path} is not allowed, and it is said what is`, async () => {
      const world = await openWorld();
      const { status, headers, text } = await ask(world, path, { method });
      expect([status, headers.get('allow')]).toEqual([405, allow]);
      expect(text).toMatch(method === 'HEAD' ? /^$/ : /^Use /);
      expect(world.server.stats().messagesIn).toBe(0);
    });
  }

  test('HEAD tells what GET would, without the body', async () => {
    const world = await openWorld();
    const { status, headers, text } = await ask(world, '/health', { method: 'HEAD' });
    expect([status, headers.get('content-type'), text]).toEqual([200, 'application/json', '']);
    expect(Number(headers.get('content-length'))).toBeGreaterThan(10);
  });

  test('OPTIONS tells a page of this host on another port what it may do', async () => {
    const world = await openWorld();
    const origin = 'http://localhost:5173';
    const answer = await askAs(world, '/send/room', { Origin: origin, Host: 'localhost:9000' }, 'OPTIONS');
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      allow: 'POST, OPTIONS',
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-allow-headers': 'Content-Type',
      vary: 'Origin',
    });
    const refused = await askAs(world, '/send/nix', { Origin: origin, Host: 'localhost:9000' }, 'POST');
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([400, origin]);
  });

  test('A page of another host may not ask, unless it is allowed to', async () => {
    const world = await openWorld({ allowOrigin: ['https://studio.example'] });
    for (const path of ['/channels', '/subscribe/room', '/send/echo/1', '/echo/it']) {
      const evil = await askAs(world, path, { Origin: 'https://evil.example' });
      expect([path, evil.status, evil.headers.has('access-control-allow-origin')]).toEqual([path, 403, false]);
      expect(evil.text).toMatch(/^origin https:\/\/evil\.example not allowed; /);
    }
    const origin = 'https://studio.example';
    const fine = await askAs(world, '/echo/it', { Origin: origin, 'Sec-Fetch-Site': 'cross-site' });
    expect([fine.status, fine.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
  });

  test('Links and images of other sites change nothing, but the client can be loaded from everywhere', async () => {
    const world = await openWorld();
    const header = { 'Sec-Fetch-Site': 'cross-site' };
    for (const [path, status] of [
      ['/send/echo/1', 403],
      ['/echo/it', 403],
      ['/channels', 200],
    ] as const) {
      expect([path, (await askAs(world, path, header)).status]).toEqual([path, status]);
    }
    expect((await askAs(world, '/send/echo', header, 'POST')).status).toBe(403);
    expect(world.server.stats().messagesIn).toBe(0);
    expect((await askAs(world, '/echo/it', { 'Sec-Fetch-Site': 'same-site' })).status).toBe(403);
    for (const site of ['same-origin', 'none']) {
      expect((await askAs(world, '/echo/it', { 'Sec-Fetch-Site': site })).status).toBe(200);
    }
    const foreign = { Origin: 'https://evil.example', ...header };
    const { status, headers } = await askAs(world, '/oocsi.js', foreign);
    if (status === 200) expect(headers.get('access-control-allow-origin')).toBe('*');
    else expect(status).toBe(404);
  });

  const browser = { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64)', 'Accept-Language': 'en' };
  const changing = ['/send/echo/1', '/echo/it?n=1', '/echo/it/1', '/subscribe/room'];
  type Headers = Readonly<Record<string, string>>;
  const link: Headers = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };

  test('An image, script or frame of another site changes nothing where browsers do not say which site it is', async () => {
    const world = await openWorld();
    const foreign: Headers[] = [
      { Accept: 'image/avif,image/webp,*/*;q=0.8', Referer: 'http://evil.example/' },
      { Accept: '*/*' },
      { Accept: 'text/event-stream' },
      {
        Accept: 'text/html',
        'Sec-Fetch-Site': 'cross-site',
        'Sec-Fetch-Mode': 'navigate',
        'Sec-Fetch-Dest': 'iframe',
      },
      { Accept: 'text/html', 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' },
    ];
    for (const path of changing) {
      for (const more of foreign) {
        const { status, text } = await askAs(world, path, { ...browser, ...more });
        expect([path, status]).toEqual([path, 403]);
        expect(text).toMatch(
          /^(another site may not do that|this browser does not say which site wants that; use POST)/,
        );
      }
    }
    expect((await askAs(world, '/send/echo', browser, 'POST')).status).toBe(403);
    expect(world.server.stats()).toMatchObject({ messagesIn: 0, channels: 0, clients: 0 });
    expect((await askAs(world, '/channels', browser)).status).toBe(200);
  });

  test('A person who follows an address to something that changes is asked first, and in no frame', async () => {
    const world = await openWorld();
    for (const path of [...changing, '/echo/%22%3E%3Cscript%3E?a&b="><b>']) {
      for (const more of [{}, link]) {
        const { status, text, headers } = await askAs(world, path, {
          ...browser,
          Accept: 'text/html,*/*;q=0.8',
          ...more,
        });
        expect([path, status, headers.get('content-type')]).toEqual([path, 403, 'text/html; charset=utf-8']);
        expect(text).toContain(`<a href="${path.replaceAll('&', '&amp;').replace(/"><b>$/, '&quot;&gt;&lt;b&gt;')}">`);
        expect(headers.get('x-frame-options')).toBe('DENY');
        expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
        expect(headers.get('referrer-policy')).toBe('same-origin');
      }
    }
    expect(world.server.stats()).toMatchObject({ messagesIn: 0, channels: 0, clients: 0 });
    // The click on its link comes from here.
    const clicks: Headers[] = [{ Referer: 'http://127.0.0.1:9000/echo/it?n=1' }, { 'Sec-Fetch-Site': 'same-origin' }];
    const clicked = { ...browser, Accept: 'text/html', Host: '127.0.0.1:9000' };
    for (const more of clicks) {
      const { status, text } = await askAs(world, '/echo/it?n=1', { ...clicked, ...more });
      expect([status, text]).toEqual([200, '{"n":"1"}\n']);
    }
  });

  test('A page of a client gets a token for a browser, and stays as it is for others', async () => {
    const world = await openWorld();
    const page = encodeURIComponent('<!doctype html><p>hi</p>');
    const path = `/echo/vote.html?html=${page}`;
    expect((await ask(world, path)).text).toBe('<!doctype html><p>hi</p>');
    const shown = { ...browser, Accept: 'text/html,*/*;q=0.8', 'Sec-Fetch-Site': 'none' };
    const tokens = [];
    for (let times = 0; times < 2; times++) {
      const { text, headers } = await askAs(world, path, shown);
      const [, token] = /^<!doctype html><meta name="oocsi-token" content="([\w-]{24})"><p>hi<\/p>$/.exec(text) ?? [];
      expect(Number(headers.get('content-length'))).toBe(text.length);
      expect(headers.get('content-security-policy')).toBe('sandbox allow-forms allow-scripts');
      expect(headers.get('cache-control')).toBe('no-store');
      tokens.push(token);
    }
    expect(tokens).toEqual([expect.any(String), expect.any(String)]);
    expect(new Set(tokens).size).toBe(2);
    expect((await askAs(world, '/echo/it?text=hi', shown)).text).toBe('hi');
  });

  test('A host name that is not the server’s is refused', async () => {
    const world = await openWorld();
    expect(await askAs(world, '/send/echo/1', { Host: 'evil.example' })).toMatchObject({ status: 403 });
    expect(world.server.stats().messagesIn).toBe(0);
  });
});
