import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import type { Client, Message, Unsubscribe } from '../../src/index';
import { connectScripted } from '../helpers/scripted-client';

describe('forty thousand listeners', () => {
  // Were each of them looked at for each that comes or goes, this would take many seconds.
  const many = 40_000;

  const ways: [what: string, bind: (client: Client, listener: () => void, signal: AbortSignal) => Unsubscribe][] = [
    ['to one channel', (client, listener) => client.subscribe('colour', listener)],
    ['to the own handle', (client, listener) => client.subscribe(listener)],
    ['to one event', (client, listener) => client.on('message', listener)],
    ['with one signal', (client, listener, signal) => client.subscribe('colour', listener, { signal })],
  ];

  test.each(ways)('%s are added, called and removed in one go', async (_what, bind) => {
    const { client, hear } = await connectScripted();
    const { signal } = new AbortController();
    let calls = 0;
    const stops: Unsubscribe[] = [];
    for (let n = 0; n < many; n++) stops.push(bind(client, () => calls++, signal));
    hear({ n: 1 });
    hear({ n: 1 }, 'dial', 'lamp');
    // An event is told of both.
    expect(calls % many).toBe(0);
    expect(calls).toBeGreaterThan(0);
    for (const stop of stops) stop();
    calls = 0;
    hear({ n: 1 });
    expect(calls).toBe(0);
  });

  test('stop with their one signal', async () => {
    const { client, hear, far } = await connectScripted();
    const abort = new AbortController();
    let calls = 0;
    for (let n = 0; n < many; n++) client.subscribe('colour', () => calls++, { signal: abort.signal });
    abort.abort();
    hear({ n: 1 });
    expect([calls, far.last.sent.at(-1)]).toEqual([0, 'unsubscribe colour']);
  });
});

/** What a library has in place of a promise, rejected. */
function thenable(it: object): object {
  const then = (_done: unknown, failed: (reason: Error) => void): void => failed(new Error('broken'));
  return Object.assign(it, Object.fromEntries([['then', then]]));
}

describe('a listener', () => {
  test('that binds another one while it is called does not have it called with the same message', async () => {
    const { client, hear } = await connectScripted();
    const calls: string[] = [];
    let isFirst = true;
    client.subscribe('colour', ({ data }) => {
      calls.push(`first ${data.n}`);
      if (isFirst) client.subscribe('colour', (late) => calls.push(`late ${late.data.n}`));
      isFirst = false;
    });
    client.subscribe('colour', ({ data }) => calls.push(`second ${data.n}`));
    hear({ n: 1 });
    hear({ n: 2 });
    expect(calls).toEqual(['first 1', 'second 1', 'first 2', 'second 2', 'late 2']);
  });

  test.each<[what: string, rejected: () => unknown]>([
    ['a promise', () => Promise.reject(new Error('broken'))],
    ['a promise of another realm', () => runInNewContext(`Promise.reject(new Error('broken'))`)],
    ['a promise of a library', () => thenable({})],
    ['a function with `then`', () => thenable(() => {})],
  ])('that fails by %s is told of by `error`', async (_what, rejected) => {
    const { client, clock, hear, errors } = await connectScripted();
    client.subscribe('colour', rejected);
    hear({ n: 1 });
    await clock.advance(0);
    expect(errors).toEqual([expect.objectContaining({ code: 'invalid', message: 'A listener failed: broken' })]);
  });

  test.each(['Error', 'TypeError'])('that throws an %s of another realm is told of with its text', async (kind) => {
    const { client, hear, errors } = await connectScripted();
    client.subscribe('colour', () => runInNewContext(`throw new ${kind}('broken')`));
    hear({ n: 1 });
    expect(errors.map(({ message }) => message)).toEqual(['A listener failed: broken']);
  });
});

describe('a signal that is none of the platform', () => {
  /** What other DOMs and old polyfills have: no class of Node, no `reason`, no `throwIfAborted`. */
  function createSignal() {
    const tasks = new Set<() => void>();
    const signal = {
      aborted: false,
      addEventListener: (_type: string, task: () => void) => void tasks.add(task),
      removeEventListener: (_type: string, task: () => void) => void tasks.delete(task),
    };
    return {
      signal: signal as unknown as AbortSignal,
      tasks,
      abort(): void {
        signal.aborted = true;
        for (const task of [...tasks]) task();
      },
    };
  }

  test('stops listeners, loops and waits', async () => {
    const { client, clock, hear } = await connectScripted();
    const { signal, tasks, abort } = createSignal();
    const got: unknown[] = [];
    client.subscribe('colour', ({ data }) => got.push(data), { signal });
    const loop = client.messages('colour', { signal });
    const waits = [
      client.next('colour', { signal }),
      client.call('colour', 'mix', {}, { signal }),
      client.flush({ signal }),
      client.send('colour', {}, { ack: { signal } }),
    ].map((wait) => wait.catch((error) => error.name));
    await clock.advance(0);
    abort();
    hear({ n: 1 });
    expect(await Promise.all(waits)).toEqual(['AbortError', 'AbortError', 'AbortError', 'AbortError']);
    expect(await loop.next()).toEqual({ done: true, value: undefined });
    expect([got, tasks.size]).toEqual([[], 0]);
  });

  test('closes a client', async () => {
    const { signal, abort } = createSignal();
    const { client } = await connectScripted({ signal });
    abort();
    expect(client.state.status).toBe('closed');
  });
});

