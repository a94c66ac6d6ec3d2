import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import { type ClientOptions, createClient, type Data, type Message, memory, type OocsiError } from '../../../src/index';
import { createBroker } from '../../../src/server/broker/broker';
import { createScriptedClient } from '../../helpers/scripted-client';
import { createVirtualClock } from '../../helpers/virtual-clock';

/** Every list of listeners there is: what has been bound and is not stopped can be counted. */
const lists = vi.hoisted(() => new Set<{ readonly count: number }>());

vi.mock('../../../src/util/listeners', async (importOriginal) => {
  const emitter = await importOriginal<typeof import('../../../src/util/listeners')>();
  return {
    ...emitter,
    Listeners: class<A extends readonly unknown[]> extends emitter.Listeners<A> {
      constructor(...args: ConstructorParameters<typeof emitter.Listeners<A>>) {
        super(...args);
        lists.add(this);
      }
    },
  };
});

function scene(options?: ClientOptions, dialect?: 'line' | 'web') {
  lists.clear();
  const world = createScriptedClient(options, dialect);
  return {
    ...world,
    /** The server passes a message on; `sender` sent it. */
    hear: (recipient: string, sender: string, data: object) => world.hear(data, sender, recipient),
    /** The messages that were sent on this link, by whom they are for. */
    sent: () =>
      world.far.last.sent
        .map((frame) => /^sendjson (\S+) (.*)$/s.exec(frame))
        .filter((match) => match !== null)
        .map(([, to = '', json = '']): { to: string; data: Data } => ({ to, data: JSON.parse(json) })),
    listeners: () => [...lists].reduce((sum, { count }) => sum + count, 0),
  };
}

async function connected(options?: ClientOptions, dialect?: 'line' | 'web') {
  const world = scene(options, dialect);
  await world.welcome();
  /** Answers the call that was sent as number `index`, counted from the end. */
  const answer = (data: object, sender = 'dial', index = -1): void =>
    world.hear('lamp', sender, { ...data, _MESSAGE_ID: world.sent().at(index)?.data['_MESSAGE_ID'] });
  return { ...world, answer };
}

/** How a promise ends, without a rejection that nobody handles meanwhile. */
function outcome<T>(promise: Promise<T>): { readonly now: { value: T } | { error: unknown } | 'pending' } {
  const seen: { now: { value: T } | { error: unknown } | 'pending' } = { now: 'pending' };
  promise.then(
    (value) => {
      seen.now = { value };
    },
    (error: unknown) => {
      seen.now = { error };
    },
  );
  return seen;
}

/** Everything of a loop, as it comes. */
function collect<T>(loop: AsyncIterable<T>): { readonly items: T[]; readonly end: ReturnType<typeof outcome<string>> } {
  const items: T[] = [];
  const run = async (): Promise<string> => {
    for await (const item of loop) items.push(item);
    return 'done';
  };
  return { items, end: outcome(run()) };
}

const failed = (code: string, message: unknown = expect.any(String)): object => ({
  error: expect.objectContaining({ name: 'OocsiError', code, message }),
});

