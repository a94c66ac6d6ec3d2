import { describe, expect, test } from 'vitest';
import { openClient } from '../../src/core/client';
import type { Client, ClientOptions } from '../../src/index';
import { createLine } from '../../src/protocol/line/client';
import { web } from '../../src/protocol/web/client';
import { createScriptedAdapter, createVirtualClock } from '../../src/testing/index';
import { createRandom } from '../kit/random';

const isLong = process.env['SOAK'] !== undefined;

const parts = [
  ...[
    'a',
    'Z',
    '0',
    '_',
    '-',
    '/',
    '#',
    ':',
    '[',
    ']',
    '(',
    ')',
    ';',
    '"',
    '{',
    '}',
    '\\',
    ' ',
    '\n',
    '\r',
    '\t',
    '\0',
  ],
  ...[
    '\u007f',
    '\u0085',
    '\u2028',
    'é',
    '😀',
    '\ud800',
    'ping',
    'quit',
    '\nquit\n',
    'subscribe b',
    'sendraw b {"n":1}',
  ],
  ...['a > 1', 'filter(a>1)', '(JSON)', 'presence(a)', '__proto__', 'x'.repeat(100)],
];

/** Where a program can hand in a text, and what it then says to the server, unless it throws. */
const places: Readonly<Record<string, (client: Client, text: string) => (() => void) | undefined>> = {
  recipient: (client, text) => void client.send(text, { n: 1 }),
  'password of a recipient': (client, password) => void client.send('a', { n: 1 }, { password }),
  'key of data': (client, text) => void client.send('a', { [text]: 1 }),
  'value of data': (client, text) => void client.send('a', { text }),
  channel: (client, text) => client.subscribe(text, () => undefined),
  'password of a channel': (client, password) => client.subscribe('a', () => undefined, { password }),
  filter: (client, filter) => client.subscribe('a', () => undefined, { filter }),
  'key of a transform': (client, text) => client.subscribe('a', () => undefined, { transform: { [text]: 'a' } }),
  transform: (client, text) => client.subscribe('a', () => undefined, { transform: { key: text } }),
  'channel of a responder': (client, text) => client.register(text, 'mix', () => ({})),
  'service of a responder': (client, text) => client.register('a', text, () => ({})),
  'presence of': (client, text) => {
    const presence = client.presence(text);
    return () => presence[Symbol.dispose]();
  },
  'channel of a variable': (client, text) => shared(client, text, 'hue'),
  'key of a variable': (client, text) => shared(client, 'a', text),
};

/** How many keys data has, without what a variable adds. */
function keysIn(json: string): number {
  return Object.keys(JSON.parse(json)).filter((key) => key !== '_SET').length;
}

function shared(client: Client, channel: string, key: string): () => void {
  const variable = client.variable(channel, key);
  variable.set(1);
  return () => variable[Symbol.dispose]();
}

/** The verbs that a client says because of a text in a place. */
const said = new Map<string, readonly string[]>([
  ...['recipient', 'password of a recipient', 'key of data', 'value of data'].map((at) => [at, ['send']] as const),
  ...['channel of a variable', 'key of a variable'].map((at) => [at, ['subscribe', 'send', 'unsubscribe']] as const),
]);
const listening = ['subscribe', 'unsubscribe'];

describe.each(['line', 'web'] as const)('over the %s dialect', (dialect) => {
  const count = isLong ? 5_000_000 : 50_000;

  async function opened(options: ClientOptions) {
    const clock = createVirtualClock();
    const far = createScriptedAdapter(dialect);
    const client = openClient(() => far, { web, line: createLine() }, { clock, ...options }, false);
    await clock.advance(0);
    return { clock, far, client };
  }

  /** The commands that were written since, as a server reads them. */
  const commands = (frames: readonly string[]): string[] =>
    dialect === 'web' ? [...frames] : frames.join('').split('\n').slice(0, -1);

  test('no text in any place becomes another command than was meant (T16, I1)', { timeout: 600_000 }, async () => {
    const random = createRandom();
    const text = (): string => Array.from({ length: random.whole(0, 5) }, () => random.pick(parts)).join('');
    const world = await opened({ handle: 'lamp' });
    await world.far.last.welcome();
    const { client, clock, far } = world;
    // Names have characters of any script; what ends a line or a name on the wire is in none.
    const command =
      /^(?:(?<verb>(?:un)?subscribe) [^\s\p{Cc}\p{Cs}][^\p{Cc}\p{Cs}\p{Zl}]*|send(?:raw|json) [^\s\p{Cc}\p{Cs}]+ (?<json>\{[^\0-\x1f]*\}) *)$/u;
    const [taken, refused] = [new Map<string, number>(), new Map<string, number>()];
    for (let n = 0; n < count; n++) {
      const one = text();
      const place = random.pick(Object.keys(places)) ?? '';
      const before = far.last.sent.length;
      let thrown: unknown;
      try {
        places[place]?.(client, one)?.();
      } catch (error) {
        thrown = error instanceof Error ? error.name : error;
      }
      // Over TCP the lines of one turn leave together, at its end.
      if (dialect === 'line') await Promise.resolve();
      const now = commands(far.last.sent.slice(before));
      const verbs = now.map((frame) => {
        const { verb, json } = command.exec(frame)?.groups ?? {};
        if (json) expect([place, one, frame, keysIn(json)]).toEqual([place, one, frame, 1]);
        return json ? 'send' : verb;
      });
      if (thrown) expect([place, one, thrown, now]).toEqual([place, one, 'TypeError', []]);
      else expect([place, one, verbs]).toEqual([place, one, said.get(place) ?? listening]);
      const counter = thrown ? refused : taken;
      counter.set(place, (counter.get(place) ?? 0) + 1);
    }
    console.log(`T16 ${dialect}: ${count} texts in ${taken.size} places, seed ${random.seed}`);
    expect([...taken.keys()].sort()).toEqual(Object.keys(places).sort());
    for (const place of ['recipient', 'channel', 'filter', 'transform', 'presence of']) {
      expect(refused.get(place)).toBeGreaterThan(100);
    }
    await Promise.all([client.close(), clock.advance(2_000)]);
  });

  test('no text as a handle or its password says more than who it is (T16, I1)', { timeout: 600_000 }, async () => {
    const random = createRandom();
    const hello = dialect === 'line' ? /^[!-~]+\(JSON\)$/ : /^[!-~]+$/;
    let taken = 0;
    for (let n = 0; n < count / 25; n++) {
      const one = Array.from({ length: random.whole(0, 3) }, () => random.pick(parts)).join('');
      const options = n % 2 ? { handle: one } : { handle: 'lamp', password: one };
      const world = await opened(options).catch((thrown) => {
        expect([one, thrown.name]).toEqual([one, 'TypeError']);
      });
      if (!world) continue;
      taken++;
      const { far, client, clock } = world;
      await far.last.open();
      const frames = commands(far.last.sent);
      expect([one, frames.length, frames.filter((frame) => !hello.test(frame))]).toEqual([one, 1, []]);
      await Promise.all([client.close(), clock.advance(2_000)]);
    }
    expect(taken).toBeGreaterThan(100);
  });
});
