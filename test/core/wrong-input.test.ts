import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ClientOptions, createClient } from '../../src/index';
import { createScriptedAdapter } from '../helpers/script-link';
import { connectScripted } from '../helpers/scripted-client';
import { createVirtualClock } from '../helpers/virtual-clock';

async function connected(dialect: 'line' | 'web' = 'web') {
  const far = createScriptedAdapter(dialect);
  const clock = createVirtualClock();
  const errors: Error[] = [];
  const client = createClient(far, { handle: 'lamp', clock, on: { error: (error) => errors.push(error) } });
  await clock.advance(0);
  await far.last.welcome();
  return { client, far, clock, errors };
}

const badNames = [
  '',
  ' ',
  'two words',
  'tab\t',
  'line\nbreak',
  'a\r',
  'zero\0',
  'next\u0085line',
  'no\u00a0break',
  '\u2028',
  '\u3000',
  '\ufeffroom',
  '\ud800',
  'x'.repeat(195),
  'ü'.repeat(98),
  '聊'.repeat(65),
  ':secret',
];

/** Channels in any script: by themselves, and at their longest. */
const goodNames = ['grün', '聊天室', '🎨', '👩\u200d👧', 'комната/1', 'x'.repeat(194), 'ü'.repeat(97), '聊'.repeat(64)];

describe('names', () => {
  test.each(badNames)('%j is refused before anything is written', async (name) => {
    const { client, far } = await connected();
    const before = [...far.last.sent];
    expect(() => client.send(name, {})).toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('recipient') }),
    );
    expect(() => client.subscribe(name, () => {})).toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('channel') }),
    );
    expect(() => client.messages(name)).toThrow(TypeError);
    expect(() => client.channel(name)).toThrow(TypeError);
    expect(() => client.subscribe(name, () => {})).toThrow(/: use .*1 to 194 bytes of UTF-8 without white space$/);
    expect(far.last.sent).toEqual(before);
  });

  test.each(badNames.filter((name) => !name.startsWith(':')))('%j is refused as a handle', (name) => {
    expect(() => createClient(createScriptedAdapter(), { handle: name })).toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining('handle') }),
    );
  });

  test('with half of a function in them are refused with what to write', async () => {
    const { client } = await connected();
    expect(() => client.subscribe('a[b', () => {})).toThrow(
      'channel cannot be "a[b": use NAME[filter(EXPRESSION)], or the option filter',
    );
  });

  test.each(goodNames)('%s can be that of a channel and a recipient', async (name) => {
    const { client, far, clock } = await connected();
    const got: unknown[] = [];
    client.subscribe(name, ({ data }) => got.push(data));
    client.send(name, { n: 1 });
    client.channel(name).send({ n: 2 });
    client.variable(name, 'key', { initial: 1 });
    await clock.advance(0);
    expect(far.last.sent.slice(1)).toEqual([
      `subscribe ${name}`,
      `sendjson ${name} {"n":1}`,
      `sendjson ${name} {"n":2}`,
    ]);
    far.last.say(JSON.stringify({ recipient: name, sender: 'dial', timestamp: 1, data: { n: 3 } }));
    expect(got).toEqual([{ n: 3 }]);
  });

  test('of handles, presences and channels with functions stay in ASCII, and errors say so', async () => {
    const { client } = await connected();
    expect(() => createClient(createScriptedAdapter(), { handle: 'grün' })).toThrow(
      /handle cannot be "grün": use 1 to 194 ASCII characters without white space/,
    );
    const plain = /cannot be "grün": only names of A-Z, a-z, 0-9, _ and - have/;
    expect(() => client.presence('grün')).toThrow(plain);
    expect(() => client.channel('grün').presence()).toThrow(plain);
    expect(() => client.subscribe('grün', () => {}, { filter: 'v > 1' })).toThrow(plain);
    expect(() => client.messages('grün', { transform: { v: 'v * 2' } })).toThrow(plain);
    expect(() => client.subscribe('two words', () => {})).toThrow(
      /channel cannot be "two words": use 1 to 194 bytes of UTF-8 without white space/,
    );
  });

  test.each<[string, (client: Awaited<ReturnType<typeof connected>>['client'], name: string) => unknown]>([
    ['send', (client, name) => client.send(name, { n: 1 })],
    ['subscribe', (client, name) => client.subscribe(name, () => {})],
    ['messages', (client, name) => client.messages(name)],
    ['variable', (client, name) => client.variable(name, 'key')],
    ['register', (client, name) => client.register(name, 'mix', () => {})],
    ['call', (client, name) => client.call(name, 'mix').catch(() => {})],
    ['channel', (client, name) => client.channel(name).send({ n: 1 })],
  ])('that look like one of several channels, such as room:1, are told once: %s', async (_verb, use) => {
    for (const dialect of ['web', 'line'] as const) {
      const { client, errors } = await connected(dialect);
      for (const name of ['colour:secret', 'plain', 'room:1', 'house:kitchen:lamp']) use(client, name);
      client.send('room:2', {});
      client.send('hall', { n: 1 }, { password: '1' });
      client.subscribe('hall', () => {}, { password: '1' });
      expect(errors.filter(({ message }) => message.includes('password')).map(({ message }) => message)).toEqual([
        '"room:***" is the channel "room" with a password: if you mean that, say { password }, else use another character than ":".',
        '"house:***" is the channel "house" with a password: if you mean that, say { password }, else use another character than ":".',
      ]);
    }
  });

  test('of any text become one line or none', async () => {
    const { client, far, clock } = await connected('line');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (name) => {
        const before = far.last.sent.length;
        let thrown = false;
        try {
          client.send(name, { n: 1 });
        } catch (error) {
          thrown = error instanceof TypeError;
        }
        await clock.advance(0);
        const written = far.last.sent.slice(before).join('');
        expect(written.split('\n').length - 1).toBe(thrown ? 0 : 1);
      }),
    );
  });
});