describe('a call', () => {
  test('goes out with its name and an id on a copy of the data', async () => {
    const { client, sent } = await connected();
    const data = Object.freeze({ hue: 120 });
    outcome(client.call('lights', 'mix', data));
    expect(sent()).toEqual([
      { to: 'lights', data: { hue: 120, _MESSAGE_HANDLE: 'mix', _MESSAGE_ID: expect.stringMatching(/^.{8,}$/) } },
    ]);
    expect(data).toEqual({ hue: 120 });
  });

  test('needs no data', async () => {
    const { client, sent } = await connected();
    outcome(client.call('lights', 'power'));
    expect(Object.keys(sent()[0]?.data ?? {}).sort()).toEqual(['_MESSAGE_HANDLE', '_MESSAGE_ID']);
  });

  test('resolves with the data of the first answer, without the keys of the protocol', async () => {
    const { client, clock, answer, errors } = await connected();
    const direct: Message[] = [];
    client.subscribe((message) => direct.push(message));
    const result = outcome(client.call('lights', 'mix', { hue: 120 }));
    answer({ rgb: 'green', _RETAIN: 1 });
    answer({ rgb: 'late' }, 'other');
    await clock.advance(0);
    expect(result.now).toEqual({ value: { rgb: 'green' } });
    expect([direct, errors]).toEqual([[], []]);
  });

  test('knows its answer among those to others', async () => {
    const { client, clock, answer, sent } = await connected();
    const [one, two] = [outcome(client.call('lights', 'mix')), outcome(client.call('lights', 'mix'))];
    expect(new Set(sent().map(({ data }) => data['_MESSAGE_ID'])).size).toBe(2);
    answer({ n: 2 });
    await clock.advance(0);
    expect([one.now, two.now]).toEqual(['pending', { value: { n: 2 } }]);
    answer({ n: 1 }, 'dial', -2);
    await clock.advance(0);
    expect(one.now).toEqual({ value: { n: 1 } });
  });

  test('has an id that no other client gives', async () => {
    const worlds = [await connected(), await connected()];
    const ids = worlds.map(({ client, sent }) => {
      outcome(client.call('lights', 'mix'));
      return sent()[0]?.data['_MESSAGE_ID'];
    });
    expect(new Set(ids).size).toBe(2);
  });

  test('goes to a channel with a password', async () => {
    const { client, sent } = await connected();
    outcome(client.call('lights', 'mix', {}, { password: 'secret' }));
    expect(sent()).toMatchObject([{ to: 'lights:secret' }]);
  });

  test('takes only what is sent to the own handle for an answer', async () => {
    const { client, clock, hear, sent } = await connected();
    const got: Data[] = [];
    client.subscribe('lights', ({ data }) => got.push(data));
    const result = outcome(client.call('lights', 'mix'));
    hear('lights', 'dial', { n: 1, _MESSAGE_ID: sent()[0]?.data['_MESSAGE_ID'] });
    await clock.advance(0);
    expect(result.now).toBe('pending');
    expect(got).toEqual([{ n: 1 }]);
  });

  test('lets answers that nobody waits for reach no listener, and other messages all', async () => {
    const { client, hear, errors } = await connected();
    const got: Data[] = [];
    client.subscribe(({ data }) => got.push(data));
    for (const id of ['unknown', 7, { deep: 1 }, '', 'constructor', '__proto__']) {
      hear('lamp', 'dial', { n: 1, _MESSAGE_ID: id });
    }
    hear('lamp', 'dial', { n: 2 });
    expect([got, errors]).toEqual([[{ n: 2 }], []]);
  });

  test('rejects when its time is over, not before', async () => {
    const { client, clock, answer } = await connected();
    const result = outcome(client.call('lights', 'mix', {}, { timeout: 1_500 }));
    await clock.advance(1_499);
    expect(result.now).toBe('pending');
    await clock.advance(1);
    expect(result.now).toEqual(failed('timeout', expect.stringMatching(/lights.*1500 ms/)));
    answer({ n: 1 });
    await clock.advance(0);
    expect(result.now).toEqual(failed('timeout'));
  });

  test('waits as long as the timeout of the client, unless it is told otherwise', async () => {
    const { client, clock } = await connected({ timeout: 3_000 });
    const [usual, patient] = [client.call('a', 'mix'), client.call('a', 'mix', {}, { timeout: 60_000 })].map(outcome);
    await clock.advance(2_999);
    expect(usual?.now).toBe('pending');
    await clock.advance(1);
    expect(usual?.now).toEqual(failed('timeout'));
    await clock.advance(56_999);
    expect(patient?.now).toBe('pending');
    await clock.advance(1);
    expect(patient?.now).toEqual(failed('timeout'));
  });

  test('that is aborted before sends nothing and rejects with the reason', async () => {
    const { client, clock, sent } = await connected();
    const reason = { any: 'thing' };
    const signal = AbortSignal.abort(reason);
    const result = outcome(client.call('lights', 'mix', {}, { signal }));
    await clock.advance(0);
    expect(result.now).toEqual({ error: reason });
    expect((result.now as { error: unknown }).error).toBe(reason);
    expect(sent()).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('that is aborted while it waits rejects with the reason', async () => {
    const { client, clock, answer } = await connected();
    const abort = new AbortController();
    const results = [new AbortController(), abort].map(({ signal }) =>
      outcome(client.call('lights', 'mix', {}, { signal })),
    );
    abort.abort('enough');
    answer({ n: 1 });
    await clock.advance(0);
    expect(results.map(({ now }) => now)).toEqual(['pending', { error: 'enough' }]);
  });

  test('rejects when the connection is lost, and is not sent again', async () => {
    const { client, clock, far, hear, sent, welcome } = await connected();
    const direct: Message[] = [];
    client.subscribe((message) => direct.push(message));
    const result = outcome(client.call('lights', 'mix'));
    const id = sent()[0]?.data['_MESSAGE_ID'];
    far.last.drop(new Error('cable'));
    await clock.advance(0);
    expect(result.now).toEqual(failed('disconnected'));
    await clock.advance(1_000);
    await welcome();
    expect(sent()).toEqual([]);
    hear('lamp', 'dial', { n: 1, _MESSAGE_ID: id });
    expect(direct).toEqual([]);
  });

  test('says that the connection is lost when the client does not come back either', async () => {
    const { client, clock, far } = await connected({ reconnect: false });
    const result = outcome(client.call('lights', 'mix'));
    const { end } = collect(client.callAll('lights', 'mix'));
    far.last.drop();
    await clock.advance(0);
    for (const { now } of [result, end]) {
      const { error } = now as { error: OocsiError };
      const codes = [error.code, error.cause instanceof Error && 'code' in error.cause && error.cause.code];
      expect(codes).toContain('disconnected');
    }
  });

  test('takes its answer by the handle that the server gave', async () => {
    const { client, clock, far, hear, sent } = scene();
    await clock.advance(0);
    await far.last.welcome('webclient_1234');
    const result = outcome(client.call('lights', 'mix'));
    hear('webclient_1234', 'dial', { n: 1, _MESSAGE_ID: sent()[0]?.data['_MESSAGE_ID'] });
    await clock.advance(0);
    expect(result.now).toEqual({ value: { n: 1 } });
  });

  test('waits for the first welcome, behind the subscriptions', async () => {
    const { client, clock, far, hear, sent, welcome } = scene();
    const result = outcome(client.call('lights', 'mix', { hue: 1 }));
    client.subscribe('colour', () => {});
    await clock.advance(0);
    await far.last.fail(new Error('not yet'));
    await clock.advance(1_000);
    await welcome();
    expect(far.last.sent).toEqual(['lamp', 'subscribe colour', expect.stringMatching(/^sendjson lights \{"hue":1,/)]);
    hear('lamp', 'dial', { n: 1, _MESSAGE_ID: sent()[0]?.data['_MESSAGE_ID'] });
    await clock.advance(0);
    expect(result.now).toEqual({ value: { n: 1 } });
  });

  test('made while the connection is lost waits for the next one, through attempts that fail', async () => {
    const { client, clock, far, answer, sent, welcome } = await connected();
    far.last.drop();
    const result = outcome(client.call('lights', 'mix', {}, { timeout: 60_000 }));
    await clock.advance(500);
    await far.last.fail(new Error('still down'));
    await clock.advance(1_000);
    expect(result.now).toBe('pending');
    await welcome();
    expect(sent()).toHaveLength(1);
    answer({ n: 1 });
    await clock.advance(0);
    expect(result.now).toEqual({ value: { n: 1 } });
  });

  test('made while the connection is lost can lose the next one', async () => {
    const { client, clock, far, welcome } = await connected();
    far.last.drop();
    const result = outcome(client.call('lights', 'mix', {}, { timeout: 60_000 }));
    await clock.advance(500);
    await welcome();
    far.last.drop();
    await clock.advance(0);
    expect(result.now).toEqual(failed('disconnected'));
  });

  test('is not sent any more when its time was over or it was aborted before the welcome', async () => {
    const { client, clock, sent, welcome } = scene();
    const abort = new AbortController();
    const late = outcome(client.call('lights', 'late', {}, { timeout: 100 }));
    const aborted = outcome(client.call('lights', 'aborted', {}, { signal: abort.signal }));
    await clock.advance(99);
    expect(late.now).toBe('pending');
    await clock.advance(1);
    expect(late.now).toEqual(failed('timeout'));
    abort.abort('enough');
    await clock.advance(0);
    expect(aborted.now).toEqual({ error: 'enough' });
    await welcome();
    expect(sent()).toEqual([]);
  });

  test('rejects when the client closes, sent or not, and afterwards', async () => {
    const dropped: unknown[] = [];
    for (const make of [scene, connected]) {
      const { client, clock } = await make();
      client.on('dropped', (message) => dropped.push(message));
      const result = outcome(client.call('lights', 'mix'));
      void client.close();
      await clock.advance(0);
      expect(result.now).toEqual(failed('closed'));
      await expect(client.call('lights', 'mix')).rejects.toMatchObject({ code: 'closed' });
      await clock.advance(1_000);
      expect(clock.timers).toBe(0);
    }
    expect(dropped).toEqual([]);
  });

  test('rejects with the message of a responder that failed, and nothing else in it', async () => {
    for (const text of ['no paint left', '']) {
      const { client, clock, answer, errors } = await connected();
      const result = outcome(client.call('lights', 'mix'));
      answer({ rgb: 'half', _MESSAGE_ERROR: text });
      await clock.advance(0);
      expect(result.now).toEqual(failed('remote', text));
      expect(errors).toEqual([]);
    }
  });

  test('rejects whatever a peer takes for the text of an error', async () => {
    for (const odd of [5, null, { toString: 1, valueOf: 1 }, ['a']]) {
      const { client, clock, answer } = await connected();
      const result = outcome(client.call('lights', 'mix'));
      expect(() => answer({ _MESSAGE_ERROR: odd })).not.toThrow();
      await clock.advance(0);
      expect(result.now).toEqual(failed('remote'));
    }
  });

  test('carries odd names of services', async () => {
    const { client, sent } = await connected();
    for (const name of ['constructor', '__proto__', 'two words', 'é😀', '"', 'toString']) {
      outcome(client.call('lights', name));
      expect(sent().at(-1)?.data['_MESSAGE_HANDLE']).toBe(name);
    }
  });

  test('is worded as lines over TCP', async () => {
    const { client, clock, far } = await connected({}, 'line');
    const result = outcome(client.call('lights', 'mix', { text: 'é' }));
    await clock.advance(0);
    const line = far.last.sent.at(-1) ?? '';
    const [, json = ''] = /^sendraw lights (\{.*\}) *\n$/.exec(line) ?? [];
    expect(line).toContain('\\u00e9');
    const call: Data = JSON.parse(json);
    expect(call).toEqual({ text: 'é', _MESSAGE_HANDLE: 'mix', _MESSAGE_ID: expect.any(String) });
    const envelope = { recipient: 'lamp', sender: 'dial', timestamp: 1 };
    far.last.say(JSON.stringify({ _MESSAGE_ID: call['_MESSAGE_ID'], rgb: 'green', ...envelope }));
    await clock.advance(0);
    expect(result.now).toEqual({ value: { rgb: 'green' } });
  });

  test('refuses what cannot be meant, and leaves nothing behind', async () => {
    const { client, clock, far, listeners } = await connected();
    const [frames, timers, bound] = [far.last.sent.length, clock.timers, listeners()];
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const loose = client as { call(...args: unknown[]): Promise<unknown>; callAll(...args: unknown[]): unknown };
    for (const args of [
      ['two words', 'mix'],
      ['', 'mix'],
      [undefined, 'mix'],
      [7, 'mix'],
      ['lights', ''],
      ['lights', undefined],
      ['lights', null],
      ['lights', 7],
      ['lights', {}],
      ['lights', { name: 7 }],
      ['lights', 'mix', null],
      ['lights', 'mix', [1]],
      ['lights', 'mix', 'text'],
      ['lights', 'mix', circle],
      ['lights', 'mix', { n: Number.NaN }],
      ['lights', 'mix', Promise.resolve({})],
      ['lights', 'mix', {}, { patience: 5 }],
      ['lights', 'mix', {}, { filter: 'n > 1' }],
      ['lights', 'mix', {}, { buffer: 5 }],
      ['lights', 'mix', {}, { password: 'two words' }],
    ]) {
      const result = outcome(loose.call(...args));
      await clock.advance(0);
      expect.soft(result.now, `call ${args.map(String)}`).toEqual({ error: expect.any(TypeError) });
      expect.soft(() => loose.callAll(...args), `callAll ${args.map(String)}`).toThrow(TypeError);
    }
    for (const options of [{ timeout: -1 }, { timeout: Number.NaN }, { timeout: '5' }]) {
      await expect.soft(loose.call('lights', 'mix', {}, options)).rejects.toThrow(RangeError);
      expect.soft(() => loose.callAll('lights', 'mix', {}, options)).toThrow(RangeError);
    }
    for (const max of [0, -1, Number.NaN, '2']) {
      expect.soft(() => loose.callAll('lights', 'mix', {}, { max })).toThrow(RangeError);
    }
    const counted = outcome(loose.call('lights', 'mix', {}, { max: 2 }));
    await clock.advance(0);
    expect.soft(counted.now).toEqual({ error: expect.any(TypeError) });
    expect([far.last.sent.length, clock.timers, listeners()]).toEqual([frames, timers, bound]);
  });

  test.each([
    ['answered', 'value', ({ answer }) => answer({ n: 1 })],
    ['told of a fault', 'remote', ({ answer }) => answer({ _MESSAGE_ERROR: 'no' })],
    ['late', 'timeout', ({ clock }) => clock.advance(10_000)],
    ['aborted', 'enough', ({ abort }) => abort.abort(Object.assign(new Error('enough'), { code: 'enough' }))],
    ['cut off', 'disconnected', ({ far }) => far.last.drop()],
    ['closed', 'closed', ({ client }) => void client.close()],
  ] as [string, string, (world: Awaited<ReturnType<typeof connected>> & { abort: AbortController }) => unknown][])(
    'that is %s leaves no timer and no listener behind',
    async (_how, end, act) => {
      const world = await connected();
      const { client, clock, listeners } = world;
      const abort = new AbortController();
      // Waits until the connection has held.
      await clock.advance(10_000);
      const before = [clock.timers, listeners()];
      const result = outcome(client.call('lights', 'mix', {}, { signal: abort.signal }));
      // One looks after the connection, one after the call.
      expect(clock.timers).toBe(2);
      expect(getEventListeners(abort.signal, 'abort')).toHaveLength(1);
      await act({ ...world, abort });
      await clock.advance(0);
      if (end === 'value') expect(result.now).toEqual({ value: { n: 1 } });
      else expect(result.now).toMatchObject({ error: { code: end } });
      expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
      // The waits for the next attempt and for `lost`, for the goodbye, or the look after the link, are the session's.
      const own = end === 'disconnected' ? 2 : 1;
      expect([clock.timers, listeners()]).toEqual([own, before[1]]);
    },
  );
});

test('what a call was given is free to go once it has ended', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const { client, clock, answer } = await connected();
  const given = new Map<string, WeakRef<AbortSignal>>();
  const ask = (name: string, act: (abort: AbortController) => void = () => {}): void => {
    const abort = new AbortController();
    given.set(name, new WeakRef(abort.signal));
    outcome(client.call('lights', name, {}, { signal: abort.signal, timeout: 100 }));
    act(abort);
  };
  ask('answered', () => answer({ n: 1 }));
  ask('aborted', (abort) => abort.abort());
  ask('late');
  await clock.advance(100);
  ask('waiting');
  await clock.advance(0);
  collectGarbage();
  expect([...given].filter(([, signal]) => signal.deref()).map(([name]) => name)).toEqual(['waiting']);
});

describe('callAll', () => {
  test('gives each answer with its sender, and ends quietly when the time is over', async () => {
    const { client, clock, answer, sent, errors } = await connected();
    const { items, end } = collect(client.callAll('lights', 'power', { on: true }, { timeout: 500 }));
    expect(sent()).toMatchObject([{ to: 'lights', data: { on: true, _MESSAGE_HANDLE: 'power' } }]);
    answer({ watts: 5 }, 'dial');
    await clock.advance(499);
    answer({ watts: 7 }, 'fan');
    await clock.advance(0);
    expect(items).toEqual([
      { sender: 'dial', recipient: 'lamp', timestamp: 1, data: { watts: 5 } },
      { sender: 'fan', recipient: 'lamp', timestamp: 1, data: { watts: 7 } },
    ]);
    expect(end.now).toBe('pending');
    await clock.advance(1);
    expect(end.now).toEqual({ value: 'done' });
    answer({ watts: 9 }, 'late');
    await clock.advance(0);
    expect([items.length, errors]).toEqual([2, []]);
  });

  test('asks at once, and keeps the answers for a loop that begins later', async () => {
    const { client, clock, answer } = await connected();
    const loop = client.callAll('lights', 'power', {}, { timeout: 500 });
    answer({ watts: 5 });
    await clock.advance(1_000);
    const { items, end } = collect(loop);
    await clock.advance(0);
    expect(items.map(({ data }) => data)).toEqual([{ watts: 5 }]);
    expect(end.now).toEqual({ value: 'done' });
  });

  test('ends with the last of `max` answers', async () => {
    const { client, clock, answer, listeners } = await connected();
    await clock.advance(10_000);
    const before = listeners();
    const { items, end } = collect(client.callAll('lights', 'power', {}, { max: 2 }));
    for (const n of [1, 2, 3]) answer({ n });
    await clock.advance(0);
    expect(items.map(({ data }) => data['n'])).toEqual([1, 2]);
    expect(end.now).toEqual({ value: 'done' });
    expect([clock.timers, listeners()]).toEqual([1, before]);
  });

  test('takes answers to a handle from nobody else, once it has heard that the name is a handle', async () => {
    const { client, clock, answer } = await connected();
    const { items, end } = collect(client.callAll('dial', 'power', {}, { max: 2 }));
    answer({ n: 1 }, 'dial');
    answer({ n: 2 }, 'stranger');
    answer({ _MESSAGE_ERROR: 'no' }, 'stranger');
    await clock.advance(0);
    expect([items.map(({ sender }) => sender), end.now]).toEqual([['dial'], 'pending']);
    answer({ n: 3 }, 'dial');
    await clock.advance(0);
    expect([items.map(({ data }) => data), end.now]).toEqual([[{ n: 1 }, { n: 3 }], { value: 'done' }]);
  });

  test('tells `error` of an answer that says it failed, counts it, and goes on', async () => {
    const { client, clock, answer, errors } = await connected();
    const { items, end } = collect(client.callAll('lights', 'power', {}, { max: 2 }));
    answer({ _MESSAGE_ERROR: 'no paint left' }, 'broken');
    await clock.advance(0);
    expect(errors).toMatchObject([{ code: 'remote', message: expect.stringContaining('no paint left') }]);
    expect(end.now).toBe('pending');
    answer({ n: 2 });
    await clock.advance(0);
    expect(items.map(({ data }) => data)).toEqual([{ n: 2 }]);
    expect(end.now).toEqual({ value: 'done' });
  });

  test('ends without an item when all answers say that they failed', async () => {
    const { client, clock, answer } = await connected();
    const { items, end } = collect(client.callAll('lights', 'power', {}, { max: 1 }));
    answer({ _MESSAGE_ERROR: 'no' });
    await clock.advance(0);
    expect([items, end.now]).toEqual([[], { value: 'done' }]);
  });

  test('that is left leaves nothing behind', async () => {
    const { client, clock, answer, listeners } = await connected();
    await clock.advance(10_000);
    const before = listeners();
    const abort = new AbortController();
    const loop = client.callAll('lights', 'power', {}, { signal: abort.signal });
    const run = (async () => {
      for await (const { data } of loop) return data;
      return 'nothing';
    })();
    answer({ n: 1 });
    expect(await run).toEqual({ n: 1 });
    expect([clock.timers, listeners(), getEventListeners(abort.signal, 'abort')]).toEqual([1, before, []]);
    expect(await loop.next()).toEqual({ done: true, value: undefined });
  });

  test('that nobody loops over leaves nothing behind once its time is over', async () => {
    const { client, clock, listeners } = await connected();
    await clock.advance(10_000);
    const before = listeners();
    const abort = new AbortController();
    client.callAll('lights', 'power', {}, { signal: abort.signal });
    await clock.advance(10_000);
    expect([clock.timers, listeners(), getEventListeners(abort.signal, 'abort')]).toEqual([1, before, []]);
  });

  test('throws when the connection is lost, after what had come', async () => {
    const { client, clock, far, answer, listeners } = await connected();
    const before = listeners();
    const loop = client.callAll('lights', 'power');
    answer({ n: 1 });
    far.last.drop();
    const { items, end } = collect(loop);
    await clock.advance(0);
    expect(items.map(({ data }) => data)).toEqual([{ n: 1 }]);
    expect(end.now).toEqual(failed('disconnected'));
    // The wait for the next attempt, and the one for `lost`.
    expect([clock.timers, listeners()]).toEqual([2, before]);
  });

  test('ends with its signal, and asks nothing with one that was aborted', async () => {
    const { client, clock, sent } = await connected();
    const abort = new AbortController();
    const { end } = collect(client.callAll('lights', 'power', {}, { signal: abort.signal }));
    abort.abort();
    await clock.advance(0);
    expect(end.now).toEqual({ value: 'done' });
    const never = collect(client.callAll('lights', 'never', {}, { signal: abort.signal }));
    await clock.advance(0);
    expect(never.end.now).toEqual({ value: 'done' });
    expect(sent()).toHaveLength(1);
  });

  test('ends when the client closes, and throws afterwards', async () => {
    const { client, clock } = await connected();
    const { end } = collect(client.callAll('lights', 'power'));
    void client.close();
    await clock.advance(0);
    expect(end.now).toEqual({ value: 'done' });
    expect(() => client.callAll('lights', 'power')).toThrow(expect.objectContaining({ code: 'closed' }));
  });

  test('waits for the welcome while its time runs', async () => {
    const { client, clock, hear, sent, welcome } = scene();
    const late = collect(client.callAll('lights', 'late', {}, { timeout: 100 }));
    const { items, end } = collect(client.callAll('lights', 'power', {}, { timeout: 300 }));
    await clock.advance(200);
    expect(late.end.now).toEqual(failed('timeout', expect.stringContaining('There is no connection')));
    await welcome();
    expect(sent()).toMatchObject([{ data: { _MESSAGE_HANDLE: 'power' } }]);
    hear('lamp', 'dial', { n: 1, _MESSAGE_ID: sent()[0]?.data['_MESSAGE_ID'] });
    await clock.advance(100);
    expect(items).toHaveLength(1);
    expect(end.now).toEqual({ value: 'done' });
  });
});

describe('a responder', () => {
  const call = (name: unknown, data: object = {}): object => ({ ...data, _MESSAGE_HANDLE: name, _MESSAGE_ID: 'id-1' });

  test('answers with what it returns, to the handle of the caller', async () => {
    const { client, clock, hear, sent, far } = await connected();
    const requests: Message[] = [];
    client.register('lights', 'mix', ({ hue }, request) => {
      requests.push(request);
      return { rgb: `hsl(${hue})` };
    });
    expect(far.last.sent).toEqual(['lamp', 'subscribe lights']);
    hear('lights', 'dial', call('mix', { hue: 120, _RETAIN: 5 }));
    await clock.advance(0);
    expect(sent()).toEqual([{ to: 'dial', data: { rgb: 'hsl(120)', _MESSAGE_ID: 'id-1' } }]);
    expect(requests).toEqual([{ sender: 'dial', recipient: 'lights', timestamp: 1, data: { hue: 120 } }]);
  });

  test('may take its time, and answers callers in the order it is done', async () => {
    const { client, clock, hear, sent } = await connected();
    client.register('lights', 'mix', ({ ms }) => new Promise((done) => clock.after(ms, () => done({ ms }))));
    hear('lights', 'slow', { ms: 20, _MESSAGE_HANDLE: 'mix', _MESSAGE_ID: 1 });
    hear('lights', 'fast', { ms: 10, _MESSAGE_HANDLE: 'mix', _MESSAGE_ID: 2 });
    await clock.advance(20);
    expect(sent()).toEqual([
      { to: 'fast', data: { ms: 10, _MESSAGE_ID: 2 } },
      { to: 'slow', data: { ms: 20, _MESSAGE_ID: 1 } },
    ]);
  });

  test('that returns nothing answers with nothing', async () => {
    for (const nothing of [undefined, null]) {
      const { client, clock, hear, sent } = await connected();
      client.register('lights', 'mix', () => nothing as undefined);
      hear('lights', 'dial', call('mix'));
      await clock.advance(0);
      expect(sent()).toEqual([{ to: 'dial', data: { _MESSAGE_ID: 'id-1' } }]);
    }
  });

  test.each([
    ['an error', new RangeError('no paint left'), 'no paint left'],
    ['an error without words', new Error(''), ''],
    ['a text', 'no paint', 'no paint'],
    ['nothing', undefined, expect.any(String)],
    ['null', null, expect.any(String)],
    ['a number', 5, expect.any(String)],
    ['a symbol', Symbol('odd'), expect.any(String)],
    ['an object without prototype', Object.create(null), expect.any(String)],
    ['an error whose message is gone', Object.assign(new Error(), { message: undefined }), expect.any(String)],
    ['an error with more words than a frame takes', new Error('x'.repeat(2_000_000)), 'x'.repeat(999)],
    ['an error whose message is odd', Object.assign(new Error(), { message: 5n }), expect.any(String)],
  ])('that throws %s tells the caller, and `error`', async (_what, thrown, text) => {
    for (const responder of [
      () => {
        throw thrown;
      },
      () => Promise.reject(thrown),
    ]) {
      const { client, clock, hear, sent, errors } = await connected();
      client.register('lights', 'mix', responder);
      hear('lights', 'dial', call('mix'));
      await clock.advance(0);
      expect(sent()).toEqual([{ to: 'dial', data: { _MESSAGE_ID: 'id-1', _MESSAGE_ERROR: text } }]);
      expect(errors).toEqual([expect.objectContaining({ code: 'invalid', message: expect.stringContaining('"mix"') })]);
      expect(errors[0]?.cause).toBe(thrown);
    }
  });

  test.each([
    ['a list', () => [1, 2]],
    ['a text', () => 'green'],
    ['a number', () => 0],
    ['false', () => false],
    ['a map', () => new Map()],
    ['NaN', () => ({ n: Number.NaN })],
    ['a function', () => () => {}],
  ])('that returns %s tells the caller and `error` what an answer must be', async (_what, responder) => {
    const { client, clock, hear, sent, errors } = await connected();
    client.register('lights', 'mix', responder as () => object);
    hear('lights', 'dial', call('mix'));
    await clock.advance(0);
    expect(sent()).toEqual([
      { to: 'dial', data: { _MESSAGE_ID: 'id-1', _MESSAGE_ERROR: expect.stringMatching(/^data/) } },
    ]);
    expect(errors).toEqual([expect.objectContaining({ code: 'invalid', message: expect.stringContaining('"mix"') })]);
  });

  test('takes its calls from all listeners, and no others', async () => {
    const { client, clock, hear, sent } = await connected();
    const got: Data[] = [];
    client.subscribe('lights', ({ data }) => got.push(data));
    client.subscribe(({ data }) => got.push(data));
    client.register('lights', 'mix', () => ({}));
    hear('lights', 'dial', call('mix', { n: 1 }));
    hear('lights', 'dial', call('unmix', { n: 2 }));
    hear('lights', 'dial', { n: 3 });
    hear('lamp', 'dial', call('unmix', { n: 4 }));
    hear('lamp', 'dial', call('mix', { n: 5 }));
    await clock.advance(0);
    expect(got).toEqual([{ n: 2 }, { n: 3 }, { n: 4 }]);
    expect(sent()).toHaveLength(2);
  });

  test('answers on its own channel only', async () => {
    const { client, clock, hear, sent } = await connected();
    client.register('lights', 'mix', () => ({ of: 'lights' }));
    client.register('sound', 'mix', () => ({ of: 'sound' }));
    client.subscribe('elsewhere', () => {});
    hear('sound', 'dial', call('mix'));
    hear('elsewhere', 'dial', call('mix'));
    await clock.advance(0);
    expect(sent()).toEqual([{ to: 'dial', data: { of: 'sound', _MESSAGE_ID: 'id-1' } }]);
  });

  test('answers calls to the own handle; of several with that name, the first', async () => {
    const { client, clock, hear, sent } = await connected();
    const stop = client.register('lights', 'mix', () => ({ of: 'lights' }));
    client.register('sound', 'mix', () => ({ of: 'sound' }));
    hear('lamp', 'dial', call('mix'));
    await clock.advance(0);
    stop();
    hear('lamp', 'dial', call('mix'));
    await clock.advance(0);
    expect(sent().map(({ data }) => data['of'])).toEqual(['lights', 'sound']);
  });

  test('runs for a call without an id, which wants no answer', async () => {
    const { client, clock, hear, sent, errors } = await connected();
    const got: Data[] = [];
    client.register('lights', 'mix', (data) => {
      got.push(data);
      if (data['fail']) throw new Error('on request');
    });
    hear('lights', 'dial', { n: 1, _MESSAGE_HANDLE: 'mix' });
    hear('lights', 'dial', { fail: true, _MESSAGE_HANDLE: 'mix' });
    await clock.advance(0);
    expect([got, sent()]).toEqual([[{ n: 1 }, { fail: true }], []]);
    expect(errors).toMatchObject([{ code: 'invalid', message: expect.stringContaining('on request') }]);
  });

  test('may have the name of something that every object has, or blanks in it', async () => {
    const { client, clock, hear, sent } = await connected();
    const names = ['constructor', '__proto__', 'toString', 'mix two', 'é'];
    const got: Data[] = [];
    client.subscribe('lights', ({ data }) => got.push(data));
    for (const name of names) hear('lights', 'dial', call(name, { name }));
    expect(got).toHaveLength(5);
    for (const name of names) client.register('lights', name, () => ({ name }));
    for (const name of names) hear('lights', 'dial', call(name));
    await clock.advance(0);
    expect(sent().map(({ data }) => data['name'])).toEqual(names);
    expect(got).toHaveLength(5);
  });

  test('cannot be hurt by a call whose name is no text', async () => {
    const { client, clock, hear, sent } = await connected();
    client.register('lights', '7', () => ({}));
    client.register('lights', 'null', () => ({}));
    const got: Data[] = [];
    client.subscribe('lights', ({ data }) => got.push(data));
    for (const odd of [{ toString: 1, valueOf: 1 }, 7, null, ['7'], true]) {
      expect(() => hear('lights', 'dial', call(odd, { n: 1 })), JSON.stringify(odd)).not.toThrow();
    }
    await clock.advance(0);
    expect(client.state.status).toBe('connected');
    expect([got.length, sent()]).toEqual([5, []]);
  });

  test('tells `error` of a caller that cannot be answered, and blames no listener', async () => {
    // The Java server takes longer handles over WebSocket than fit over TCP.
    for (const sender of ['two words', '', 'w'.repeat(200)]) {
      const { client, clock, hear, errors } = await connected();
      client.register('lights', 'mix', () => ({}));
      hear('lights', sender, call('mix'));
      await clock.advance(0);
      expect(errors.length).toBeGreaterThan(0);
      for (const { message } of errors) expect(message).not.toContain('A listener failed');
    }
  });

  test('has its answer sent after the next welcome when the connection was lost meanwhile', async () => {
    const { client, clock, far, hear, welcome } = await connected();
    client.register('lights', 'mix', () => new Promise((done) => clock.after(100, () => done({ n: 1 }))));
    hear('lights', 'dial', call('mix'));
    far.last.drop();
    await clock.advance(100);
    await clock.advance(500);
    await welcome();
    expect(far.last.sent).toEqual(['lamp', 'subscribe lights', 'sendjson dial {"n":1,"_MESSAGE_ID":"id-1"}']);
  });

  test('comes back after a reconnect', async () => {
    const { client, clock, far, hear, sent, welcome } = await connected();
    client.register('lights', 'mix', () => ({ n: 1 }));
    const stop = client.register('sound', 'mix', () => ({}));
    stop();
    far.last.drop();
    await clock.advance(1_000);
    await welcome();
    expect(far.last.sent).toEqual(['lamp', 'subscribe lights']);
    hear('lights', 'dial', call('mix'));
    await clock.advance(0);
    expect(sent()).toMatchObject([{ to: 'dial', data: { n: 1 } }]);
  });

  test('stops by its function, by its signal and by `using`', async () => {
    const { client, clock, hear, sent, far } = await connected();
    const abort = new AbortController();
    const stop = client.register('a', 'mix', () => ({}));
    client.register('b', 'mix', () => ({}), { signal: abort.signal });
    {
      using _stop = client.register('c', 'mix', () => ({}));
    }
    abort.abort();
    stop();
    stop();
    expect(far.last.sent.slice(4)).toEqual(['unsubscribe c', 'unsubscribe b', 'unsubscribe a']);
    for (const channel of ['a', 'b', 'c', 'lamp']) hear(channel, 'dial', call('mix'));
    await clock.advance(0);
    expect(sent()).toEqual([]);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });

  test('never starts with a signal that was aborted', async () => {
    const { client, clock, far, hear, sent } = await connected();
    client.register('lights', 'mix', () => ({ n: 1 }), { signal: AbortSignal.abort() })();
    hear('lamp', 'dial', call('mix'));
    await clock.advance(0);
    expect([sent(), far.last.sent]).toEqual([[], ['lamp']]);
    client.register('lights', 'mix', () => ({ n: 2 }));
    hear('lights', 'dial', call('mix'));
    await clock.advance(0);
    expect(sent()).toMatchObject([{ data: { n: 2 } }]);
  });

  test('has a name of its own on its channel, until it stops', async () => {
    const { client, clock, hear, sent, far } = await connected();
    const invalid = expect.objectContaining({ code: 'invalid', message: expect.stringContaining('"mix"') });
    const stop = client.register('lights', 'mix', () => ({ n: 1 }));
    expect(() => client.register('lights', 'mix', () => ({ n: 2 }))).toThrow(invalid);
    expect(() => client.register('lights', 'mix', () => ({ n: 2 }), { password: 'secret' })).toThrow(invalid);
    const stopOther = client.register('lights', 'unmix', () => ({}));
    hear('lights', 'dial', call('mix'));
    await clock.advance(0);
    stop();
    client.register('lights', 'mix', () => ({ n: 3 }));
    stop();
    stopOther();
    hear('lights', 'dial', call('mix'));
    await clock.advance(0);
    expect(sent().map(({ data }) => data['n'])).toEqual([1, 3]);
    expect(far.last.sent.filter((frame) => frame.includes('subscribe'))).toEqual(['subscribe lights']);
  });

  test('is found among 20,000 others', async () => {
    const { client, clock, hear, sent } = await connected();
    for (let n = 0; n < 20_000; n++) client.register('lights', `mix${n}`, () => ({ n }));
    hear('lights', 'dial', call('mix19999'));
    hear('lamp', 'dial', call('mix7'));
    await clock.advance(0);
    expect(sent().map(({ data }) => data['n'])).toEqual([19_999, 7]);
  });

  test('answers on a channel with a password', async () => {
    const { client, clock, far, hear, sent } = await connected();
    client.register('lights', 'mix', () => ({ n: 1 }), { password: 'secret' });
    expect(far.last.sent.at(-1)).toBe('subscribe lights:secret');
    hear('lights:secret', 'dial', call('mix'));
    await clock.advance(0);
    expect(sent()).toMatchObject([{ to: 'dial', data: { n: 1 } }]);
  });

  test('refuses what cannot be meant, and can be registered afterwards', async () => {
    const { client, far } = await connected();
    const loose = client as { register(...args: unknown[]): unknown };
    const respond = (): object => ({});
    for (const args of [
      ['lights', 'mix'],
      ['lights', 'mix', 'respond'],
      ['lights', '', respond],
      ['lights', undefined, respond],
      ['lights', 7, respond],
      ['lights', {}, respond],
      ['two words', 'mix', respond],
      ['', 'mix', respond],
      [undefined, 'mix', respond],
      ['lights', 'mix', respond, { timeout: 5 }],
      ['lights', 'mix', respond, { filter: 'n > 1' }],
      ['lights', 'mix', respond, { limit: { rate: 1, per: 1 } }],
      ['lights', { name: 7 }, respond],
      ['lights', 'mix', respond, { password: '' }],
    ]) {
      expect.soft(() => loose.register(...args), args.map(String).join()).toThrow(TypeError);
    }
    const stop = client.subscribe('lights', () => {}, { filter: 'n > 1' });
    const form = expect.objectContaining({ code: 'invalid' });
    expect(() => client.register('lights', 'mix', respond)).toThrow(form);
    stop();
    client.register('lights', 'mix', respond);
    expect(far.last.sent.at(-1)).toBe('subscribe lights');
  });
});

/** Two clients of one server. */
async function pair() {
  const broker = createBroker();
  const clock = createVirtualClock();
  const errors: OocsiError[] = [];
  const join = (handle: string) =>
    createClient(memory(broker.accept), { handle, clock, on: { error: (error) => errors.push(error) } });
  const [lamp, dial] = [join('lamp'), join('dial')];
  const settled = (): Promise<void> => clock.advance(0);
  await settled();
  return {
    lamp,
    dial,
    clock,
    errors,
    settled,
    async [Symbol.asyncDispose]() {
      await Promise.all([lamp.close(), dial.close()]);
    },
  };
}

describe('caller and responder', () => {
  test('reach each other on a channel and by handle', async () => {
    await using world = await pair();
    world.dial.register('desk', 'add', async ({ a, b }) => ({ sum: a + b }));
    await world.settled();
    expect(await world.lamp.call('desk', 'add', { a: 1, b: 2 })).toEqual({ sum: 3 });
    expect(await world.lamp.call('dial', 'add', { a: 3, b: 4 })).toEqual({ sum: 7 });
    expect(await world.lamp.channel('desk').call('add', { a: 5, b: 6 })).toEqual({ sum: 11 });
  });

  test('may be one client by its own handle, and never on a channel', async () => {
    await using world = await pair();
    world.lamp.register('desk', 'who', () => ({ me: true }));
    expect(await world.lamp.call('lamp', 'who')).toEqual({ me: true });
    const result = outcome(world.lamp.call('desk', 'who', {}, { timeout: 100 }));
    await world.clock.advance(99);
    expect(result.now).toBe('pending');
    await world.clock.advance(1);
    expect(result.now).toEqual(failed('timeout'));
  });

  test('pass on a fault with its message', async () => {
    await using world = await pair();
    world.dial.register('desk', 'fail', () => {
      throw new Error('no é left');
    });
    await world.settled();
    await expect(world.lamp.call('desk', 'fail')).rejects.toMatchObject({ code: 'remote', message: 'no é left' });
    expect(world.errors).toMatchObject([{ code: 'invalid', message: expect.stringContaining('no é left') }]);
  });

  test('may call from within an answer', async () => {
    await using world = await pair();
    world.lamp.register('desk', 'inner', () => ({ n: 1 }));
    world.dial.register('desk', 'outer', async (_data, { sender }) => {
      const { n } = await world.dial.call(sender, 'inner');
      return { n: n + 1 };
    });
    await world.settled();
    expect(await world.lamp.call('desk', 'outer')).toEqual({ n: 2 });
  });

  test('do not disturb those who listen to the channel', async () => {
    await using world = await pair();
    const got: Data[] = [];
    world.dial.subscribe('desk', ({ data }) => got.push(data));
    world.dial.register('desk', 'add', () => ({}));
    await world.settled();
    await world.lamp.call('desk', 'add', { n: 1 });
    outcome(world.lamp.call('desk', 'other', { n: 2 }));
    world.lamp.send('desk', { n: 3 });
    await world.settled();
    expect(got).toEqual([{ n: 2 }, { n: 3 }]);
  });
});

describe('with other clients', () => {
  const uuid = '0f8fad5b-d9cb-469f-a165-70867728950e';

  test('a call of the Java or the Python client is answered, over WebSocket and over TCP', async () => {
    const web = await connected();
    web.client.register('chan', 'addNumbers', ({ a, b }) => ({ sum: a + b }));
    web.hear('chan', 'OOCSIClient_1', { a: 1, b: 2, _MESSAGE_HANDLE: 'addNumbers', _MESSAGE_ID: uuid });
    await web.clock.advance(0);
    expect(web.far.last.sent.at(-1)).toBe(`sendjson OOCSIClient_1 {"sum":3,"_MESSAGE_ID":"${uuid}"}`);
    const tcp = await connected({}, 'line');
    tcp.client.register('chan', 'addNumbers', ({ a, b }) => ({ sum: a + b }));
    tcp.far.last.say(
      `{"_MESSAGE_HANDLE":"addNumbers","_MESSAGE_ID":"${uuid}","a":1,"b":2.0,"recipient":"chan","timestamp":1,"sender":"py"}`,
    );
    await tcp.clock.advance(0);
    expect(tcp.far.last.sent.at(-1)?.trimEnd()).toBe(`sendraw py {"sum":3,"_MESSAGE_ID":"${uuid}"}`);
  });

  test('a call of the browser script comes on the channel with the name of what is called', async () => {
    const { client, clock, hear, sent } = await connected();
    client.register('mix', 'mix', ({ hue }) => ({ rgb: hue }));
    hear('mix', 'webclient_1700000000000', {
      hue: 7,
      _MESSAGE_HANDLE: 'mix',
      _MESSAGE_ID: 'a1b2c3d4-0000-ffff-1234-1',
    });
    await clock.advance(0);
    expect(sent()).toEqual([
      { to: 'webclient_1700000000000', data: { rgb: 7, _MESSAGE_ID: 'a1b2c3d4-0000-ffff-1234-1' } },
    ]);
  });

  test('an answer of Python echoes the request, and that of Java or the browser script does not', async () => {
    const { client, clock, answer } = await connected();
    const python = outcome(client.call('chan', 'addNumbers', { a: 1, b: 2 }));
    answer({ a: 1, b: 2, sum: 3 });
    const java = outcome(client.call('chan', 'addNumbers', { a: 1, b: 2 }));
    answer({ sum: 3 });
    await clock.advance(0);
    expect([python.now, java.now]).toEqual([{ value: { a: 1, b: 2, sum: 3 } }, { value: { sum: 3 } }]);
  });

  test('an answer of Python over TCP is read, with the keys of the envelope on top', async () => {
    const { client, clock, far } = await connected({}, 'line');
    const result = outcome(client.call('chan', 'addNumbers', { a: 1 }));
    await clock.advance(0);
    const [, id] = /"_MESSAGE_ID":"(.*?)"/.exec(far.last.sent.at(-1) ?? '') ?? [];
    far.last.say(`{"_MESSAGE_ID":"${id}","a":1,"sum":3,"recipient":"lamp","timestamp":1700000000000,"sender":"py"}`);
    await clock.advance(0);
    expect(result.now).toEqual({ value: { a: 1, sum: 3 } });
  });

  test('a responder of the browser script answers every message, which disturbs nobody', async () => {
    const { client, clock, hear, errors } = await connected();
    const got: Data[] = [];
    client.subscribe(({ data }) => got.push(data));
    client.send('mix', { hue: 1 });
    // It was no call, so its answer has no id: a message like any other.
    hear('lamp', 'webclient_1', { rgb: 'green' });
    await clock.advance(0);
    expect([got, errors]).toEqual([[{ rgb: 'green' }], []]);
  });
});
