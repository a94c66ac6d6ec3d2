import { describe, expect, test } from 'vitest';
import {
  type ClientEvents,
  type ClientOptions,
  connect,
  type Message,
  memory,
  type SendOptions,
} from '../../../src/index';
import { createBroker } from '../../../src/server/broker/broker';
import { createInbox } from '../../helpers/inbox';
import { createScriptedClient } from '../../helpers/scripted-client';

type Dialect = 'line' | 'web';
const dialects: Dialect[] = ['line', 'web'];

function alone(dialect: Dialect, options: ClientOptions = {}) {
  const dropped: unknown[] = [];
  const on: Partial<ClientEvents> = {
    dropped: ({ recipient, data }, reason) => dropped.push([recipient, data, reason]),
  };
  const world = createScriptedClient({ on, ...options }, dialect);
  const { clock, far } = world;
  return {
    ...world,
    dropped,
    /** [recipient, data] of all messages on the newest link. */
    async sent(): Promise<unknown[]> {
      await clock.advance(0);
      const frames = far.last.sent.flatMap((piece) => piece.trim().split('\n'));
      return frames
        .map((frame) => /^send\w+ (?<to>\S+) (?<json>.*)$/.exec(frame)?.groups)
        .filter((groups) => groups !== undefined)
        .map(({ to, json }) => [to, JSON.parse(json ?? '')]);
    },
  };
}

async function scene(dialect: Dialect, options: ClientOptions = {}) {
  const world = alone(dialect, options);
  await world.welcome();
  return world;
}

