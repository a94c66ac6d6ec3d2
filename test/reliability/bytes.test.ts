import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { connect, createClient, type Message } from '../../src/index';
import { asciiOnly } from '../../src/protocol/line/client';
import { startServer } from '../../src/server/index';
import { createScriptedAdapter, createVirtualClock } from '../../src/testing/index';
import { heapInUse } from '../helpers/heap';
import { listening } from '../helpers/listening';
import { createRandom, type Random } from '../kit/random';

const isLong = process.env['SOAK'] !== undefined;
const dictionary = [
  'ping',
  '.',
  'bye',
  'error (',
  '{',
  '}',
  '[',
  '"',
  '\\u',
  '\\ud83d',
  '__proto__',
  '"sender":',
  '"recipient":"lamp"',
  '"timestamp":',
  '"data":',
  '"_MESSAGE_ID":',
  '"_ACK":',
  '"_SEQ":',
  ':',
  ',',
  '1e999',
  '-0',
  'null',
  'true',
  '\0',
  '\x7f',
  'ÿ',
  '漢',
  '😀',
  '\r',
  ' ',
  'a,b',
  "{'message' : ",
];

const odd = [
  'colour',
  'lamp',
  'presence(colour)',
  '',
  'mix',
  null,
  true,
  -1,
  1e300,
  0.5,
  [],
  {},
  [[1]],
  { refresh: 1 },
  { polluted: true },
  '__proto__',
];
const keys = [
  'hue',
  'n',
  'join',
  'refresh',
  '_MESSAGE_ID',
  '_MESSAGE_HANDLE',
  '_MESSAGE_ERROR',
  '_SID',
  '_SEQ',
  '_ACK',
  '_BASE',
  '_ECHO',
  '_SPREAD',
  '__proto__',
  'constructor',
  'sender',
];

/** Something that reads like a message, but has any value anywhere. */
function almostMessage(random: Random, dialect: 'web' | 'line'): string {
  const likely = (...values: readonly unknown[]): unknown => random.pick(random.next() < 0.8 ? values : odd);
  const data = Object.fromEntries(
    Array.from({ length: random.whole(0, 5) }, () => [random.pick(keys) ?? '', random.pick(odd)]),
  );
  const envelope = {
    recipient: likely('colour', 'lamp', 'presence(colour)'),
    sender: likely('dial'),
    timestamp: likely(1),
  };
  return JSON.stringify(dialect === 'web' ? { ...envelope, data: likely(data) } : { ...data, ...envelope });
}

function nonsense(random: Random): string {
  const parts = Array.from({ length: random.whole(0, 12) }, () => random.pick(dictionary));
  return random.next() < 0.02 ? '['.repeat(random.whole(1, 5_000)) : parts.join('');
}

describe.each(['web', 'line'] as const)('over the %s dialect', (dialect) => {
  const count = isLong ? 1_000_000 : 50_000;

  test(`${count} frames of nonsense do a client no harm (T6, P2, I3)`, { timeout: 600_000 }, async () => {
    const random = createRandom();
    console.log(`T6 ${dialect}: seed ${random.seed}`);
    const clock = createVirtualClock();
    const far = createScriptedAdapter(dialect);
    const lines: number[] = [];
    const client = createClient(far, { handle: 'lamp', clock, logger: (text) => lines.push(text.length) });
    let errors = 0;
    client.on('error', () => errors++);
    const got: Message[] = [];
    client.subscribe('colour', (message) => got.push(message));
    client.subscribe('colour', () => undefined, { reliable: true });
    client.variable('colour', 'hue', { min: 0 });
    client.register('colour', 'mix', () => ({}));
    client.presence('colour');
    await clock.advance(0);
    await far.last.welcome();
    const before = await heapInUse();
    let slowest = 0;
    for (let n = 0; n < count; n++) {
      const frame = random.next() < 0.5 ? nonsense(random) : almostMessage(random, dialect);
      const began = performance.now();
      // A line never has a line end in it.
      far.last.say(frame);
      slowest = Math.max(slowest, performance.now() - began);
      if (n % 1_000 === 0) {
        lines.length = 0;
        await clock.advance(10);
      }
    }
    await clock.advance(1_000);
    expect(client.state.status).toBe('connected');
    expect(errors).toBeGreaterThan(0);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(got.length).toBeGreaterThan(100);
    expect(got.filter(({ data }) => Object.keys(data).some((key) => /^_[A-Z_]|^__proto__$/.test(key)))).toEqual([]);
    got.length = 0;
    // The far side remembers what the client answered.
    const kept = far.last.sent.join('').length;
    const grown = ((await heapInUse()) - before - kept) / 2 ** 20;
    console.log(
      `T6 ${dialect}: ${count} frames, slowest ${slowest.toFixed(1)} ms, ${errors} errors told, heap ${grown.toFixed(1)} MiB more`,
    );
    expect(grown).toBeLessThan(10);
    // Generous: a frame takes a millisecond, but the machine may be busy with something else.
    expect(slowest).toBeLessThan(1_000);
    const sane = { recipient: 'colour', sender: 'dial', timestamp: 1 };
    far.last.say(JSON.stringify(dialect === 'web' ? { ...sane, data: { n: 1 } } : { ...sane, n: 1 }));
    expect(got).toEqual([{ ...sane, data: { n: 1 } }]);
  });
});