test('`throw()` on a loop leaves it, also while it waits, and so unsubscribes', async () => {
  const { client, far } = await connectScripted();
  const broken = new Error('broken');
  for (const begin of [() => {}, (loop: AsyncIterator<unknown>) => void loop.next()]) {
    const loop = client.messages('colour');
    begin(loop);
    await expect(loop.throw?.(broken)).rejects.toBe(broken);
    expect(far.last.sent.at(-1)).toBe('unsubscribe colour');
    expect(await loop.next()).toEqual({ done: true, value: undefined });
  }
});

describe('with an enumerable property on Object.prototype', () => {
  const odd = ['polyfill', '_POLYFILL', 'message'];

  test.each(odd)('%s, every verb works, on both dialects', async (name) => {
    const told: unknown[] = [];
    const property = { value: () => {}, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(Object.prototype, name, property);
    try {
      for (const dialect of ['web', 'line'] as const) told.push(await exercise(dialect));
    } finally {
      Reflect.deleteProperty(Object.prototype, name);
    }
    const right = { got: [{ n: 3 }], errors: [] };
    expect(told).toEqual([right, right]);
  });

  async function exercise(dialect: 'web' | 'line') {
    const { client, clock, far, errors, close } = await connectScripted({ on: { gap() {} } }, dialect);
    const got: unknown[] = [];
    client.on('state', () => {}, {});
    client.subscribe('colour', ({ data }) => got.push({ ...data }), { limit: { rate: 100, per: 1 } });
    client.subscribe(() => {}, {});
    client.send('colour', { n: 1, deep: { m: [2] } }, { retain: 1 });
    client.variable('colour', 'hue', { initial: 1, smooth: { window: 1 } }).set(2);
    client.register('colour', 'mix', () => ({}), {});
    client.presence('colour');
    const loop = client.messages('colour', { buffer: 1 });
    const waits = [
      client.next('colour', {}),
      client.call('colour', 'dim', {}, {}),
      client.send('colour', {}, { ack: { receivers: 1 } }),
    ].map((wait) => wait.catch(() => 'ended'));
    await clock.advance(0);
    const envelope = { recipient: 'colour', sender: 'dial', timestamp: 1 };
    far.last.say(JSON.stringify(dialect === 'web' ? { ...envelope, data: { n: 3 } } : { n: 3, ...envelope }));
    await loop.return?.();
    await close();
    await Promise.all(waits);
    return { got, errors };
  }
});

describe('a listener that changes its message', () => {
  const data = { color: 1, list: [1, { deep: 1 }], ['__proto__x']: 1 };

  /** Changes whatever it can reach, and tells what it was. */
  function change(it: Message): unknown {
    const before = structuredClone(it);
    Object.assign(it.data, { color: 2, added: true });
    it.data.list[1].deep = 2;
    it.data.list.push(3);
    Object.assign(it, { sender: 'nobody' });
    return before;
  }

  test.each(['web', 'line'] as const)('changes it for nobody else, over %s', async (dialect) => {
    const { client, clock, far } = await connectScripted({}, dialect);
    const told: unknown[] = [];
    const note = (message: Message): void => void told.push(change(message));
    client.on('message', note);
    client.on('message', note);
    for (const channel of ['colour', 'lamp']) {
      client.subscribe(channel, note);
      client.subscribe(channel, note, { reliable: true });
    }
    client.subscribe(note);
    client.subscribe(note);
    const loops = [client.messages('colour'), client.messages('colour')];
    const last = Promise.all([...loops.map(async (loop) => (await loop.next()).value), client.next('colour')]);
    for (const recipient of ['colour', 'lamp']) {
      const envelope = { recipient, sender: 'dial', timestamp: 1 };
      far.last.say(JSON.stringify(dialect === 'web' ? { ...envelope, data } : { ...data, ...envelope }));
      expect(told.splice(0)).toEqual(Array(recipient === 'colour' ? 4 : 6).fill({ ...envelope, data }));
    }
    await clock.advance(0);
    for (const message of await last) expect(message?.data).toEqual(data);
  });

  test('changes nothing of what the server keeps for those who come later', async () => {
    const { client, clock, hear } = await connectScripted();
    const got: unknown[] = [];
    client.subscribe('colour', change);
    hear({ ...data, _RETAIN: 60 });
    for (let n = 0; n < 2; n++)
      client.subscribe('colour', (message) => got.push(structuredClone(message.data), change(message)));
    await clock.advance(0);
    expect(got.filter((_, at) => at % 2 === 0)).toEqual([data, data]);
  });

  test('changes nothing for a responder', async () => {
    const { client, hear } = await connectScripted();
    const asked: unknown[] = [];
    client.on('message', change);
    client.register('colour', 'mix', (it) => void asked.push(it));
    hear({ ...data, _MESSAGE_HANDLE: 'mix', _MESSAGE_ID: '1' });
    await Promise.resolve();
    expect(asked).toEqual([data]);
  });

  test('of a variable or a presence does so neither', async () => {
    const { client, hear } = await connectScripted();
    const variable = client.variable('colour', 'list');
    const got: unknown[] = [];
    const note = (list: unknown[]): void => void got.push([...list], list.push(0));
    variable.subscribe(note);
    variable.subscribe(note);
    hear({ list: [1] });
    variable.subscribe(note);
    expect([got.filter(Array.isArray), variable.value]).toEqual([[[1], [1], [1]], [1]]);
    const room = client.presence('room');
    const members: unknown[] = [];
    for (let n = 0; n < 2; n++) {
      room.subscribe((event) => {
        members.push(structuredClone(event));
        if (event.type === 'refresh') Object.assign(event.members, ['nobody']);
      });
    }
    hear({ channel: 'room', refresh: ['dial'] }, 'SERVER', 'presence(room)');
    expect(members).toEqual(Array(2).fill({ type: 'refresh', members: ['dial'] }));
    expect([...room.members]).toEqual(['dial']);
  });
});