describe.each(dialects)('a message over %s', (dialect) => {
  test('leaves as it was when it was sent', async () => {
    const { client, sent } = await scene(dialect);
    const data = { n: 1, deep: { list: [1] } };
    expect(client.send('colour', data)).toBe('sent');
    data.n = 2;
    data.deep.list.push(2);
    expect(await sent()).toEqual([['colour', { n: 1, deep: { list: [1] } }]]);
  });

  test('with a password goes to name:password', async () => {
    const { client, sent } = await scene(dialect);
    client.send('colour', { n: 1 }, { password: 'secret' });
    client.channel('colour').send({ n: 2 }, { password: 'secret' });
    expect(await sent()).toEqual([
      ['colour:secret', { n: 1 }],
      ['colour:secret', { n: 2 }],
    ]);
  });

  test.each([
    [1, 1],
    [0.2, 1],
    [59.01, 60],
    [172_800, 172_800],
    [172_800.5, 172_800],
    [1e12, 172_800],
    [Number.POSITIVE_INFINITY, 172_800],
  ])('that is to be kept for %d s asks for %d', async (retain, seconds) => {
    const { client, sent } = await scene(dialect);
    expect(client.send('colour', { n: 1 }, { retain })).toBe('sent');
    client.send('colour', {}, { retain });
    expect(await sent()).toEqual([
      ['colour', { n: 1, _RETAIN: seconds }],
      ['colour', { _RETAIN: seconds }],
    ]);
  });

  test.each([
    {},
    { retain: 0 },
    { delay: 0 },
    { schedule: new Date(0) },
    { schedule: new Date(1_000_000) },
    { retain: undefined, delay: undefined, schedule: undefined, password: undefined },
  ])('leaves at once, and without keys of the protocol, with %o', async (options) => {
    const { client, sent, clock } = await scene(dialect);
    const timers = clock.timers;
    expect(client.send('colour', { n: 1 }, options)).toBe('sent');
    expect([await sent(), clock.timers]).toEqual([[['colour', { n: 1 }]], timers]);
  });

  test('does not change the data it was given', async () => {
    const { client } = await scene(dialect);
    const data = Object.freeze({ n: 1 });
    client.send('colour', data, { retain: 5, delay: 5 });
    expect(data).toEqual({ n: 1 });
  });

  const wrong: [object, typeof TypeError | typeof RangeError][] = [
    [{ retain: -1 }, RangeError],
    [{ retain: Number.NaN }, RangeError],
    [{ retain: '5' }, RangeError],
    [{ delay: -0.1 }, RangeError],
    [{ delay: Number.NaN }, RangeError],
    [{ delay: '5' }, RangeError],
    [{ schedule: new Date(Number.NaN) }, TypeError],
    [{ schedule: new Date('no date') }, TypeError],
    [{ retian: 5 }, TypeError],
    [{ filter: 'n > 1' }, TypeError],
    [{ transform: { n: '1' } }, TypeError],
    [{ whenOffline: 'later' }, TypeError],
    [{ password: '' }, TypeError],
    [{ password: 'two words' }, TypeError],
    [{ password: 'line\nsubscribe other' }, TypeError],
    [{ password: 'é' }, TypeError],
    [{ password: 5 }, TypeError],
  ];
  test.each(wrong)('is not sent with %o, and the caller hears why', async (options, kind) => {
    const { client, sent, clock, dropped } = await scene(dialect);
    const timers = clock.timers;
    const [name = ''] = Object.keys(options);
    expect(() => client.send('colour', { n: 1 }, options as SendOptions)).toThrow(kind);
    expect(() => client.send('colour', { n: 1 }, options as SendOptions)).toThrow(name);
    expect([await sent(), clock.timers, dropped]).toEqual([[], timers, []]);
  });

  test('is not sent with wrong data, also when it is to be sent later', async () => {
    const { client, sent, clock } = await scene(dialect);
    const timers = clock.timers;
    for (const data of [{ n: Number.NaN }, { n: 1n }, { n: () => 1 }, [1], 'text', null, 5]) {
      expect(() => client.send('colour', data as never, { delay: 5, retain: 5 })).toThrow(TypeError);
    }
    expect([await sent(), clock.timers]).toEqual([[], timers]);
  });

  test('with a password goes to a plain name only', async () => {
    const { client, sent } = await scene(dialect);
    for (const name of ['colour:other', 'colour[filter(x>1)]']) {
      expect(() => client.send(name, {}, { password: 'secret' })).toThrow(TypeError);
    }
    expect(await sent()).toEqual([]);
  });

  test('waits for a connection, unless it is not to', async () => {
    const { client, clock, far, sent, dropped } = alone(dialect);
    expect(client.send('colour', { n: 1 }, { retain: 5, password: 'pw' })).toBe('queued');
    expect(client.send('colour', { n: 2 }, { whenOffline: 'drop' })).toBe('dropped');
    expect(dropped).toEqual([['colour', { n: 2 }, 'offline']]);
    await clock.advance(0);
    await far.last.welcome();
    expect(await sent()).toEqual([['colour:pw', { n: 1, _RETAIN: 5 }]]);
  });

  test('is dropped when the client is closed, whatever its options', async () => {
    const { client, clock, close } = await scene(dialect);
    const dropped: unknown[] = [];
    client.on('dropped', ({ data }, reason) => dropped.push([data, reason]));
    await close();
    const several = [undefined, {}, { delay: 5 }, { schedule: new Date(1e15) }, { retain: 5 }];
    for (const options of several) expect(client.send('colour', { n: 1 }, options)).toBe('dropped');
    expect(dropped).toEqual(several.map(() => [{ n: 1 }, 'closed']));
    expect(clock.timers).toBe(0);
  });
});