const alphabet = ['a', 'é', '漢', '😀', '\u2028', '"', '\\', ' ', '\u0000'];

test('text cut anywhere, in the middle of a character too, arrives as it was (T7, N2)', {
  timeout: 600_000,
}, async () => {
  const count = isLong ? 1_000_000 : 10_000;
  const random = createRandom();
  console.log(`T7: seed ${random.seed}`);
  const clock = createVirtualClock();
  const far = createScriptedAdapter('line');
  const client = createClient(far, { handle: 'lamp', clock });
  const got: string[] = [];
  client.subscribe('colour', ({ data }) => got.push(data.text));
  await clock.advance(0);
  await far.last.welcome();
  const sent: string[] = [];
  for (let n = 0; n < count; n++) {
    const text = Array.from({ length: random.whole(0, 12) }, () => random.pick(alphabet)).join('');
    const message = JSON.stringify({ recipient: 'colour', sender: 'dial', timestamp: 1, text });
    sent.push(text);
    // Half of the servers escape, half of them do not.
    far.last.sayBytes(`${n % 2 ? asciiOnly(message) : message}\n`, random.whole(1, 7));
  }
  expect(got).toEqual(sent);
});

test('bytes that are cut anywhere arrive over a socket as the text they were (T7)', { timeout: 600_000 }, async () => {
  const cuts = isLong ? 1_000_000 : 10_000;
  const random = createRandom();
  console.log(`T7 tcp: seed ${random.seed}`);
  const sent: string[] = [];
  const far = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined);
    let bytes = Buffer.from('{\'message\' : "welcome lamp"}\n');
    let cut = 0;
    function next(): void {
      if (bytes.length < 100 && cut < cuts) {
        const text = Array.from({ length: random.whole(0, 12) }, () => random.pick(alphabet)).join('');
        sent.push(text);
        const message = JSON.stringify({ recipient: 'lamp', sender: 'dial', timestamp: 1, text });
        bytes = Buffer.concat([bytes, Buffer.from(`${message}\n`)]);
      }
      if (bytes.length === 0) return;
      const size = cut++ % 2 ? 1 : random.whole(1, 40);
      // A turn later, so that each piece is a read of its own.
      socket.write(bytes.subarray(0, size), () => setImmediate(next));
      bytes = bytes.subarray(size);
    }
    socket.once('data', next);
  });
  const { port, close } = await listening(far);
  const errors: unknown[] = [];
  const on = { error: (error: unknown) => errors.push(error) };
  const client = await connect(`tcp://127.0.0.1:${port}`, { handle: 'lamp', on });
  const got: string[] = [];
  const all = new Promise<void>((resolve) => {
    client.subscribe(({ data }) => {
      got.push(data.text);
      if (got.length === sent.length) setImmediate(() => got.length === sent.length && resolve());
    });
  });
  await all;
  expect(got.length).toBeGreaterThan(cuts / 20);
  expect([got, errors]).toEqual([sent, []]);
  await Promise.all([client.close(), close()]);
});

test('10,000 tiny messages of one turn arrive in order (T3)', { timeout: 600_000 }, async () => {
  const count = isLong ? 1_000_000 : 10_000;
  const server = await startServer({ port: 0, tcpPort: 0 });
  for (const url of [server.tcpUrl, server.url]) {
    const [receiver, sender] = [await connect(url, { handle: 'receiver' }), await connect(url, { handle: 'sender' })];
    const got: number[] = [];
    receiver.subscribe('c', ({ data }) => got.push(data.i));
    await receiver.flush();
    const began = performance.now();
    for (let i = 0; i < count; i++) {
      sender.send('c', { i });
      if (i % 10_000 === 9_999) await sender.flush();
    }
    await receiver.flush();
    const took = Math.round(performance.now() - began);
    console.log(`T3 ${url?.split(':')[0]}: ${got.length} of ${count} tiny messages of one turn within ${took} ms`);
    expect(got).toEqual(Array.from({ length: count }, (_, i) => i));
    await Promise.all([receiver.close(), sender.close()]);
  }
  await server.close();
});

test('each of a hundred responders is heard (T5)', { timeout: 60_000 }, async () => {
  const count = isLong ? 200 : 100;
  const server = await startServer({ port: 0, tcpPort: 0 });
  const responders = await Promise.all(
    Array.from({ length: count }, (_, n) => connect(server.tcpUrl, { handle: `lamp_${n}` })),
  );
  for (const [n, one] of responders.entries()) one.register('lamps', 'who', () => ({ n }));
  await Promise.all(responders.map((one) => one.flush()));
  const asker = await connect(server.tcpUrl, { handle: 'asker' });
  const answers = new Set<number>();
  for await (const { data } of asker.callAll('lamps', 'who', {}, { max: count, timeout: 10_000 })) answers.add(data.n);
  console.log(`T5: ${answers.size} of ${count} answers`);
  expect(answers.size).toBe(count);
  await Promise.all([asker, ...responders].map((one) => one.close()));
  await server.close();
});
