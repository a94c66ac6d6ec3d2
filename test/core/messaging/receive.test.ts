import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { connect, type Message, memory, type StandardSchemaV1, type SubscribeOptions } from '../../../src/index';
import { createBroker } from '../../../src/server/broker/broker';
import { createInbox } from '../../helpers/inbox';
import { connectScripted } from '../../helpers/scripted-client';

const scene = connectScripted;

const nothing = (): void => {};

describe('a form of a channel', () => {
  const forms: [SubscribeOptions, string][] = [
    [{}, 'colour'],
    [{ password: 'secret' }, 'colour:secret'],
    [{ filter: 'color > 100' }, 'colour[filter(color > 100)]'],
    [{ filter: ['a > 1', 'b<2'] }, 'colour[filter(a > 1);filter(b<2)]'],
    [{ filter: 'sum(a, (5)) != 2 && größe == 7' }, 'colour[filter(sum(a, (5)) != 2 && größe == 7)]'],
    [{ transform: { color: 'color / 2' } }, 'colour[transform(color,color / 2)]'],
    [{ transform: { a: 'mean(a,5)', b: '1' } }, 'colour[transform(a,mean(a,5));transform(b,1)]'],
    [{ filter: 'a > 1', transform: { a: 'a * 2' } }, 'colour[filter(a > 1);transform(a,a * 2)]'],
    [{ filter: [] }, 'colour'],
    [{ transform: {} }, 'colour'],
  ];
  test.each(forms)('%o is asked for as %s, and left as such', async (options, wire) => {
    const { client, far, hear } = await scene();
    const got: unknown[] = [];
    const stop = client.subscribe('colour', ({ data }) => got.push(data), options);
    expect(far.last.sent.slice(1)).toEqual([`subscribe ${wire}`]);
    hear({ n: 1 }, 'dial', wire);
    hear({ n: 2 }, 'dial', 'colour');
    expect(got).toEqual([{ n: 1 }, { n: 2 }]);
    stop();
    expect(far.last.sent.slice(2)).toEqual([`unsubscribe ${wire}`]);
  });

  test.each(forms)('%o is asked for by `messages`, `next` and `channel` too', async (options, wire) => {
    const { client, far, close } = await scene();
    const bound = client.channel('colour');
    const loops = [client.messages('colour', options), bound.messages(options)];
    bound.subscribe(nothing, options);
    const waits = [client.next('colour', options), bound.next(options)].map((wait) => wait.catch(({ code }) => code));
    expect(far.last.sent.slice(1)).toEqual([`subscribe ${wire}`]);
    await close();
    expect(await Promise.all(waits)).toEqual(['closed', 'closed']);
    for (const loop of loops) expect(await loop.next()).toEqual({ done: true, value: undefined });
  });

  test('is asked for again after a reconnect', async () => {
    const { client, far, clock } = await scene();
    client.subscribe('colour', nothing, { filter: 'a > 1' });
    client.subscribe('sound', nothing, { password: 'pw' });
    far.last.drop();
    await clock.advance(1_000);
    await far.last.welcome();
    expect(far.last.sent).toEqual(['lamp', 'subscribe colour[filter(a > 1)]', 'subscribe sound:pw']);
  });

  test('is one at a time: another one is `invalid`, the same one is shared', async () => {
    const { client, far } = await scene();
    client.subscribe('colour', nothing, { filter: 'a > 1' });
    client.subscribe('colour', nothing, { filter: ['a > 1'] });
    for (const options of [{}, { password: 'x' }, { filter: 'a > 2' }, { transform: { a: '1' } }]) {
      expect(() => client.subscribe('colour', nothing, options)).toThrow(expect.objectContaining({ code: 'invalid' }));
      expect(() => client.messages('colour', options)).toThrow(expect.objectContaining({ code: 'invalid' }));
      await expect(client.next('colour', options)).rejects.toMatchObject({ code: 'invalid' });
    }
    expect(far.last.sent).toEqual(['lamp', 'subscribe colour[filter(a > 1)]']);
  });

  test.each<[SubscribeOptions, string]>([
    [{ filter: 'temperature >> 20' }, '"temperature >> 20" cannot be read at character 13, ">>": use >'],
    [{ filter: ['a > 1', 'a === 1'] }, '"a === 1" cannot be read at character 3, "===": use =='],
    [{ filter: 'a >' }, '"a >" cannot be read at character 4: a value is missing at the end'],
    [{ filter: 'a > 1 ? b : c' }, '"a > 1 ? b : c" cannot be read at character 7, "?": use if(condition, a, b)'],
    [
      { transform: { a: 'sqr(a)' } },
      '"sqr(a)" cannot be read at character 1, "sqr": there is no such function: did you mean sqrt?',
    ],
  ])('says what cannot be read, where, and what to write: %j', async (options, message) => {
    const { client, far } = await scene();
    const refusal = expect.objectContaining({ name: 'TypeError', message });
    expect(() => client.subscribe('colour', nothing, options)).toThrow(refusal);
    expect(() => client.messages('colour', options)).toThrow(refusal);
    expect(() => client.channel('colour').subscribe(nothing, options)).toThrow(refusal);
    await expect(client.next('colour', options)).rejects.toEqual(refusal);
    expect(far.last.sent).toEqual(['lamp']);
  });

  test('is looked at in a name, too', async () => {
    const { client, far } = await scene();
    expect(() => client.subscribe('colour[filter(a >> 1)]', nothing)).toThrow(
      '"a >> 1" cannot be read at character 3, ">>": use >',
    );
    expect(() => client.subscribe('colour[a > 1]', nothing)).toThrow(
      'use filter(EXPRESSION) or transform(KEY,EXPRESSION)',
    );
    client.subscribe('colour[filter(a > 1)]', nothing);
    expect(far.last.sent).toEqual(['lamp', 'subscribe colour[filter(a > 1)]']);
  });

  const expressions = [
    '',
    ' ',
    'a]',
    'a];subscribe other',
    'a[0]',
    'a;b',
    'a > 1);transform(a,1',
    'a > 1)',
    '(a > 1',
    ')(',
    'a > 1\nsubscribe other',
    'a\r',
    'a\tb',
    'a\0',
    'é > ',
    'a > 1\u2028',
    '\ud83d\ude00',
  ];
  const keys = ['', ' ', 'a b', 'a,b', 'a)', 'a;b', 'a]', 'a\n', 'é', 'a-b', '_RETAIN(', '\u2028'];
  const passwords = ['', ' ', 'two words', 'x\nsubscribe other', 'é', 'x\r', '\0', 'x'.repeat(195)];
  test.each<[SubscribeOptions]>([
    ...expressions.flatMap((text): [SubscribeOptions][] => [
      [{ filter: text }],
      [{ filter: ['a > 1', text] }],
      [{ transform: { a: text } }],
    ]),
    ...keys.map((key): [SubscribeOptions] => [{ transform: { [key]: '1' } }]),
    ...passwords.map((password): [SubscribeOptions] => [{ password }]),
    [{ password: 'pw', filter: 'a > 1' }],
    [{ password: 'pw', transform: { a: '1' } }],
    [{ filter: null as never }],
    [{ password: 5 as never }],
    [{ fitler: 'a > 1' } as never],
    [{ limit: { rate: 1, per: 1, every: 'x' } } as never],
    [{ limit: { rate: 1, per: 1, each: 'room' } } as never],
  ])('%j throws TypeError before anything is written', async (options) => {
    const { client, far } = await scene();
    expect(() => client.subscribe('colour', nothing, options)).toThrow(TypeError);
    expect(() => client.messages('colour', options)).toThrow(TypeError);
    await expect(client.next('colour', options)).rejects.toThrow(TypeError);
    expect(far.last.sent).toEqual(['lamp']);
  });

  test.each(['colour:x', 'colour[filter(a>1)]', 'colour]', 'a/b', 'a.b', 'é', 'a b', ''])(
    '%j is no name for functions, which servers would cut or not see',
    async (name) => {
      const { client, far } = await scene();
      expect(() => client.subscribe(name, nothing, { filter: 'a > 1' })).toThrow(TypeError);
      expect(far.last.sent).toEqual(['lamp']);
    },
  );

  test.each(['colour:x', 'colour[filter(a>1)]'])('%j is no name for a password', async (name) => {
    const { client, far } = await scene();
    expect(() => client.subscribe(name, nothing, { password: 'pw' })).toThrow(TypeError);
    expect(far.last.sent).toEqual(['lamp']);
  });

  test('of any text is one command or none, with one pair of brackets', async () => {
    const { client, far, clock } = await scene({}, 'line');
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.string({ unit: fc.constantFrom(...'a(),;[]:>1 \n'), maxLength: 12 }),
    );
    await fc.assert(
      fc.asyncProperty(text, text, text, async (filter, key, expression) => {
        const before = far.last.sent.length;
        let stop = nothing;
        try {
          stop = client.subscribe('colour', nothing, { filter, transform: { [key]: expression } });
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
        await clock.advance(0);
        const written = far.last.sent.slice(before).join('');
        if (stop !== nothing) {
          expect(written).toMatch(/^subscribe colour\[[ -~]+\]\n$/);
          const [, inside = ''] = /\[([^[\]]*)\]/.exec(written) ?? [];
          expect(inside.split(';')).toHaveLength(2);
        } else expect(written).toBe('');
        stop();
        await clock.advance(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a limit', () => {
  test('lets so many messages through in each window, and a window begins with a message', async () => {
    const { client, clock, hear } = await scene();
    const got: number[] = [];
    client.subscribe('colour', ({ data }) => got.push(data.n), { limit: { rate: 2, per: 100 } });
    for (const n of [1, 2, 3]) hear({ n }, `dial${n}`);
    expect(got).toEqual([1, 2]);
    await clock.advance(100);
    hear({ n: 4 });
    expect(got).toEqual([1, 2]);
    await clock.advance(1);
    for (const n of [5, 6, 7]) hear({ n });
    expect(got).toEqual([1, 2, 5, 6]);
    await clock.advance(250);
    hear({ n: 8 });
    await clock.advance(99);
    for (const n of [9, 10]) hear({ n });
    expect(got).toEqual([1, 2, 5, 6, 8, 9]);
  });

  test('counts each sender for himself when it is asked to, and all begin anew together', async () => {
    const { client, clock, hear } = await scene();
    const got: string[] = [];
    client.subscribe('colour', ({ sender, data }) => got.push(`${sender}${data.n}`), {
      limit: { rate: 1, per: 100, each: 'sender' },
    });
    for (const sender of ['a', 'b', 'a', '__proto__', 'constructor', '__proto__', 'b']) hear({ n: 1 }, sender);
    expect(got).toEqual(['a1', 'b1', '__proto__1', 'constructor1']);
    await clock.advance(101);
    for (const sender of ['b', 'b', 'a']) hear({ n: 2 }, sender);
    expect(got.slice(4)).toEqual(['b2', 'a2']);
  });

  test('goes on when the clock of the machine was set back', async () => {
    const { client, clock, hear } = await scene();
    const got: number[] = [];
    client.subscribe('colour', ({ data }) => got.push(data.n), { limit: { rate: 1, per: 100 } });
    for (const n of [1, 2]) hear({ n });
    clock.setForward(-3_600_000);
    hear({ n: 3 });
    await clock.advance(101);
    for (const n of [4, 5]) hear({ n });
    expect(got).toEqual([1, 4]);
  });

  test('is each listener’s own, and needs no timer', async () => {
    const { client, clock, hear } = await scene();
    const timers = clock.timers;
    const got: string[] = [];
    client.subscribe('colour', () => got.push('one'), { limit: { rate: 1, per: 100 } });
    client.subscribe('colour', () => got.push('all'));
    hear({});
    hear({});
    expect([got, clock.timers]).toEqual([['one', 'all', 'all'], timers]);
  });

  test('holds for loops', async () => {
    const { client, hear } = await scene();
    const loop = client.messages('colour', { limit: { rate: 1, per: 100 } });
    hear({ n: 1 });
    hear({ n: 2 });
    expect((await loop.next()).value?.data).toEqual({ n: 1 });
    const next = loop.next();
    await loop.return?.();
    expect(await next).toMatchObject({ done: true });
  });

  test.each([
    { rate: 0, per: 1 },
    { rate: -1, per: 1 },
    { rate: 1, per: 0 },
    { rate: 1, per: Number.NaN },
    { rate: Number.NaN, per: 1 },
    { rate: '5', per: 1 },
    { per: 5 },
    { rate: 5 },
    {},
  ])('%o cannot be meant', async (limit) => {
    const { client, far } = await scene();
    expect(() => client.subscribe('colour', nothing, { limit: limit as never })).toThrow(RangeError);
    expect(far.last.sent).toEqual(['lamp']);
  });
});

describe('next', () => {
  test('is one message, and the channel is left', async () => {
    const { client, far, hear, clock } = await scene();
    const timers = clock.timers;
    const first = client.next('colour', { timeout: 500 });
    const same = client.next('colour');
    hear({ n: 1 });
    hear({ n: 2 });
    expect((await first).data).toEqual({ n: 1 });
    expect(await same).toMatchObject({ sender: 'dial', recipient: 'colour', data: { n: 1 } });
    expect(far.last.sent.slice(1)).toEqual(['subscribe colour', 'unsubscribe colour']);
    expect(clock.timers).toBe(timers);
  });

  test('rejects after exactly its time, and not without one', async () => {
    const { client, far, clock } = await scene();
    const ends: unknown[] = [];
    client.next('colour', { timeout: 500 }).catch((error) => ends.push(error));
    client.next('sound').catch((error) => ends.push(error));
    await clock.advance(499);
    expect(ends).toEqual([]);
    await clock.advance(1);
    expect(ends).toMatchObject([{ name: 'OocsiError', code: 'timeout' }]);
    await clock.advance(1e7);
    expect(ends).toHaveLength(1);
    expect(far.last.sent).toContain('unsubscribe colour');
  });

  test('waits over a reconnect', async () => {
    const { client, far, clock, hear } = await scene();
    const next = client.next('colour');
    far.last.drop();
    await clock.advance(1_000);
    await far.last.welcome();
    hear({ n: 1 });
    expect((await next).data).toEqual({ n: 1 });
  });

  test('rejects with the reason of its signal, also when that was aborted before', async () => {
    const { client, far, clock } = await scene();
    const timers = clock.timers;
    const [abort, reason] = [new AbortController(), new Error('enough')];
    const next = client.next('colour', { signal: abort.signal, timeout: 500 });
    abort.abort(reason);
    await expect(next).rejects.toBe(reason);
    await expect(client.next('sound', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(far.last.sent.slice(1)).toEqual(['subscribe colour', 'unsubscribe colour']);
    expect(clock.timers).toBe(timers);
  });

  test('rejects with `closed` when the client closes, and afterwards', async () => {
    const { client, clock, close } = await scene();
    const next = client.next('colour', { timeout: 1e6 }).catch((error) => error);
    await close();
    expect(await next).toMatchObject({ name: 'OocsiError', code: 'closed' });
    await expect(client.next('colour')).rejects.toMatchObject({ code: 'closed' });
    expect(clock.timers).toBe(0);
  });

  test('rejects with `closed` when a fault closes the client, and says which', async () => {
    const { client, far } = await scene({ reconnect: false });
    const next = client.next('colour').catch((error) => error);
    far.last.drop();
    expect(await next).toMatchObject({ code: 'closed', cause: { code: 'disconnected' } });
  });

  test.each([{ timeout: -1 }, { timeout: Number.NaN }, { timeout: '5' }, { tmieout: 5 }, { buffer: 5 }])(
    'rejects with %o',
    async (options) => {
      const { client, clock, far } = await scene();
      const timers = clock.timers;
      const kind = 'timeout' in options ? RangeError : TypeError;
      await expect(client.next('colour', options as never)).rejects.toThrow(kind);
      await clock.advance(0);
      expect([clock.timers, far.last.sent.filter((frame) => frame.startsWith('subscribe')).length]).toEqual([
        timers,
        far.last.sent.filter((frame) => frame.startsWith('unsubscribe')).length,
      ]);
    },
  );
});

describe('a loop over messages', () => {
  test.each([{ buffer: 0 }, { buffer: -1 }, { buffer: Number.NaN }, { buffer: '5' }])(
    'cannot have %o',
    async (options) => {
      const { client, far } = await scene();
      expect(() => client.messages('colour', options as never)).toThrow(RangeError);
      expect(far.last.sent).toEqual(['lamp']);
    },
  );

  test('has no time and no unknown options', async () => {
    const { client, far } = await scene();
    expect(() => client.messages('colour', { bufer: 5 } as never)).toThrow(TypeError);
    expect(far.last.sent).toEqual(['lamp']);
  });
});

describe('a channel with a schema', () => {
  const schema = v.object({ color: v.pipe(v.number(), v.minValue(0)) });

  test('passes on what fits, and tells `error` of the rest', async () => {
    const { client, hear, errors } = await scene();
    const got: number[] = [];
    const colour = client.channel('colour', schema);
    colour.subscribe(({ data }) => {
      // The type is the schema's: anything else would not compile.
      const { color }: { color: number } = data;
      got.push(color);
    });
    hear({ color: 1 });
    hear({ color: 'red' });
    hear({ color: -1 });
    hear({});
    hear({ color: 2 });
    expect(got).toEqual([1, 2]);
    expect(errors).toHaveLength(3);
    for (const error of errors) expect(error).toMatchObject({ name: 'OocsiError', code: 'invalid' });
    expect(errors[0]?.message).toContain('color');
  });

  test('gives listeners, loops and `next` what the schema makes of the data, and the rest of the message', async () => {
    const { client, hear } = await scene();
    const text = v.pipe(
      v.object({ color: v.optional(v.number(), 7), at: v.pipe(v.string(), v.transform(Number)) }),
      v.transform(({ color, at }) => ({ sum: color + at })),
    );
    const colour = client.channel('colour', text);
    const got: Message<{ sum: number }>[] = [];
    colour.subscribe((message) => got.push(message));
    const loop = colour.messages();
    const next = colour.next();
    const raw: unknown[] = [];
    client.subscribe('colour', ({ data }) => raw.push(data));
    hear({ at: '5' });
    const message = { sender: 'dial', recipient: 'colour', timestamp: 1, data: { sum: 12 } };
    expect(got).toEqual([message]);
    expect(await next).toEqual(message);
    expect((await loop.next()).value).toEqual(message);
    expect(raw).toEqual([{ at: '5' }]);
    await loop.return?.();
  });

  test('lets `next` wait for what fits', async () => {
    const { client, hear, errors } = await scene();
    const next = client.channel('colour', schema).next();
    hear({ color: 'red' });
    hear({ color: 5 });
    expect((await next).data).toEqual({ color: 5 });
    expect(errors).toHaveLength(1);
  });

  test('throws for what does not fit on its way out, and sends nothing', async () => {
    const { client, far, errors, clock } = await scene();
    const timers = clock.timers;
    const colour = client.channel('colour', schema);
    for (const bad of [{ color: -1 }, { color: 'red' }, {}, null, [], 'text']) {
      for (const options of [{}, { delay: 5 }]) {
        expect(() => colour.send(bad as never, options)).toThrow(
          expect.objectContaining({ name: 'OocsiError', code: 'invalid' }),
        );
      }
    }
    expect([far.last.sent, errors, clock.timers]).toEqual([['lamp'], [], timers]);
    expect(colour.send({ color: 5 })).toBe('sent');
    expect(far.last.sent.slice(1)).toEqual(['sendjson colour {"color":5}']);
  });

  test('takes for sending what the schema takes, not what it makes', async () => {
    const { client, far } = await scene();
    const colour = client.channel('colour', v.object({ at: v.pipe(v.string(), v.transform(Number)) }));
    colour.send({ at: '5' });
    expect(far.last.sent.slice(1)).toEqual(['sendjson colour {"at":"5"}']);
  });

  const schemas: [string, StandardSchemaV1<{ n: number }>][] = [
    ['that answers later', custom(async (value) => ({ value: value as { n: number } }))],
  ];
  test.each(schemas)('%s is `invalid` on both ways', async (_what, schema) => {
    const rejections = await collectRejections(async () => {
      const { client, hear, far, errors } = await scene();
      const colour = client.channel('colour', schema);
      const got: unknown[] = [];
      colour.subscribe((message) => got.push(message));
      hear({ n: 1 });
      expect(got).toEqual([]);
      expect(errors).toMatchObject([{ name: 'OocsiError', code: 'invalid' }]);
      expect(() => colour.send({ n: 1 })).toThrow(expect.objectContaining({ name: 'OocsiError', code: 'invalid' }));
      expect(far.last.sent.filter((frame) => frame.startsWith('send'))).toEqual([]);
    });
    expect(rejections).toEqual([]);
  });

  test('names the path of what does not fit, of whatever shape the path is', async () => {
    const { client } = await scene();
    const colour = client.channel(
      'colour',
      custom<{ n: number }>(() => ({
        issues: [{ message: 'bad', path: ['deep', { key: 'list' }, 3] }, { message: 'worse' }],
      })),
    );
    let text = '';
    try {
      colour.send({ n: 1 });
    } catch (error) {
      text = String(error);
    }
    for (const part of ['deep', 'list', '3', 'bad', 'worse']) expect(text).toContain(part);
  });

  test('counts for its own channel object only', async () => {
    const { client, far, hear, errors } = await scene();
    client.channel('colour', schema);
    const got: unknown[] = [];
    client.subscribe('colour', ({ data }) => got.push(data));
    client.channel('colour').send({ color: 'red' });
    hear({ color: 'red' });
    expect([got, errors]).toEqual([[{ color: 'red' }], []]);
    expect(far.last.sent.at(-1)).toBe('sendjson colour {"color":"red"}');
  });

  test('still checks once the client is closed', async () => {
    const { client, close } = await scene();
    const colour = client.channel('colour', schema);
    await close();
    expect(colour.send({ color: 1 })).toBe('dropped');
    expect(() => colour.send({ color: -1 })).toThrow(expect.objectContaining({ code: 'invalid' }));
    expect(() => client.channel('colour', schema)).toThrow(expect.objectContaining({ code: 'closed' }));
  });
});

/** Rejections that nobody took while `task` ran: they would end a program. */
async function collectRejections(task: () => Promise<void>): Promise<unknown[]> {
  const rejections: unknown[] = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', (reason) => rejections.push(reason));
  try {
    await task();
    // They are told after the promises of a turn have settled.
    await new Promise(setImmediate);
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const other of others) process.on('unhandledRejection', other);
  }
  return rejections;
}

function custom<T>(validate: StandardSchemaV1<T>['~standard']['validate']): StandardSchemaV1<T> {
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

test('filters and transforms work on a broker', async () => {
  const broker = createBroker();
  const [lamp, dial] = [
    await connect(memory(broker.accept), { handle: 'lamp' }),
    await connect(memory(broker.accept), { handle: 'dial' }),
  ];
  const got = createInbox<Message>();
  lamp.subscribe('colour', got.push, { filter: 'color > 100', transform: { color: 'color / 2' } });
  lamp.subscribe(got.push);
  lamp.send('lamp', {});
  await got.next();
  dial.send('colour', { color: 50 });
  dial.send('colour', { color: 150 });
  dial.send('lamp', { end: true });
  const [first, last] = await got.take(2);
  expect([first?.data, last?.data]).toEqual([{ color: 75 }, { end: true }]);
  await Promise.all([lamp.close(), dial.close()]);
});