describe('a delayed message over TCP', () => {
  test.each([
    [{ delay: 5 }, 5],
    [{ delay: 0.001 }, 1],
    [{ delay: 4.2 }, 5],
    [{ delay: 60 * 86_400 }, 5_184_000],
    [{ schedule: new Date(1_000_000 + 2_000) }, 2],
    [{ schedule: new Date(1_000_000 + 2_001) }, 3],
    [{ schedule: new Date(1_000_000 + 1) }, 1],
  ])('with %o is handed to the server, which holds it for %d s', async (options, seconds) => {
    const { client, sent } = await scene('line');
    expect(client.send('colour', { n: 1 }, { ...options, retain: 7 })).toBe('queued');
    expect(await sent()).toEqual([['colour', { n: 1, _RETAIN: 7, _DELAY: seconds }]]);
  });

  test('that is to be held for ever is not delivered at once', async () => {
    const { client, sent } = await scene('line');
    try {
      client.send('colour', { n: 1 }, { delay: Number.POSITIVE_INFINITY });
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
    }
    // A delay that is no number means none to servers.
    for (const [, data] of (await sent()) as [string, object][])
      expect(data).toEqual({ n: 1, _DELAY: expect.any(Number) });
  });

  test('takes the place of the one before, and `dropped` tells', async () => {
    const { client, clock, dropped, sent } = await scene('line');
    client.send('colour', { n: 1 }, { delay: 5 });
    client.send('other', { n: 9 }, { delay: 5 });
    await clock.advance(4_999);
    expect(dropped).toEqual([]);
    expect(client.send('colour', { n: 2 }, { delay: 5 })).toBe('queued');
    expect(dropped).toEqual([['colour', { n: 1 }, 'replaced']]);
    expect(await sent()).toHaveLength(3);
    await clock.advance(60_000);
    client.send('colour', { n: 3 }, { delay: 5 });
    expect(dropped).toHaveLength(1);
  });

  test('is held for whole seconds, so it can be replaced until they are over', async () => {
    const { client, clock, dropped } = await scene('line');
    client.send('colour', { n: 1 }, { delay: 1.2 });
    await clock.advance(1_500);
    client.send('colour', { n: 2 }, { delay: 5 });
    expect(dropped).toEqual([['colour', { n: 1 }, 'replaced']]);
  });

  test('is not replaced by one that leaves at once', async () => {
    const { client, dropped } = await scene('line');
    client.send('colour', { n: 1 }, { delay: 5 });
    client.send('colour', { n: 2 });
    expect(dropped).toEqual([]);
  });

  test('is the server’s once it left: closing drops nothing', async () => {
    const { client, close, clock, dropped } = await scene('line');
    client.send('colour', { n: 1 }, { delay: 5 });
    await close();
    expect([dropped, clock.timers]).toEqual([[], 0]);
  });
});