describe('data', () => {
  const circle: Record<string, unknown> = { n: 1 };
  circle['self'] = circle;

  test.each<[string, unknown, string]>([
    ['a list', [1, 2], 'Array'],
    ['text', 'hello', 'String'],
    ['null', null, 'Null'],
    ['nothing', undefined, 'Undefined'],
    ['a number', 7, 'Number'],
    ['a map', new Map([['a', 1]]), 'Map'],
    ['a date', new Date(0), 'Date'],
    ['a promise', Promise.resolve({}), 'Promise'],
    ['a function', () => {}, 'Function'],
    ['a circle', circle, 'self'],
    ['a BigInt', { ok: 1, big: 1n }, 'big'],
    ['a BigInt further down', { deep: { list: [1n] } }, 'BigInt'],
    ['NaN', { x: Number.NaN }, 'x'],
    ['infinity', { far: Number.POSITIVE_INFINITY }, 'far'],
    ['a function inside', { run: () => {} }, 'run'],
    ['a symbol inside', { sign: Symbol('s') }, 'sign'],
    ['what becomes text', Object.assign(Object.create({ toJSON: () => 'text' }), { a: 1 }), 'data'],
  ])('%s is refused, and the message says which', async (_, data, named) => {
    const { client, far } = await connected();
    const before = [...far.last.sent];
    // Programs in JavaScript hand in anything.
    const send: (recipient: string, data: never) => unknown = client.send;
    expect(() => Reflect.apply(send, client, ['colour', data])).toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(named) }),
    );
    expect(far.last.sent).toEqual(before);
  });

  test.each<[dialect: 'line' | 'web', sent: string]>([
    ['web', 'sendjson colour {"n":1,"deep":{"m":1}}'],
    ['line', 'sendraw colour {"n":1,"deep":{"m":1}}'],
  ])('undefined is left out, as JSON does (%s)', async (dialect, sent) => {
    const { client, far, errors } = await connectScripted({}, dialect);
    const before = far.last.sent.length;
    client.send('colour', { gone: undefined, n: 1, deep: { gone: undefined, m: 1 } });
    client.send('colour', { recipient: undefined, n: 1 });
    client.send('colour', { gone: undefined });
    client.send('colour', { n: 1, sender: undefined }, { retain: 1 });
    await Promise.resolve();
    const verb = sent.split(' ', 1)[0];
    const rest = ['{"n":1}', '{}', '{"n":1,"_RETAIN":1}'].map((data) => `${verb} colour ${data}`);
    const said = far.last.sent
      .slice(before)
      .join('')
      .split(dialect === 'web' ? /(?=sendjson)/ : '\n');
    expect(said.map((line) => line.trim()).filter(Boolean)).toEqual([sent, ...rest]);
    expect(errors).toEqual([]);
  });

  const bent: [value: unknown, what: string][] = [
    [2 ** 63, '9223372036854776000'],
    // JavaScript writes less digits than it needs, and so more than 64 bits.
    [-(2 ** 63), '-9223372036854776000'],
    [-(2 ** 63) - 2048, '-9223372036854778000'],
    [999_999_999_999_999_900_000, '999999999999999900000'],
    [[2 ** 64], '18446744073709552000'],
    [{ deep: [Number.NaN] }, 'NaN'],
    [[Number.NEGATIVE_INFINITY], '-Infinity'],
    [new Map([['a', 1]]), 'Map'],
    [{ deep: new Set([1]) }, 'Set'],
    [new Error('broken'), 'Error'],
    [new Uint8Array([1]), 'Uint8Array'],
    [/x/, 'RegExp'],
    [Promise.resolve(1), 'Promise'],
    [{ run: () => {} }, 'function'],
  ];
  class WritesItself {
    readonly n = 1;
    toJSON(): unknown {
      return this;
    }
  }
  const lost: [value: unknown, why: string][] = [
    [new Date(Number.NaN), 'a Date, which arrives as null: is it a valid one?'],
    [[new Date(Number.NaN)], 'a Date, which arrives as null: is it a valid one?'],
    [{ toJSON: () => undefined }, 'a Object, which is left out as its toJSON() gives undefined'],
    [{ toJSON: () => Number.NaN }, 'NaN, which arrives as null'],
    [{ toJSON: () => [undefined] }, 'undefined in a list, which arrives as null'],
    [[undefined], 'undefined in a list, which arrives as null'],
    // biome-ignore lint/suspicious/noSparseArray: what is told is the hole.
    [[, 1], 'undefined in a list, which arrives as null'],
    [[Symbol('x')], 'a symbol, which is left out'],
    [{ deep: Symbol('x') }, 'a symbol, which is left out'],
  ];
  test.each(lost)('%o is reported once per key, as it does not arrive', async (value, why) => {
    for (const dialect of ['web', 'line'] as const) {
      const { client, errors } = await connectScripted({}, dialect);
      for (let time = 0; time < 3; time++) expect(client.send('colour', { n: 1, odd: value })).toBe('sent');
      expect(errors.map(({ message }) => message)).toEqual([`data.odd holds ${why}.`]);
      client.send('colour', { other: value });
      expect(errors).toHaveLength(2);
    }
  });
  test.each(bent)('%o goes out as JSON makes it, and is reported once per key', async (value, what) => {
    for (const dialect of ['web', 'line'] as const) {
      const { client, far, errors } = await connectScripted({}, dialect);
      for (let time = 0; time < 3; time++) expect(client.send('colour', { n: 1, odd: value })).toBe('sent');
      await Promise.resolve();
      expect(far.last.sent.at(-1)).toContain(`{"n":1,"odd":${JSON.stringify(value)}}`);
      expect(errors).toEqual([
        expect.objectContaining({
          code: 'invalid',
          message: expect.stringContaining(`data.odd holds ${/^[-\dNI]/.test(what) ? '' : 'a '}${what}`),
        }),
      ]);
    }
  });

  const sound = [
    2 ** 63 - 1024,
    -(2 ** 63) + 1024,
    1e21,
    1e300,
    new Date(0),
    { list: [null, 'x', true, 1.5] },
    { toJSON: () => ({ n: 1 }) },
    new WritesItself(),
  ];
  test.each(sound)('%o is not reported', async (value) => {
    const { client, errors } = await connectScripted();
    client.send('colour', { value });
    expect(errors).toEqual([]);
  });

  test('that receivers may not see as it was sent goes out, and is reported once per key', async () => {
    const { client, far, errors } = await connected();
    for (let time = 0; time < 3; time++) client.send('colour', { sender: 'me', empty: null, n: 1 });
    expect(far.last.sent.at(-1)).toBe('sendjson colour {"sender":"me","empty":null,"n":1}');
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('data.sender'),
      expect.stringContaining('data.empty'),
    ]);
  });

  test('of any JSON object becomes one line that reads back the same', async () => {
    const { client, far, clock } = await connected('line');
    const anything = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }));
    await fc.assert(
      fc.asyncProperty(anything, async (data) => {
        client.send('colour', data);
        await clock.advance(0);
        const lines = (far.last.sent.at(-1) ?? '').split('\n');
        expect(lines).toHaveLength(2);
        const [line = ''] = lines;
        expect(line).toMatch(/^[ -\x7f]*$/);
        expect(JSON.parse(line.replace(/^sendraw colour /, ''))).toEqual(JSON.parse(JSON.stringify(data)));
      }),
    );
  });
});

