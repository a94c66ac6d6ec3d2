import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { systemClock } from '../../../src/util/clock';
import { heapInUse } from '../../helpers/heap';
import { seed, seeded } from '../../helpers/random';
import { dataOf, openWorld, type World } from '../../helpers/world';

// `npm run soak` does the long run.
const isSoak = process.env['SOAK'] !== undefined;
const lines = isSoak ? 1_000_000 : 100_000;
const linesPerClient = 500;

const verbs = [
  'sendraw',
  'sendjson',
  'send',
  'subscribe',
  'unsubscribe',
  'clients',
  'channels',
  'ping',
  '.',
  'quit',
  'quit now',
  'SENDRAW',
  '',
];
const names = [
  'a',
  'b:c',
  'b',
  '__proto__',
  'constructor',
  'toString',
  'OOCSI_events',
  'OOCSI_metrics',
  'presence(a)',
  'presence(',
  'a[filter(n>1)]',
  'a[transform(n,n^n^n)]',
  'a[[',
  'a]',
  '',
  'x/?',
  '\u00e4',
  'SERVER',
];
const bits = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  '\\',
  '\\u',
  '\\u0041',
  '\\ud800',
  '{"n":1}',
  '{"__proto__":{"x":1}}',
  '{"constructor":null}',
  '"sender":"b"',
  '"_DELAY":1',
  '{"_RETAIN":1}',
  '{"_SCHEDULE":"2026-01-01 00:00:00"}',
  'null',
  'true',
  '1e999',
  '-0',
  '12345678901234567890',
  '\0',
  '\xff',
  '\xc3',
  '\r',
  '\t',
  ' ',
  ';',
  "'",
  '(JSON)',
];

/** Bytes of one line that might be meant, in the characters of Latin-1. */
function fuzzedLine(random: () => number): string {
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? '';
  const some = (most: number): string => Array.from({ length: Math.floor(random() * most) }, () => pick(bits)).join('');
  const chance = random();
  if (chance < 0.01)
    return (
      pick(['', 'sendraw a {"x":', 'subscribe ', 'presence(']) +
      pick(['[', '{"a":', '\\u', '(']).repeat(Math.floor(random() * 3_000))
    );
  if (chance < 0.2) return some(20);
  const data = chance < 0.5 ? `{"n":${some(3)},"${some(3)}":${pick(['1', 'null', '"x"', some(5)])}}` : some(12);
  return `${pick(verbs)} ${pick(names)} ${chance < 0.7 ? '' : '{'}${data}`;
}

/** Somebody who says a lot of nonsense, and goes. */
async function rave(world: World, random: () => number, name: string): Promise<void> {
  const nonsense = Array.from({ length: linesPerClient }, () => fuzzedLine(random));
  if (random() < 0.8) {
    const socket = connect({ host: '127.0.0.1', port: world.server.tcpPort ?? 0 });
    socket.on('error', () => undefined).resume();
    const bytes = Buffer.from(`${name}${random() < 0.1 ? ';' : '(JSON)'}\n${nonsense.join('\n')}\nquit\n`, 'latin1');
    // Cut where it may hurt.
    const cutAt = Math.floor(random() * bytes.length);
    socket.write(bytes.subarray(0, cutAt));
    socket.write(bytes.subarray(cutAt));
    await once(socket, 'close');
  } else {
    const socket = new WebSocket(world.server.url);
    socket.on('error', () => undefined);
    await once(socket, 'open');
    for (const frame of [name, ...nonsense]) socket.send(frame);
    socket.close();
    await once(socket, 'close');
  }
}

test(
  `${lines} lines of nonsense stop nobody else from being served`,
  async () => {
    const start = seed();
    console.log(`seed ${start}`);
    const random = seeded(start);
    const world = await openWorld({ clock: systemClock });
    const [line, web] = [await world.line('bystander1'), await world.web('bystander2')];
    let longest = 0;

    async function serve(): Promise<void> {
      const asked = performance.now();
      line.say('sendraw bystander2 {"still":"here"}');
      await line.settled();
      expect(dataOf(await web.heard())).toEqual([{ still: 'here' }]);
      web.say('sendjson bystander1 {"still":"here"}');
      await web.settled();
      expect(dataOf(await line.heard())).toEqual([{ still: 'here' }]);
      longest = Math.max(longest, performance.now() - asked);
    }

    async function raveAll(count: number): Promise<void> {
      for (let done = 0; done < count; done += 4 * linesPerClient) {
        const all = Promise.all([0, 1, 2, 3].map((index) => rave(world, random, `raver${done + index}`)));
        await serve();
        await all;
      }
    }

    // Some first, as there is much that a program keeps once it has run.
    await raveAll(lines / 5);
    const before = await heapInUse();
    await raveAll(lines);
    const growth = (await heapInUse()) - before;
    console.log(`${lines} lines: heap +${(growth / 2 ** 20).toFixed(1)} MiB, longest answer ${longest.toFixed()} ms`);
    expect(growth).toBeLessThan(10 * 2 ** 20);
    // 50 ms is the aim on a quiet machine; both sides of two conversations run in this process, too.
    if (isSoak) expect(longest).toBeLessThan(1_000);
    expect(world.server.broker.clients()).toEqual(['bystander1', 'bystander2']);
    expect(Object.keys({})).toEqual([]);
    expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(12);
  },
  (isSoak ? 20 : 2) * 60_000,
);