describe('a delayed message over WebSocket', () => {
  test.each([{ delay: 4.2 }, { schedule: new Date(1_000_000 + 4_200) }])(
    'with %o is kept here until it is due',
    async (options) => {
      const { client, clock, sent } = await scene('web');
      const timers = clock.timers;
      expect(client.send('colour', { n: 1 }, { ...options, retain: 7, password: 'pw' })).toBe('queued');
      await clock.advance(4_199);
      expect(await sent()).toEqual([]);
      await clock.advance(1);
      expect(await sent()).toEqual([['colour:pw', { n: 1, _RETAIN: 7 }]]);
      await clock.advance(5_000);
      expect(await sent()).toHaveLength(1);
      expect(clock.timers).toBe(timers);
    },
  );

  test('leaves as it was when it was given to `send`', async () => {
    const { client, clock, sent } = await scene('web');
    const data = { n: 1 };
    client.send('colour', data, { delay: 1 });
    data.n = 2;
    await clock.advance(1_000);
    expect(await sent()).toEqual([['colour', { n: 1 }]]);
  });

  test('takes the place of the one before for that recipient, and `dropped` tells', async () => {
    const { client, clock, sent, dropped } = await scene('web');
    client.send('colour', { n: 1 }, { delay: 5 });
    client.send('colour', { n: 9 }, { delay: 5, password: 'pw' });
    client.send('other', { n: 8 }, { delay: 5 });
    await clock.advance(1_000);
    expect(client.send('colour', { n: 2 }, { delay: 5 })).toBe('queued');
    client.send('colour', { n: 0 });
    expect(dropped).toEqual([['colour', { n: 1 }, 'replaced']]);
    await clock.advance(10_000);
    expect(await sent()).toEqual([
      ['colour', { n: 0 }],
      ['colour:pw', { n: 9 }],
      ['other', { n: 8 }],
      ['colour', { n: 2 }],
    ]);
    expect(dropped).toHaveLength(1);
  });

  test('is not in the way of the next one once it has left', async () => {
    const { client, clock, sent, dropped } = await scene('web');
    client.send('colour', { n: 1 }, { delay: 1 });
    await clock.advance(1_000);
    client.send('colour', { n: 2 }, { delay: 1 });
    await clock.advance(1_000);
    expect([await sent(), dropped]).toEqual([
      [
        ['colour', { n: 1 }],
        ['colour', { n: 2 }],
      ],
      [],
    ]);
  });

  test('that has left is not dropped when the client closes', async () => {
    const { client, clock, close, dropped } = await scene('web');
    client.send('colour', { n: 1 }, { delay: 1 });
    await clock.advance(1_000);
    await close();
    expect(dropped).toEqual([]);
  });

  test('is dropped when the client closes before, and nothing is left of it', async () => {
    const { client, clock, close, sent, dropped } = await scene('web');
    client.send('colour', { n: 1 }, { delay: 5 });
    client.send('other', { n: 2 }, { delay: 5 });
    await close();
    expect(dropped).toEqual([
      ['colour', { n: 1 }, 'closed'],
      ['other', { n: 2 }, 'closed'],
    ]);
    expect(clock.timers).toBe(0);
    await clock.advance(10_000);
    expect(await sent()).toEqual([]);
  });

  test('is dropped when it is due, there is no connection, and it is not to wait for one', async () => {
    const { client, clock, far, dropped } = await scene('web');
    client.send('colour', { n: 1 }, { delay: 1, whenOffline: 'drop' });
    far.last.drop();
    await clock.advance(1_000);
    expect(dropped).toEqual([['colour', { n: 1 }, 'offline']]);
  });

  test('leaves on the connection that there is when it is due', async () => {
    const { client, clock, far, sent, dropped } = await scene('web');
    client.send('colour', { n: 1 }, { delay: 5 });
    far.last.drop();
    await clock.advance(1_000);
    await far.last.welcome();
    await clock.advance(5_000);
    expect([await sent(), dropped]).toEqual([[['colour', { n: 1 }]], []]);
  });

  test('may be months away', async () => {
    const { client, clock, sent } = await scene('web');
    const seconds = 60 * 86_400;
    expect(client.send('colour', { n: 1 }, { delay: seconds })).toBe('queued');
    // A sleep, because a client that is awake looks after its connection every 2 s.
    clock.sleep((seconds - 1) * 1_000);
    await clock.advance(0);
    expect(await sent()).toEqual([]);
    await clock.advance(1_000);
    expect(await sent()).toHaveLength(1);
  });

  test('does not leave at once on the machine’s clock, however far away it is', async () => {
    const broker = createBroker();
    const lamp = await connect(memory(broker.accept), { handle: 'lamp' });
    const got = createInbox<Message>();
    lamp.subscribe(got.push);
    const dropped: unknown[] = [];
    lamp.on('dropped', (_message, reason) => dropped.push(reason));
    expect(lamp.send('lamp', { late: true }, { delay: 2 ** 31 })).toBe('queued');
    lamp.send('lamp', { now: true }, { delay: 0.02 });
    lamp.send('lamp', { late: true }, { schedule: new Date(Date.now() + 2 ** 33) });
    expect(dropped).toEqual(['replaced', 'replaced']);
    lamp.subscribe('room', () => {});
    const other = await connect(memory(broker.accept), { handle: 'dial' });
    other.send('room', { soon: true }, { delay: 0.02 });
    const room = createInbox<Message>();
    lamp.subscribe('room', room.push);
    expect((await room.next()).data).toEqual({ soon: true });
    expect(got.waiting).toEqual([]);
    await Promise.all([lamp.close(), other.close()]);
    expect(dropped).toEqual(['replaced', 'replaced', 'closed']);
  });
});

