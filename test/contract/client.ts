import { describe, expect, test } from 'vitest';
import type { Client, ClientOptions, Clock, Message, Target } from '../../src/index';
import { connect } from '../../src/index';
import { systemClock } from '../../src/util/clock';
import { createInbox } from '../helpers/inbox';

/** A server of its own for one test, and how clients reach it. */
export interface ClientWorld extends AsyncDisposable {
  readonly target: Target;
}

/** The machine's clock, counting the timers that are set. */
function createCountingClock(): Clock & { readonly timers: number; readonly peak: number } {
  const timers = new Set<object>();
  let peak = 0;
  return {
    ...systemClock,
    get timers() {
      return timers.size;
    },
    get peak() {
      return peak;
    },
    after(ms, task) {
      const timer = {};
      timers.add(timer);
      peak = Math.max(peak, timers.size);
      const cancel = systemClock.after(ms, () => {
        timers.delete(timer);
        task();
      });
      return () => {
        timers.delete(timer);
        cancel();
      };
    },
  };
}

/** A signal that nobody aborts, and who listens to it. */
function createCountedSignal(): { readonly signal: AbortSignal; readonly listeners: ReadonlySet<unknown> } {
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  signal.addEventListener = (_type: string, listener: unknown) => void listeners.add(listener);
  signal.removeEventListener = (_type: string, listener: unknown) => void listeners.delete(listener);
  return { signal, listeners };
}

/** What the library tells of by itself while `task` runs: warnings of Node, or what it reports to a page. */
async function collectReports(task: () => Promise<void>): Promise<string[]> {
  const told: string[] = [];
  const tell = ({ message }: Error): void => void told.push(message);
  const { reportError } = globalThis;
  const node = 'process' in globalThis && 'emitWarning' in globalThis.process ? globalThis.process : undefined;
  node?.on('warning', tell);
  globalThis.reportError = tell;
  try {
    await task();
    // Node tells of warnings in a later turn.
    if (node) await new Promise(setImmediate);
  } finally {
    node?.off('warning', tell);
    globalThis.reportError = reportError;
  }
  return told;
}

/** Waits until the server has dealt with all that the client sent before. */
async function settled(client: Client): Promise<void> {
  const got = createInbox<Message>();
  const stop = client.subscribe(got.push);
  client.send(client.handle, {});
  await got.next();
  stop();
}

