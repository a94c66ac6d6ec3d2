import { describe, expect, test } from 'vitest';
import { type Client, type ClientOptions, connect, createClient, type Message, memory } from '../../src/index';
import { createBroker } from '../../src/server/broker/broker';
import { createInbox } from '../helpers/inbox';

interface Pair extends AsyncDisposable {
  readonly lamp: Client;
  readonly dial: Client;
  /** Waits until the server has dealt with all that lamp sent before. */
  settled(): Promise<void>;
}

async function pair(options: ClientOptions = {}): Promise<Pair> {
  const broker = createBroker();
  const lamp = await connect(memory(broker.accept), { handle: 'lamp', ...options });
  const dial = await connect(memory(broker.accept), { handle: 'dial' });
  return {
    lamp,
    dial,
    settled: () =>
      new Promise((resolve) => {
        const stop = lamp.subscribe(({ data }) => {
          if (!('settled' in data)) return;
          stop();
          resolve();
        });
        lamp.send('lamp', { settled: true });
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all([lamp.close(), dial.close()]);
    },
  };
}

describe('listeners', () => {
  test('are called in the order they were bound, after the event "message"', async () => {
    await using world = await pair();
    const calls: string[] = [];
    world.lamp.subscribe('colour', () => calls.push('first'));
    world.lamp.subscribe('colour', () => calls.push('second'));
    world.lamp.on('message', () => calls.push('message'));
    await world.settled();
    calls.length = 0;
    world.dial.send('colour', {});
    await world.settled();
    expect(calls).toEqual(['message', 'first', 'second', 'message']);
  });

  test('that throw or reject do not stop the others, and the event "error" tells', async () => {
    await using world = await pair();
    const errors = createInbox<unknown>();
    world.lamp.on('error', errors.push);
    const [broken, rejected] = [new Error('broken'), new Error('rejected')];
    const got = createInbox<Message>();
    world.lamp.subscribe('colour', () => {
      throw broken;
    });
    world.lamp.subscribe('colour', () => Promise.reject(rejected));
    world.lamp.subscribe('colour', got.push);
    await world.settled();
    world.dial.send('colour', {});
    await got.next();
    expect(await errors.take(2)).toEqual([
      expect.objectContaining({ code: 'invalid', cause: broken }),
      expect.objectContaining({ code: 'invalid', cause: rejected }),
    ]);
  });

  test('may unsubscribe, themselves and others, while they are called', async () => {
    await using world = await pair();
    const calls: string[] = [];
    const stopFirst = world.lamp.subscribe('colour', () => {
      calls.push('first');
      stopFirst();
      stopSecond();
    });
    const stopSecond = world.lamp.subscribe('colour', () => calls.push('second'));
    world.lamp.subscribe('colour', () => calls.push('third'));
    await world.settled();
    world.dial.send('colour', {});
    world.dial.send('colour', {});
    await world.settled();
    expect(calls).toEqual(['first', 'third', 'third']);
  });

  test('stop with their signal, by `using`, and never start with one that was aborted', async () => {
    await using world = await pair();
    const calls: string[] = [];
    const abort = new AbortController();
    world.lamp.subscribe('colour', () => calls.push('signal'), { signal: abort.signal });
    world.lamp.subscribe('colour', () => calls.push('aborted'), { signal: AbortSignal.abort() });
    {
      using _stop = world.lamp.subscribe('colour', () => calls.push('using'));
    }
    await world.settled();
    world.dial.send('colour', {});
    await world.settled();
    expect(calls).toEqual(['signal']);
    abort.abort();
    world.dial.send('colour', {});
    await world.settled();
    expect(calls).toEqual(['signal']);
  });

  test('bound twice are called twice, and each binding stops by itself', async () => {
    await using world = await pair();
    let calls = 0;
    const listener = (): void => {
      calls++;
    };
    const stop = world.lamp.subscribe('colour', listener);
    world.lamp.subscribe('colour', listener);
    stop();
    await world.settled();
    world.dial.send('colour', {});
    await world.settled();
    expect(calls).toBe(1);
  });

  test('get data without the keys of the protocol, whatever the data is called', async () => {
    await using world = await pair();
    const got = createInbox<Message>();
    world.lamp.subscribe('colour', got.push);
    await world.settled();
    world.dial.send('colour', { _RETAIN: 5, _MESSAGE_ID: 'x', _mine: 1, constructor: 2, toString: 3 });
    expect((await got.next()).data).toEqual({ _mine: 1, constructor: 2, toString: 3 });
    world.dial.send('colour', JSON.parse('{"__proto__": {"polluted": true}, "n": 1}'));
    const { data } = await got.next();
    expect(Object.keys(data)).toEqual(['n']);
    expect(Object.assign({}, data)).not.toHaveProperty('polluted');
  });
});

describe('a loop over messages', () => {
  test('keeps the newest when it is too slow, and says how many it missed', async () => {
    await using world = await pair();
    const errors = createInbox<unknown>();
    world.lamp.on('error', errors.push);
    const loop = world.lamp.messages('colour', { buffer: 3 });
    await world.settled();
    for (let n = 0; n < 10; n++) world.dial.send('colour', { n });
    world.dial.send('lamp', { settled: true });
    await world.settled();
    const seen = [await loop.next(), await loop.next(), await loop.next()].map(({ value }) => value?.data.n);
    expect(seen).toEqual([7, 8, 9]);
    expect(errors.waiting).toEqual([
      expect.objectContaining({ message: expect.stringContaining('missed 7: enlarge its buffer') }),
    ]);
  });

  test('ends with its signal, with the client, and when it is left while it waits', async () => {
    await using world = await pair();
    const abort = new AbortController();
    const aborted = world.lamp.messages('colour', { signal: abort.signal }).next();
    const left = world.lamp.messages('colour');
    const waiting = left.next();
    const closed = world.lamp.messages('colour').next();
    const end = { done: true, value: undefined };
    abort.abort();
    expect(await aborted).toEqual(end);
    await left.return?.();
    expect(await waiting).toEqual(end);
    await world.lamp.close();
    expect(await closed).toEqual(end);
  });

  test('throws when the client was closed by a fault', async () => {
    const clock = undefined;
    const client = createClient(() => Promise.reject(new Error('no address')), { reconnect: false, clock });
    await expect(client.messages('colour').next()).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('refuses a buffer that holds nothing', async () => {
    await using world = await pair();
    expect(() => world.lamp.messages('colour', { buffer: 0 })).toThrow(RangeError);
  });
});

describe('a channel', () => {
  test('offers the same verbs for one name', async () => {
    await using world = await pair();
    const got = createInbox<Message>();
    const colour = world.lamp.channel('colour');
    colour.subscribe(got.push);
    const loop = colour.messages();
    await world.settled();
    expect(world.dial.channel('colour').send({ n: 1 })).toBe('sent');
    expect([(await got.next()).data, (await loop.next()).value?.data]).toEqual([{ n: 1 }, { n: 1 }]);
    expect(colour.name).toBe('colour');
  });

  test('has one form at a time: a second password is wrong use', async () => {
    await using world = await pair();
    const stop = world.lamp.subscribe('colour:secret', () => {});
    const wrong = expect.objectContaining({ code: 'invalid', message: 'colour is subscribed in another form' });
    expect(() => world.lamp.subscribe('colour', () => {})).toThrow(wrong);
    stop();
    world.lamp.subscribe('colour', () => {});
  });
});

describe('several clients in one program', () => {
  test('know nothing of each other', async () => {
    await using one = await pair();
    await using two = await pair();
    const got = createInbox<Message>();
    one.lamp.subscribe('colour', got.push);
    await one.settled();
    two.dial.send('colour', { n: 1 });
    await two.settled();
    one.dial.send('colour', { n: 2 });
    expect((await got.next()).data).toEqual({ n: 2 });
  });
});

describe('the verbs of a client and of a channel', () => {
  test('work when they are taken off their object', async () => {
    await using world = await pair();
    const { send, subscribe, next, channels, flush, close } = world.dial;
    const { subscribe: listen, call } = world.dial.channel('colour');
    const got = createInbox<unknown>();
    world.lamp.register('colour', 'mix', ({ hue }) => ({ rgb: hue }));
    world.lamp.subscribe('lights', ({ data }) => got.push(data));
    listen(({ data }) => got.push(data));
    await world.settled();
    send('lights', { color: 1 });
    expect(await got.next()).toEqual({ color: 1 });
    await flush();
    world.lamp.send('colour', { color: 2 });
    expect(await got.next()).toEqual({ color: 2 });
    expect(await call('mix', { hue: 3 })).toEqual({ rgb: 3 });
    expect(await channels()).toContain('colour');
    const coming = next('dim');
    subscribe('dim', got.push);
    await flush();
    world.lamp.send('dim', {});
    expect((await coming).sender).toBe('lamp');
    await close();
    expect(world.dial.state.status).toBe('closed');
  });

  test('are the same function each time, and are made when they are read first', async () => {
    await using world = await pair();
    expect(Object.keys(world.dial)).not.toContain('send');
    expect(world.dial.send).toBe(world.dial.send);
    expect(world.dial.send).not.toBe(world.lamp.send);
    expect(Object.keys(world.dial)).toContain('send');
  });
});