describe('a delayed message without a connection', () => {
  test('is told as replaced when it was held here and a newer one is handed over', async () => {
    const { client, dropped, welcome } = alone('line');
    expect(client.send('colour', { n: 1 }, { delay: 60 })).toBe('queued');
    await welcome();
    expect(client.send('colour', { n: 2 }, { delay: 30 })).toBe('queued');
    expect(dropped).toEqual([['colour', { n: 1 }, 'replaced']]);
  });

  test('cannot have a delay and a date', async () => {
    const { client } = alone('line');
    expect(() => client.send('colour', {}, { delay: 1, schedule: new Date(1e15) })).toThrow(TypeError);
  });

  test('is not told as replaced when it was handed over before: the server still delivers it', async () => {
    const { client, far, dropped } = await scene('line');
    expect(client.send('colour', { n: 1 }, { delay: 60 })).toBe('queued');
    far.last.drop();
    client.send('colour', { n: 2 }, { delay: 60 });
    expect(dropped).not.toContainEqual(['colour', { n: 1 }, 'replaced']);
  });

  test('that was dropped is not told a second time', async () => {
    const { client, clock, dropped } = alone('web');
    expect(client.send('colour', { n: 1 }, { delay: 1, whenOffline: 'drop' })).toBe('queued');
    await clock.advance(1_000);
    client.send('colour', { n: 2 }, { delay: 1 });
    expect(dropped).toEqual([['colour', { n: 1 }, 'offline']]);
  });
});

describe('a message on a broker', () => {
  test('reaches those who know the password, and a retained one those who come later', async () => {
    const broker = createBroker();
    const [lamp, dial] = [
      await connect(memory(broker.accept), { handle: 'lamp' }),
      await connect(memory(broker.accept), { handle: 'dial' }),
    ];
    const got = createInbox<Message>();
    lamp.subscribe('colour', got.push, { password: 'secret' });
    lamp.subscribe(got.push);
    lamp.send('lamp', {});
    await got.next();
    dial.send('colour', { n: 1 });
    dial.send('colour', { n: 2 }, { password: 'wrong' });
    dial.send('colour', { n: 3 }, { password: 'secret' });
    expect((await got.next()).data).toEqual({ n: 3 });
    dial.subscribe('room', () => {});
    lamp.send('lamp', {});
    await got.next();
    dial.send('room', { n: 4 }, { retain: 60 });
    dial.send('lamp', {});
    await got.next();
    lamp.subscribe('room', got.push);
    lamp.send('lamp', { end: true });
    expect((await got.next()).data).toEqual({ n: 4 });
    await Promise.all([lamp.close(), dial.close()]);
  });
});

test.each(dialects)('Each listener to `dropped` may change what it gets (%s)', async (dialect) => {
  const { client, close } = await scene(dialect);
  const when = new Date(0);
  const data = { list: [1], deep: { n: 1 }, when };
  const told: unknown[] = [];
  for (let listener = 0; listener < 2; listener++) {
    client.on('dropped', (message) => {
      const { list, deep } = message.data as typeof data;
      told.push([message.recipient, structuredClone(message.data)]);
      list.push(2);
      deep.n = 2;
      Object.assign(message, { recipient: 'elsewhere' });
    });
  }
  await close();
  expect(client.send('colour', data)).toBe('dropped');
  const asGiven = { list: [1], deep: { n: 1 }, when };
  expect(told).toEqual(Array.from({ length: 2 }, () => ['colour', asGiven]));
  expect(data).toEqual(asGiven);
});