/** What a client must do over every transport, against our own server. */
export function clientContract(transport: string, createWorld: () => Promise<ClientWorld>): void {
  interface Scene extends AsyncDisposable {
    join(handle: string, options?: ClientOptions): ReturnType<typeof connect>;
  }

  async function scene(): Promise<Scene> {
    const world = await createWorld();
    const clients: { close(): Promise<void> }[] = [];
    return {
      async join(handle, options) {
        const client = await connect(world.target, { handle, ...options });
        clients.push(client);
        return client;
      },
      async [Symbol.asyncDispose]() {
        await Promise.all(clients.map((client) => client.close()));
        await world[Symbol.asyncDispose]();
      },
    };
  }

  describe(`a client over ${transport}`, () => {
    test('is welcomed under its handle', async () => {
      await using world = await scene();
      const client = await world.join('lamp');
      expect(client.handle).toBe('lamp');
      expect(client.state).toMatchObject({ status: 'connected', since: expect.any(Number) });
    });

    test('fills in digits for #', async () => {
      await using world = await scene();
      expect((await world.join('lamp_###')).handle).toMatch(/^lamp_\d{3}$/);
    });

    test('sends to a handle', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const got = createInbox<Message>();
      lamp.subscribe(got.push);
      expect(dial.send('lamp', { color: 120 })).toBe('sent');
      expect(await got.next()).toEqual({
        sender: 'dial',
        recipient: 'lamp',
        timestamp: expect.any(Number),
        data: { color: 120 },
      });
    });

    test('sends to itself', async () => {
      await using world = await scene();
      const lamp = await world.join('lamp');
      const got = createInbox<Message>();
      lamp.subscribe(got.push);
      lamp.send('lamp', { note: 'to myself' });
      expect((await got.next()).data).toEqual({ note: 'to myself' });
    });

    test('hears a channel that it is subscribed to, but not its own words', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const got = createInbox<Message>();
      lamp.subscribe('colour', got.push);
      lamp.subscribe(got.push);
      lamp.send('colour', { color: 1 });
      // What a client sends to itself comes back after all that it sent before was dealt with.
      lamp.send('lamp', { color: 2 });
      expect((await got.next()).data).toEqual({ color: 2 });
      dial.send('colour', { color: 3 });
      expect(await got.next()).toMatchObject({ sender: 'dial', recipient: 'colour', data: { color: 3 } });
    });

    test('carries every kind of JSON value', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const got = createInbox<Message>();
      lamp.subscribe(got.push);
      const data = {
        text: 'é中😀\n\t"\\',
        yes: true,
        list: [1, null, 'x', [], {}],
        deep: { a: { b: null } },
        half: 0.5,
      };
      dial.send('lamp', data);
      expect((await got.next()).data).toEqual(data);
    });

    test('goes on when a message of a stranger makes a listener throw, and tells of it once', async () => {
      await using world = await scene();
      const [lamp, stranger] = [await world.join('lamp'), await world.join('stranger')];
      const got: string[] = [];
      const told = await collectReports(async () => {
        lamp.subscribe(({ data }) => got.push(data.color.toFixed()));
        stranger.send('lamp', { colour: 120 });
        stranger.send('lamp', { colour: 120 });
        stranger.send('lamp', { color: 120 });
        await stranger.flush();
        await lamp.flush();
        await settled(lamp);
      });
      expect(got).toEqual(['120']);
      // Each browser words it differently.
      expect(told).toEqual([expect.stringMatching(/^A listener failed: .*toFixed/)]);
    });

    test('carries whole numbers of any size', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const got = createInbox<Message>();
      lamp.subscribe(got.push);
      const data = { least: 2 ** 63, negative: -(2 ** 64), most: 999_999_999_999_999_900_000, more: 1e21 };
      dial.send('lamp', data);
      expect((await got.next()).data).toEqual(data);
    });

    test('subscribes once for any number of listeners, and until the last one stops', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const [first, second, own] = [createInbox<Message>(), createInbox<Message>(), createInbox<Message>()];
      const stopFirst = lamp.subscribe('colour', first.push);
      const stopSecond = lamp.subscribe('colour', second.push);
      lamp.subscribe(own.push);
      const settled = async (): Promise<void> => {
        lamp.send('lamp', {});
        await own.next();
      };
      await settled();
      dial.send('colour', { n: 1 });
      await Promise.all([first.next(), second.next()]);
      stopFirst();
      stopFirst();
      dial.send('colour', { n: 2 });
      expect((await second.next()).data).toEqual({ n: 2 });
      stopSecond();
      await settled();
      dial.send('colour', { n: 3 });
      dial.send('lamp', { n: 4 });
      expect((await own.next()).data).toEqual({ n: 4 });
      expect([...first.waiting, ...second.waiting]).toEqual([]);
    });

    test('loops over messages, and leaves the channel with the loop', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const ready = createInbox<Message>();
      lamp.subscribe(ready.push);
      const messages = lamp.messages('colour');
      lamp.send('lamp', {});
      await ready.next();
      for (let n = 0; n < 3; n++) dial.send('colour', { n });
      const seen: number[] = [];
      for await (const { data } of messages) {
        seen.push(data.n);
        if (seen.length === 3) break;
      }
      expect(seen).toEqual([0, 1, 2]);
      expect(await messages.next()).toEqual({ done: true, value: undefined });
    });

    test('uses a channel with a password', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const got = createInbox<Message>();
      lamp.subscribe('colour:secret', got.push);
      lamp.subscribe(got.push);
      lamp.send('lamp', {});
      await got.next();
      dial.send('colour', { n: 1 });
      dial.send('colour:wrong', { n: 2 });
      dial.send('colour:secret', { n: 3 });
      expect(await got.next()).toMatchObject({ recipient: 'colour:secret', data: { n: 3 } });
    });

    test.each(['grün', '聊天室', '👩\u200d👧/🎨'])('does all on the channel %s', async (name) => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const got = createInbox<Message>();
      lamp.subscribe(name, got.push, { reliable: true });
      lamp.register(name, 'add', ({ a, b }) => ({ sum: a + b }));
      const shared = lamp.variable(name, 'ö');
      const values = createInbox<unknown>();
      shared.subscribe(values.push);
      await settled(lamp);
      dial.send(name, { text: name });
      expect(await got.next()).toMatchObject({ recipient: name, data: { text: name } });
      expect(await dial.send(name, { n: 1 }, { ack: true })).toMatchObject({ receivers: ['lamp'] });
      expect(await got.next()).toMatchObject({ recipient: name, data: { n: 1 } });
      dial.send(name, { ö: '聊' });
      expect(await values.next()).toBe('聊');
      expect(await dial.call(name, 'add', { a: 1, b: 2 })).toEqual({ sum: 3 });
      expect(await dial.members(name)).toEqual(['lamp']);
      expect(await dial.channels()).toContain(name);
    });

    test('calls a service on a channel or by its handle, and gets its answer', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const stop = dial.register('desk', 'add', async ({ a, b }, { sender }) => ({ sum: a + b, caller: sender }));
      await settled(dial);
      expect(await lamp.call('desk', 'add', { a: 1, b: 2 })).toEqual({ sum: 3, caller: 'lamp' });
      expect(await lamp.call('dial', 'add', { a: 3, b: 4 })).toEqual({ sum: 7, caller: 'lamp' });
      expect(await dial.call('dial', 'add', { a: 5, b: 6 })).toEqual({ sum: 11, caller: 'dial' });
      stop();
      await settled(dial);
      const late = lamp.call('desk', 'add', { a: 1, b: 2 }, { timeout: 20 });
      await expect(late).rejects.toMatchObject({ code: 'timeout' });
    });

    test('is told why a responder failed', async () => {
      await using world = await scene();
      const errors = createInbox<Error>();
      const lamp = await world.join('lamp');
      const dial = await world.join('dial', { on: { error: errors.push } });
      dial.register('desk', 'fail', () => {
        throw new Error('no "é" left 😀');
      });
      await settled(dial);
      const answer = lamp.call('desk', 'fail', {});
      await expect(answer).rejects.toMatchObject({ code: 'remote', message: 'no "é" left 😀' });
      expect((await errors.next()).message).toContain('no "é" left 😀');
    });

    test('calls all who answer', async () => {
      await using world = await scene();
      const lamp = await world.join('lamp');
      for (const handle of ['dial', 'fan']) {
        const client = await world.join(handle);
        client.register('desk', 'who', () => ({ who: handle }));
        await settled(client);
      }
      const answers: Message[] = [];
      for await (const answer of lamp.callAll('desk', 'who', {}, { max: 2 })) answers.push(answer);
      expect(answers.map(({ sender, data }) => [sender, data['who']]).sort()).toEqual([
        ['dial', 'dial'],
        ['fan', 'fan'],
      ]);
      const late: Message[] = [];
      for await (const answer of lamp.callAll('desk', 'who', {}, { timeout: 200 })) late.push(answer);
      expect(late).toHaveLength(2);
    });

    test('answers 10,000 calls, 100 in flight, each once, and nothing stays behind', async () => {
      await using world = await scene();
      const clock = createCountingClock();
      const [lamp, dial] = [await world.join('lamp', { clock }), await world.join('dial')];
      const asked: number[] = [];
      const heard: unknown[] = [];
      lamp.subscribe(({ data }) => heard.push(data));
      dial.register('desk', 'next', ({ n }) => {
        asked.push(n);
        return { n: n + 1 };
      });
      await settled(dial);
      const { signal, listeners } = createCountedSignal();
      const before = clock.timers;
      const answered: number[] = [];
      let made = 0;
      const worker = async (): Promise<void> => {
        while (made < 10_000) {
          const n = made++;
          const answer = await lamp.call('desk', 'next', { n }, { signal });
          answered.push(answer.n - 1 === n ? n : -1);
        }
      };
      await Promise.all(Array.from({ length: 100 }, worker));
      await settled(lamp);
      const inOrder = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);
      const all = Array.from({ length: 10_000 }, (_, n) => n);
      expect(inOrder(asked)).toEqual(all);
      expect(inOrder(answered)).toEqual(all);
      expect(clock.peak).toBeGreaterThanOrEqual(100);
      // Meanwhile the session may have ended a timer of its own.
      expect(clock.timers).toBeLessThanOrEqual(before);
      expect(listeners.size).toBe(0);
      // What this test sent to itself at the end, and no answer.
      expect(heard).toEqual([{}]);
    }, 20_000);

    test('shares a variable with others, within its bounds', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const options = { initial: 0, min: 0, max: 255 };
      const [here, there] = [lamp.variable('desk', 'light', options), dial.variable('desk', 'light', options)];
      const [local, remote] = [createInbox<unknown>(), createInbox<unknown>()];
      here.subscribe((value, origin) => local.push([value, origin]));
      there.subscribe((value, origin) => remote.push([value, origin]));
      await Promise.all([settled(lamp), settled(dial)]);
      here.set(300);
      expect(await remote.take(2)).toEqual([
        [0, 'local'],
        [255, 'remote'],
      ]);
      there.value = -5;
      expect(await local.take(3)).toEqual([
        [0, 'local'],
        [255, 'local'],
        [0, 'remote'],
      ]);
      expect([here.value, there.value]).toEqual([0, 0]);
    });

    test('ends with one value where two set it at the same time, and gives it to a listener that comes later', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      for (let round = 0; round < 5; round++) {
        const channel = `desk${round}`;
        const [here, there] = [lamp, dial].map((client) => client.variable(channel, 'light', { retain: 60 }));
        await Promise.all([settled(lamp), settled(dial)]);
        const told = createInbox<unknown>();
        // One of the two is told of the value of the other; the other one sends its value again, so that the server keeps it.
        for (const one of [here, there]) one?.subscribe((value, origin) => origin === 'remote' && told.push(value));
        const again = createInbox<unknown>();
        for (const client of [lamp, dial]) client.subscribe(channel, ({ data }) => again.push(data['light']));
        here?.set(1);
        there?.set(2);
        const [value] = await told.take(1);
        await again.take(3);
        expect([here?.value, there?.value]).toEqual([value, value]);
        for (const client of [lamp, dial]) {
          expect((await client.next(channel, { timeout: 5_000 })).data['light']).toBe(value);
          expect(client.variable(channel, 'light').value).toBe(value);
        }
      }
    });

    test('waits for the next message of a channel, and for no more', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const next = lamp.next('desk', { timeout: 5_000 });
      await settled(lamp);
      dial.send('desk', { n: 1 });
      dial.send('desk', { n: 2 });
      expect(await next).toMatchObject({ sender: 'dial', recipient: 'desk', data: { n: 1 } });
      await settled(lamp);
      const heard: Message[] = [];
      lamp.on('message', (message) => heard.push(message));
      dial.send('desk', { n: 3 });
      await settled(dial);
      await settled(lamp);
      expect(heard.map(({ recipient }) => recipient)).toEqual(['lamp']);
      await expect(lamp.next('desk', { timeout: 20 })).rejects.toMatchObject({ code: 'timeout' });
    });

    test('is told that its handle is taken', async () => {
      await using world = await scene();
      await world.join('lamp');
      await expect(world.join('lamp')).rejects.toMatchObject({
        name: 'OocsiError',
        code: 'refused',
        permanent: true,
        message: expect.stringContaining('"lamp" is taken'),
      });
    });

    test('takes another name when it is asked to', async () => {
      await using world = await scene();
      await world.join('lamp');
      expect((await world.join('lamp', { onHandleTaken: 'suffix' })).handle).toMatch(/^lamp_\d{4}$/);
    });

    test('rejects an acknowledged message that is too long for the server, and no other one', async () => {
      await using world = await scene();
      const lamp = await world.join('lamp', { maxMessage: 2 ** 21, reconnect: { delay: () => 50 } });
      const dial = await world.join('dial');
      const got = createInbox<Message>();
      dial.subscribe(got.push, { reliable: true });
      await dial.flush();
      const texts = ['before', 'x'.repeat(2 ** 20), 'behind'];
      const all = texts.map((text) => lamp.send('dial', { text }, { ack: true }));
      await expect(all[1]).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringContaining('too long for the server'),
        details: expect.objectContaining({ longest: 2 ** 20 }),
      });
      await Promise.all([all[0], all[2]]);
      expect((await got.take(2)).map(({ data }) => data.text)).toEqual(['before', 'behind']);
    });

    test('says goodbye, and is closed for good', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const got = createInbox<Message>();
      dial.subscribe(got.push);
      for (let n = 0; n < 100; n++) lamp.send('dial', { n });
      await Promise.all([lamp.close(), lamp.close()]);
      expect(lamp.state).toEqual({ status: 'closed' });
      expect(await lamp.closed).toBeUndefined();
      expect((await got.take(100)).at(-1)?.data).toEqual({ n: 99 });
      expect(lamp.send('dial', {})).toBe('dropped');
      // The server let go of the handle.
      expect((await world.join('lamp')).handle).toBe('lamp');
    });

    test('receives 10,000 messages of one burst in order', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const got = createInbox<Message>();
      lamp.subscribe(got.push);
      for (let n = 0; n < 10_000; n++) dial.send('lamp', { n });
      const numbers = (await got.take(10_000)).map(({ data }) => data.n);
      expect(numbers.every((n, index) => n === index)).toBe(true);
    });
  });
}