describe('options', () => {
  test.each([
    ['fahrenheit', '"fahrenheit"'],
    [5, '5'],
    [true, 'true'],
    [[], 'Array'],
    [null, 'null'],
  ])('transform that is %j is refused, and told what it must be', async (transform, shown) => {
    const { client } = await connected();
    expect(() => Reflect.apply(client.subscribe, client, ['colour', () => {}, { transform }])).toThrow(
      new TypeError(`transform cannot be ${shown}: use an object of expressions, such as { color: 'color / 2' }`),
    );
  });

  test('filter that is null is refused, and told what it must be', async () => {
    const { client } = await connected();
    expect(() => Reflect.apply(client.subscribe, client, ['colour', () => {}, { filter: null }])).toThrow(
      new TypeError("filter cannot be null: use an expression such as 'color > 100', or a list of them"),
    );
  });

  test.each<[string, ClientOptions]>([
    ['timeout', { timeout: -1 }],
    ['timeout', { timeout: Number.NaN }],
  ])('%s that cannot be meant is a RangeError', (name, options) => {
    expect(() => createClient(createScriptedAdapter(), options)).toThrow(
      expect.objectContaining({ name: 'RangeError', message: expect.stringContaining(name) }),
    );
  });

  test.each([
    ['an option that there is not', { handel: 'lamp' }],
    ['an event that there is not', { on: { stat: () => {} } }],
    ['a logger that is no function', { logger: 5 }],
    ['an option of reconnect that there is not', { reconnect: { attempt: 5 } }],
    ['a delay that is no function', { reconnect: { delay: 1000 } }],
    ['an option of outbox that there is not', { outbox: { sise: 5 } }],
  ])('%s is a TypeError', (_what, options) => {
    expect(() => createClient(createScriptedAdapter(), options as never)).toThrow(TypeError);
  });

  test.each<
    [string, (client: Awaited<ReturnType<typeof connected>>['client'], given: object) => unknown, object, string]
  >([
    ['send', (client, given) => client.send('lamp', {}, given), { retian: 1 }, '"retian": did you mean "retain"?'],
    ['send', (client, given) => client.send('lamp', {}, given), { whenoffline: 'drop' }, 'did you mean "whenOffline"?'],
    ['send', (client, given) => client.send('lamp', {}, given as never), { ack: true, delay: 1 }, '"delay": use ack,'],
    ['send', (client, given) => client.send('lamp', {}, { ack: given }), { timout: 1 }, '"ack.timout": did you mean'],
    ['subscribe', (client, given) => client.subscribe('lamp', () => {}, given), { filtr: 'a > 1' }, 'mean "filter"?'],
    [
      'subscribe',
      (client, given) => client.subscribe('a', () => {}, { limit: given as never }),
      { rat: 1 },
      '"limit.rate"?',
    ],
    ['messages', (client, given) => client.messages('lamp', given), { bufer: 1 }, '"bufer": did you mean "buffer"?'],
    ['next', (client, given) => client.next('lamp', given), { timout: 1 }, '"timout": did you mean "timeout"?'],
    ['variable', (client, given) => client.variable('lamp', 'n', given), { intial: 1 }, 'did you mean "initial"?'],
    [
      'variable',
      (client, given) => client.variable('a', 'n', { smooth: given as never }),
      { windw: 1 },
      '"smooth.window"?',
    ],
    ['call', (client, given) => client.call('lamp', 'mix', {}, given), { timout: 1 }, 'did you mean "timeout"?'],
    ['callAll', (client, given) => client.callAll('lamp', 'mix', {}, given), { mx: 1 }, 'did you mean "max"?'],
    ['register', (client, given) => client.register('lamp', 'mix', () => {}, given), { pasword: 'a' }, '"password"?'],
    ['flush', (client, given) => client.flush(given), { timout: 1 }, 'did you mean "timeout"?'],
    ['clients', (client, given) => client.clients(given), { timout: 1 }, 'did you mean "timeout"?'],
    ['members', (client, given) => client.members('lamp', given), { signl: 1 }, 'did you mean "signal"?'],
    ['on', (client, given) => client.on('lost', () => {}, given), { signl: 1 }, 'did you mean "signal"?'],
  ])('of %s that are misspelt are told with the right name', async (_verb, use, given, said) => {
    const { client, far } = await connected();
    const before = [...far.last.sent];
    // Some verbs throw, and those that return promises reject.
    await expect((async () => use(client, given))()).rejects.toThrow(
      expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(said) }),
    );
    expect(far.last.sent).toEqual(before);
  });

  test('that are no object are told what goes into one', async () => {
    const { client } = await connected();
    expect(() => Reflect.apply(client.send, client, ['lamp', {}, 'drop'])).toThrow(/^options cannot be "drop": use an/);
    expect(() => createClient(createScriptedAdapter(), { outbox: JSON.parse('5') })).toThrow(
      /^outbox cannot be 5: use an/,
    );
  });

  test('attempts below zero are a RangeError', () => {
    expect(() => createClient(createScriptedAdapter(), { reconnect: { attempts: -1 } })).toThrow(RangeError);
  });

  test('an unknown word for onHandleTaken is a TypeError', () => {
    const options = JSON.parse('{"onHandleTaken": "explode"}');
    expect(() => createClient(createScriptedAdapter(), options)).toThrow(
      /^onHandleTaken must be 'fail', 'retry' or 'suffix', not 'explode'/,
    );
  });

  test('an unknown option of a listener is a TypeError', async () => {
    const { client } = await connected();
    const listener = (): void => {};
    const wrong = { limit: { rate: 1, per: 1 } };
    expect(() => Reflect.apply(client.subscribe, client, [listener, wrong])).toThrow(/Unknown option "limit"/);
    expect(() => Reflect.apply(client.on, client, ['state', listener, { once: true }])).toThrow(/"once"/);
    const color = client.variable('colour', 'color', { initial: 0 });
    expect(() => Reflect.apply(color.subscribe, color, [listener, wrong])).toThrow(/"limit"/);
    const room = client.presence('room');
    expect(() => Reflect.apply(room.subscribe, room, [listener, wrong])).toThrow(/"limit"/);
  });

  test('a listener that is no function is a TypeError', async () => {
    const { client } = await connected();
    expect(() => Reflect.apply(client.subscribe, client, ['colour', 'not a function'])).toThrow(
      /listener must be a function/,
    );
    expect(() => Reflect.apply(client.subscribe, client, ['colour'])).toThrow(/listener must be a function/);
    expect(() => Reflect.apply(client.on, client, ['state', 7])).toThrow(/listener must be a function/);
    expect(() => Reflect.apply(client.on, client, ['stat', () => {}])).toThrow(
      /^Unknown event "stat": did you mean "state"\?/,
    );
  });
});
