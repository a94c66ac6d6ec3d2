import { describe, expect, test, vi } from 'vitest';
import {
  type Client,
  type ClientOptions,
  connect,
  type DropReason,
  memory,
  type OutgoingMessage,
  type Variable,
} from '../../../src/index';
import { createBroker } from '../../../src/server/broker/broker';
import { createInbox } from '../../helpers/inbox';
import { createScriptedClient } from '../../helpers/scripted-client';
import { createVirtualClock } from '../../helpers/virtual-clock';

type Any = ReturnType<Client['variable']>;

/** A client on a link whose far side is the test, not welcomed yet. */
function alone(options: ClientOptions = {}, dialect?: 'line' | 'web') {
  const dropped: unknown[] = [];
  const on = { dropped: ({ data }: OutgoingMessage, reason: DropReason) => dropped.push([data, reason]) };
  const world = createScriptedClient({ on, ...options }, dialect);
  return {
    ...world,
    dropped,
    /** The data of all messages on the newest link, without what says when values were set. */
    sent(): unknown[] {
      const frames = world.far.last.sent.flatMap((piece) => piece.split('\n'));
      return frames.filter((frame) => frame.startsWith('send')).map((frame) => JSON.parse(jsonOf(plain(frame))));
    },
    /** The frames on the newest link, without that. */
    frames: (): string[] => world.far.last.sent.map(plain),
  };
}

function plain(frame: string): string {
  return frame.replace(/,"_SET":\d+/, '').replace(/,"_KEPT":\{[^}]*\}/, '');
}

function jsonOf(frame: string): string {
  return frame.replace(/^\S+ \S+ /, '');
}

async function scene(options: ClientOptions = {}, dialect: 'line' | 'web' = 'web') {
  const world = alone(options, dialect);
  await world.welcome();
  return world;
}

/** What a variable tells, from now on. */
function follow(variable: Any): unknown[] {
  const seen: unknown[] = [];
  variable.subscribe((value, origin) => seen.push([value, origin]));
  return seen;
}

describe('a variable', () => {
  test('has no value until there is one, and starts with `initial`, which is not sent', async () => {
    const { client, sent, far } = await scene();
    expect(client.variable('colour', 'color').get()).toBeUndefined();
    const hue = client.variable('colour', 'hue', { initial: 7 });
    expect([hue.get(), hue.value, hue.channel, hue.key]).toEqual([7, 7, 'colour', 'hue']);
    expect(client.variable('colour', 'rest', { reference: 8 }).value).toBe(8);
    expect(client.variable('colour', 'both', { initial: 9, reference: 8 }).value).toBe(9);
    expect(sent()).toEqual([]);
    expect(far.last.sent).toEqual(['lamp', 'subscribe colour']);
  });

  test('sends what is set, by `set` and by `value`', async () => {
    const { client, sent } = await scene();
    const color = client.variable('colour', 'color', { initial: 0 });
    color.set(1);
    color.value = 2;
    expect(color.get()).toBe(2);
    expect(sent()).toEqual([{ color: 1 }, { color: 2 }]);
  });

  test('is also to be had from a channel', async () => {
    const { client, frames } = await scene();
    const color = client.channel('colour').variable('color', { initial: 0, max: 5, password: 'secret' });
    color.set(9);
    expect([color.channel, color.key, color.value]).toEqual(['colour', 'color', 5]);
    expect(frames().slice(1)).toEqual(['subscribe colour:secret', 'sendjson colour:secret {"color":5}']);
  });

  test('tells at once and on every change, with who set it', async () => {
    const { client, hear } = await scene();
    const color = client.variable('colour', 'color', { initial: 0 });
    const seen = follow(color);
    color.set(1);
    hear({ color: 2 });
    expect(seen).toEqual([
      [0, 'local'],
      [1, 'local'],
      [2, 'remote'],
    ]);
    expect(follow(color)).toEqual([[2, 'remote']]);
  });

  test('tells nothing at once while there is no value', async () => {
    const { client, hear } = await scene();
    const seen = follow(client.variable('colour', 'color'));
    expect(seen).toEqual([]);
    hear({ color: false });
    expect(seen).toEqual([[false, 'remote']]);
  });

  test('stops to tell whoever unsubscribes, by call, by `using` and by signal', async () => {
    const { client } = await scene();
    const color = client.variable('colour', 'color', { initial: 0 });
    const seen: string[] = [];
    const abort = new AbortController();
    const stop = color.subscribe(() => seen.push('call'));
    color.subscribe(() => seen.push('signal'), { signal: abort.signal });
    color.subscribe(() => seen.push('never'), { signal: AbortSignal.abort() });
    {
      using _stop = color.subscribe(() => seen.push('using'));
    }
    expect(seen).toEqual(['call', 'signal', 'using']);
    stop();
    stop();
    abort.abort();
    color.set(1);
    expect(seen).toHaveLength(3);
  });

  test('leaves nothing on a signal once its listener has unsubscribed', async () => {
    const { client } = await scene();
    const color = client.variable('colour', 'color', { initial: 0 });
    const { signal } = new AbortController();
    const [added, removed] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
    color.subscribe(() => {}, { signal })();
    expect(added).toHaveBeenCalled();
    for (const [, listener] of added.mock.calls) expect(removed).toHaveBeenCalledWith('abort', listener);
  });

  test('tells a listener also of what it sets itself while it is told at once', async () => {
    const { client } = await scene();
    const color = client.variable('colour', 'color', { initial: 0 });
    const seen: unknown[] = [];
    color.subscribe((value) => {
      seen.push(value);
      if (value === 0) color.set(1);
    });
    expect(seen).toEqual([0, 1]);
  });

  test('goes on when a listener throws, and `error` tells', async () => {
    const { client, errors, sent } = await scene();
    const color = client.variable('colour', 'color', { initial: 0 });
    color.subscribe(() => {
      throw new Error('broken');
    });
    const seen = follow(color);
    color.set(1);
    expect(seen).toEqual([
      [0, 'local'],
      [1, 'local'],
    ]);
    expect(sent()).toEqual([{ color: 1 }]);
    expect(errors).toMatchObject([{ code: 'invalid' }, { code: 'invalid' }]);
  });

  test('refuses a listener that is no function', async () => {
    const { client } = await scene();
    const color = client.variable('colour', 'color', { initial: 0 });
    expect(() => color.subscribe('no function' as never)).toThrow(TypeError);
  });

  test('is a loop over its values, which leaving it stops', async () => {
    const { client, hear, clock } = await scene();
    const color = client.variable('colour', 'color', { initial: 0 });
    const loop = color[Symbol.asyncIterator]();
    const seen: unknown[] = [];
    color.set(1);
    hear({ color: 2 });
    for await (const value of { [Symbol.asyncIterator]: () => loop }) {
      seen.push(value);
      if (seen.length === 3) break;
    }
    color.set(3);
    expect(seen).toEqual([0, 1, 2]);
    expect(await loop.next()).toEqual({ done: true, value: undefined });
    const waiting = color[Symbol.asyncIterator]();
    expect(await waiting.next()).toMatchObject({ value: 3 });
    const next = waiting.next();
    await waiting.return?.();
    expect(await next).toMatchObject({ done: true });
    await clock.advance(0);
  });

  test('ends its loops when it is disposed of and when the client closes', async () => {
    const { client, close } = await scene();
    const seen: unknown[] = [];
    async function collect(variable: Any): Promise<void> {
      for await (const value of variable) seen.push(value);
    }
    const [first, second] = [
      client.variable('colour', 'first', { initial: 1 }),
      client.variable('colour', 'second', { initial: 2 }),
    ];
    const loops = [collect(first), collect(second)];
    first[Symbol.dispose]();
    await loops[0];
    await close();
    await loops[1];
    expect(seen).toEqual([1, 2]);
  });

  test('has no loop that waits for ever once it is disposed of or the client is closed', async () => {
    const { client, close } = await scene();
    const [first, second] = [
      client.variable('colour', 'first', { initial: 1 }),
      client.variable('colour', 'second', { initial: 2 }),
    ];
    first[Symbol.dispose]();
    await close();
    for (const variable of [first, second]) {
      const over = (async () => {
        for await (const _ of variable);
      })().catch((error: unknown) => expect(error).toMatchObject({ code: 'closed' }));
      const late = new Promise((resolve) => setImmediate(() => setImmediate(resolve, 'waits')));
      expect(await Promise.race([over, late])).not.toBe('waits');
    }
  });

  test('knows how long ago it was written, here or by others, also with an equal value', async () => {
    const { client, clock, hear } = await scene();
    const color = client.variable('colour', 'color', { initial: 0 });
    await clock.advance(70);
    expect(color.age).toBe(70);
    color.set(1);
    expect(color.age).toBe(0);
    await clock.advance(50);
    hear({ color: 1 });
    expect(color.age).toBe(0);
    await clock.advance(20);
    expect(color.age).toBe(20);
    color.set(1);
    expect(color.age).toBe(0);
  });

  test('never sends back what came from others', async () => {
    const { client, hear, sent } = await scene();
    const color = client.variable('colour', 'color', { initial: 0, max: 10, retain: 5 });
    const smooth = client.variable('colour', 'smooth', { initial: 0, smooth: { window: 2 } });
    hear({ color: 5, smooth: 5 });
    hear({ color: 50, smooth: 50 });
    expect([color.value, smooth.value]).toEqual([10, 27.5]);
    expect(sent()).toEqual([]);
  });

  test('ignores what is for other keys and other channels', async () => {
    const { client, hear, errors } = await scene();
    const color = client.variable('colour', 'color', { initial: 1 });
    const seen = follow(color);
    hear({ handle: 'dial_77', component: 'knob', Color: 2 });
    hear({ color: 3 }, 'dial', 'other');
    hear({});
    expect([color.value, seen.length, errors]).toEqual([1, 1, []]);
  });

  test.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__', 'length'])(
    'may have the key %s',
    async (key) => {
      const { client, hear, sent, errors } = await scene();
      const variable = client.variable('colour', key);
      expect(variable.value).toBeUndefined();
      hear({ other: 1 });
      expect(variable.value).toBeUndefined();
      variable.set('ours');
      hear({ other: 1 });
      expect(variable.value).toBe('ours');
      hear({ [key]: 'theirs' });
      expect(variable.value).toBe('theirs');
      expect(sent()).toEqual([{ [key]: 'ours' }]);
      expect(errors).toEqual([]);
    },
  );

  test.each(['', '__proto__', '_RETAIN', '_DELAY', '_MESSAGE_ID'])('cannot have the key %j', async (key) => {
    const { client, far } = await scene();
    expect(() => client.variable('colour', key)).toThrow(TypeError);
    expect(far.last.sent).toEqual(['lamp']);
  });

  test('follows others over TCP as over WebSocket', async () => {
    const { client, clock, far, sent } = await scene({}, 'line');
    const color = client.variable('colour', 'color', { initial: 0 });
    far.last.say('{"color":5,"handle":"x","recipient":"colour","sender":"dial","timestamp":1}');
    expect(color.value).toBe(5);
    color.set(6);
    await clock.advance(0);
    expect(sent()).toEqual([{ color: 6 }]);
  });
});

describe('values', () => {
  test('that are equal are not sent, nor told', async () => {
    const { client, sent, hear } = await scene();
    const color = client.variable('colour', 'color', { initial: 1 });
    const seen = follow(color);
    color.set(1);
    hear({ color: 1 });
    color.set(2);
    color.set(2);
    hear({ color: 2 });
    expect(sent()).toEqual([{ color: 2 }]);
    expect(seen).toHaveLength(2);
  });

  test('that are deeply equal are equal, in whatever order their keys are', async () => {
    const { client, sent, hear } = await scene();
    const place = client.variable('colour', 'place', { initial: { x: 1, at: [{ a: 1, b: null }] } });
    const seen = follow(place);
    place.set({ at: [{ b: null, a: 1 }], x: 1 });
    hear({ place: { at: [{ a: 1, b: null }], x: 1 } });
    expect([sent(), seen.length]).toEqual([[], 1]);
  });

  test.each([
    [
      [1, 2],
      [2, 1],
    ],
    [[], {}],
    [[1], { 0: 1 }],
    [{ a: undefined, b: 1 }, { a: 1 }],
    [{ a: 1 }, { a: 1, b: 1 }],
    [{ a: 1, b: 1 }, { a: 1 }],
    [{ a: null }, { a: 0 }],
    [{ a: null }, { b: null }],
    ['1', 1],
    [0, false],
    ['', false],
    [JSON.parse('{"constructor": 1}'), { b: 1 }],
    [JSON.parse('{"__proto__": {"a": 1}}'), {}],
  ])('%j and %j are different', async (one, other) => {
    const { client, sent, hear } = await scene();
    const first = client.variable('colour', 'v');
    first.set(one);
    first.set(other);
    expect(sent()).toHaveLength(2);
    const second = client.variable('colour', 'w');
    hear({ w: one });
    hear({ w: other });
    expect(second.value).toEqual(other);
  });

  test('are what JSON makes of them', async () => {
    const { client, sent } = await scene();
    const place = client.variable('colour', 'place');
    place.set({ x: undefined, at: new Date(0), list: [undefined] });
    expect(place.value).toEqual({ at: '1970-01-01T00:00:00.000Z', list: [null] });
    place.set({ at: '1970-01-01T00:00:00.000Z', list: [null] });
    expect(sent()).toHaveLength(1);
  });

  test('cannot be changed from outside once they are set', async () => {
    const { client, hear, sent } = await scene();
    const place = client.variable('colour', 'place');
    const ours = { x: 1, list: [1] };
    place.set(ours);
    ours.x = 2;
    ours.list.push(2);
    expect(place.get()).toEqual({ x: 1, list: [1] });
    // What was changed outside is another value.
    place.set(ours);
    expect(sent()).toHaveLength(2);
    hear({ place: { x: 1, list: [1] } });
    expect(place.get()).toEqual({ x: 1, list: [1] });
  });

  test('that others hold already are sent when the program changed what it got and sets it', async () => {
    const { client, sent } = await scene();
    const place = client.variable('colour', 'place', { initial: { x: 1 } });
    const mine = place.get();
    mine.x = 2;
    place.set(mine);
    expect([place.get(), sent()]).toEqual([{ x: 2 }, [{ place: { x: 2 } }]]);
  });

  test('that were given as `initial` cannot be changed from outside either', async () => {
    const { client, sent } = await scene();
    const state = { n: 0 };
    const place = client.variable('colour', 'place', { initial: state });
    state.n = 1;
    expect(place.get()).toEqual({ n: 0 });
    place.set(state);
    expect([place.get(), sent()]).toEqual([{ n: 1 }, [{ place: { n: 1 } }]]);
  });

  const circle: { self?: unknown } = {};
  circle.self = circle;
  const never: [string, unknown][] = [
    ['null', null],
    ['undefined', undefined],
    ['a function', () => 1],
    ['a BigInt', 1n],
    ['a symbol', Symbol('x')],
    ['a circle', circle],
    ['a deep BigInt', { a: [1n] }],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
  ];
  const noNumber: [string, unknown][] = [
    ['text', '5'],
    ['true', true],
    ['a list', [5]],
    ['an object', {}],
    ['a date', new Date(5)],
  ];
  test.each([
    ...never.map((one) => [...one, { initial: 'x' }] as const),
    ...[...never, ...noNumber].flatMap((one) => [
      [...one, { initial: 3 }] as const,
      [...one, { min: 0 }] as const,
      [...one, { max: 9 }] as const,
      [...one, { smooth: { window: 2 } }] as const,
      [...one, { reference: 4, expire: 1_000 }] as const,
    ]),
  ])('cannot be %s (%o, %o): it throws TypeError and changes nothing', async (_what, value, options) => {
    const { client, clock, sent, errors, hear } = await scene();
    const variable: Any = client.variable<unknown>('colour', 'v', options as never);
    hear({ v: 'initial' in options && options.initial === 'x' ? 'y' : 5 });
    const before = variable.get();
    const seen = follow(variable);
    await clock.advance(50);
    expect(() => variable.set(value)).toThrow(TypeError);
    expect(() => {
      variable.value = value;
    }).toThrow(TypeError);
    expect([variable.get(), variable.age, seen.length]).toEqual([before, 50, 1]);
    expect([sent(), errors]).toEqual([[], []]);
  });

  test.each(['5', null, true, [5], {}, { n: 5 }])(
    '%j of others is no number: `error` tells, and the value stays',
    async (given) => {
      const { client, hear, errors, clock } = await scene();
      const color = client.variable('colour', 'color', { initial: 1 });
      const seen = follow(color);
      await clock.advance(40);
      hear({ color: given });
      expect([color.value, color.age, seen.length]).toEqual([1, 40, 1]);
      expect(errors).toEqual([expect.objectContaining({ name: 'OocsiError', code: 'invalid' })]);
      hear({ color: 2 });
      expect(color.value).toBe(2);
    },
  );

  test('of others that are null are no value, of whatever kind the variable is', async () => {
    const { client, hear, errors } = await scene();
    const place = client.variable('colour', 'place', { initial: 'here' });
    hear({ place: null });
    expect(place.value).toBe('here');
    expect(errors).toMatchObject([{ code: 'invalid' }]);
  });
});

describe('the bounds of a variable', () => {
  test('hold for local, remote and initial values, and what leaves is within them', async () => {
    const { client, hear, sent } = await scene();
    const color = client.variable('colour', 'color', { initial: 300, min: 10, max: 255 });
    expect(color.value).toBe(255);
    color.set(-5);
    expect(color.value).toBe(10);
    color.set(1_000);
    hear({ color: -1e9 });
    expect(color.value).toBe(10);
    hear({ color: 1e9 });
    expect(color.value).toBe(255);
    hear({ color: 200 });
    expect(color.value).toBe(200);
    expect(sent()).toEqual([{ color: 10 }, { color: 255 }]);
    expect(client.variable('colour', 'low', { initial: -3, min: -2 }).value).toBe(-2);
  });

  test('make values equal that lie beyond them', async () => {
    const { client, sent } = await scene();
    const color = client.variable('colour', 'color', { initial: 0, max: 10 });
    color.set(20);
    color.set(30);
    expect(sent()).toEqual([{ color: 10 }]);
  });

  test('may be one number', async () => {
    const { client } = await scene();
    const color = client.variable('colour', 'color', { initial: 0, min: 5, max: 5 });
    color.set(7);
    expect(color.value).toBe(5);
  });

  test('hold for what `accept` returns', async () => {
    const { client, sent } = await scene();
    const color = client.variable('colour', 'color', { initial: 0, max: 10, accept: (next: number) => next * 10 });
    color.set(5);
    expect([color.value, sent()]).toEqual([10, [{ color: 10 }]]);
  });
});

describe('a reference', () => {
  test('comes back when nobody has written for so long, and is told but not sent', async () => {
    const { client, clock, hear, sent } = await scene();
    const color = client.variable('colour', 'color', { initial: 1, reference: 0, expire: 100 });
    const seen = follow(color);
    await clock.advance(99);
    expect(color.value).toBe(1);
    await clock.advance(1);
    color.set(5);
    await clock.advance(60);
    hear({ color: 5 });
    await clock.advance(99);
    expect(color.value).toBe(5);
    await clock.advance(1);
    expect(seen).toEqual([
      [1, 'local'],
      [0, 'local'],
      [5, 'local'],
      [0, 'local'],
    ]);
    expect(sent()).toEqual([{ color: 5 }]);
    // The value of before is a new one now.
    color.set(5);
    expect(sent()).toEqual([{ color: 5 }, { color: 5 }]);
  });

  test('is within the bounds', async () => {
    const { client, clock } = await scene();
    const color = client.variable('colour', 'color', { initial: 5, max: 10, reference: 50, expire: 100 });
    await clock.advance(100);
    expect(color.value).toBe(10);
  });

  test('does not keep back the last value that waits for its interval', async () => {
    const { client, clock, sent } = await scene();
    const color = client.variable('colour', 'color', { initial: 0, expire: 100, interval: 500 });
    color.set(1);
    color.set(2);
    await clock.advance(100);
    expect(color.value).toBe(0);
    await clock.advance(400);
    expect(sent()).toEqual([{ color: 1 }, { color: 2 }]);
  });

  test('is `initial` when nothing else is said', async () => {
    const { client, clock } = await scene();
    const color = client.variable('colour', 'color', { initial: 3, expire: 100 });
    color.set(5);
    await clock.advance(100);
    expect(color.value).toBe(3);
  });

  test('comes back also when the timer runs a moment before its time, as those of platforms do', async () => {
    const clock = createVirtualClock();
    const { client } = alone({
      clock: { ...clock, random: () => 0, after: (ms, task) => clock.after(ms > 1 ? ms - 1 : ms, task) },
    });
    const color = client.variable('colour', 'color', { initial: 0, expire: 100 });
    const seen = follow(color);
    color.set(5);
    await clock.advance(110);
    expect(seen.at(-1)).toEqual([0, 'local']);
  });

  test('is told to nobody when it is the value already', async () => {
    const { client, clock } = await scene();
    const place = client.variable('colour', 'place', { initial: { a: 1, b: 2 }, expire: 100 });
    const seen = follow(place);
    await clock.advance(1_000);
    expect(seen).toHaveLength(1);
  });

  test('needs no timer without `expire`, and none once the variable is disposed of', async () => {
    const { client, clock } = await scene();
    const before = clock.timers;
    client.variable('colour', 'color', { initial: 0, reference: 1 });
    expect(clock.timers).toBe(before);
    const color = client.variable('colour', 'hue', { initial: 0, expire: 100 });
    color.set(1);
    color.set(2);
    expect(clock.timers).toBe(before + 1);
    color[Symbol.dispose]();
    expect(clock.timers).toBe(before);
  });
});

describe('an interval', () => {
  test('lets the first value go at once, leaves out what is set in between, and sends the last', async () => {
    const { client, clock, sent } = await scene();
    const color = client.variable('colour', 'color', { initial: 0, interval: 100 });
    const seen = follow(color);
    for (let n = 1; n <= 5; n++) color.set(n);
    expect(sent()).toEqual([{ color: 1 }]);
    expect(seen).toHaveLength(6);
    await clock.advance(99);
    expect(sent()).toHaveLength(1);
    await clock.advance(1);
    expect(sent()).toEqual([{ color: 1 }, { color: 5 }]);
    // The least time between two sends holds after the second one, too.
    await clock.advance(50);
    color.set(6);
    expect(sent()).toHaveLength(2);
    await clock.advance(50);
    expect(sent()).toEqual([{ color: 1 }, { color: 5 }, { color: 6 }]);
    await clock.advance(1_000);
    color.set(7);
    expect(sent()).toHaveLength(4);
  });

  test('has no timer when nothing waits for it', async () => {
    const { client, clock } = await scene();
    const before = clock.timers;
    const color = client.variable('colour', 'color', { initial: 0, interval: 100 });
    expect(clock.timers).toBe(before);
    color.set(1);
    await clock.advance(200);
    expect(clock.timers).toBe(before);
  });

  test('is cut short by dispose: the last value leaves', async () => {
    const { client, clock, frames } = await scene();
    const before = clock.timers;
    const color = client.variable('colour', 'color', { initial: 0, interval: 100 });
    color.set(1);
    color.set(2);
    color[Symbol.dispose]();
    expect(frames().slice(2).sort()).toEqual(
      ['sendjson colour {"color":1}', 'sendjson colour {"color":2}', 'unsubscribe colour'].sort(),
    );
    expect(clock.timers).toBe(before);
    await clock.advance(1_000);
    expect(frames()).toHaveLength(5);
  });

  test.each(['line', 'web'] as const)('is cut short by close: the last value leaves (%s)', async (dialect) => {
    const { client, close, clock, sent } = await scene({}, dialect);
    const color = client.variable('colour', 'color', { initial: 0, interval: 100 });
    color.set(1);
    color.set(2);
    await close();
    expect(sent()).toEqual([{ color: 1 }, { color: 2 }]);
    expect(clock.timers).toBe(0);
  });

  test('is cut short when a signal closes the client', async () => {
    const abort = new AbortController();
    const { client, sent } = await scene({ signal: abort.signal });
    const color = client.variable('colour', 'color', { initial: 0, interval: 100 });
    color.set(1);
    color.set(2);
    abort.abort();
    expect(client.state.status).toBe('closed');
    expect(sent()).toEqual([{ color: 1 }, { color: 2 }]);
  });

  test('ignores values of others while one waits: what leaves is newer', async () => {
    const { client, clock, hear, sent } = await scene();
    const color = client.variable('colour', 'color', { initial: 0, interval: 100 });
    color.set(1);
    color.set(2);
    hear({ color: 9 });
    expect(color.value).toBe(2);
    await clock.advance(100);
    expect(sent().at(-1)).toEqual({ color: 2 });
    hear({ color: 9 });
    expect(color.value).toBe(9);
  });

  test('keeps two variables of one key together, whatever comes in while one of them waits', async () => {
    const { client, clock, hear, sent } = await scene();
    const slow = client.variable('colour', 'color', { initial: 0, interval: 100 });
    const plain = client.variable('colour', 'color', { initial: 0 });
    slow.set(1);
    slow.set(2);
    hear({ color: 9 });
    await clock.advance(100);
    expect(sent().at(-1)).toEqual({ color: 2 });
    expect([slow.value, plain.value]).toEqual([2, 2]);
  });

  test('does not go with `smooth`', async () => {
    const { client } = await scene();
    expect(() => client.variable('c', 'k', { initial: 0, interval: 5, smooth: { window: 2 } })).toThrow(TypeError);
  });
});

describe('a limit', () => {
  test('counts what others write in windows, and a window begins with the first after the one before', async () => {
    const { client, clock, hear } = await scene();
    const color = client.variable('colour', 'color', { initial: 0, limit: { rate: 2, per: 100 } });
    const at = (value: number): number => {
      hear({ color: value });
      return color.value;
    };
    expect([at(1), at(2), at(3)]).toEqual([1, 2, 2]);
    await clock.advance(100);
    expect(at(4)).toBe(2);
    await clock.advance(1);
    expect([at(5), at(6), at(7)]).toEqual([5, 6, 6]);
  });

  test('does not count what is set here, nor messages without the key', async () => {
    const { client, hear } = await scene();
    const color = client.variable('colour', 'color', { initial: 0, limit: { rate: 1, per: 100 } });
    color.set(1);
    color.set(2);
    hear({ other: 1 });
    hear({ color: 3 });
    expect(color.value).toBe(3);
  });

  test('may count each sender for himself', async () => {
    const { client, hear } = await scene();
    const color = client.variable('colour', 'color', { initial: 0, limit: { rate: 1, per: 100, each: 'sender' } });
    hear({ color: 1 }, 'dial');
    hear({ color: 2 }, 'dial');
    expect(color.value).toBe(1);
    hear({ color: 3 }, 'constructor');
    expect(color.value).toBe(3);
  });
});

describe('retained variables', () => {
  test('leave together, with the longest time, at most two days, rounded up', async () => {
    const { client, sent, hear } = await scene();
    const [a, b, c, d] = [
      client.variable('colour', 'a', { initial: 1, retain: 10.2 }),
      client.variable('colour', 'b', { retain: 60 }),
      client.variable('colour', 'c'),
      client.variable('colour', 'd', { retain: 1e9 }),
    ];
    a.set(2);
    expect(sent().at(-1)).toEqual({ a: 2, _RETAIN: expect.any(Number) });
    hear({ b: 'theirs' });
    c.set('plain');
    expect(sent().at(-1)).toEqual({ c: 'plain' });
    a.set(3);
    expect(sent().at(-1)).toMatchObject({ a: 3, b: 'theirs' });
    expect(sent().at(-1)).not.toHaveProperty('c');
    d.set(4);
    expect(sent().at(-1)).toEqual({ a: 3, b: 'theirs', d: 4, _RETAIN: 172_800 });
    d[Symbol.dispose]();
    b.set('ours');
    expect(sent().at(-1)).toEqual({ a: 3, b: 'ours', _RETAIN: 60 });
    b[Symbol.dispose]();
    a.set(4);
    expect(sent().at(-1)).toEqual({ a: 4, _RETAIN: 11 });
  });

  test('are not set again by others of their channel once they have expired', async () => {
    const { client, clock, sent } = await scene();
    const here = client.variable('colour', 'here', { reference: 0, expire: 100, retain: 60 });
    const mode = client.variable('colour', 'mode', { retain: 60 });
    here.set(7);
    mode.set('on');
    expect(sent().at(-1)).toMatchObject({ here: 7, mode: 'on' });
    await clock.advance(100);
    expect(here.value).toBe(0);
    mode.set('off');
    expect(sent().at(-1)).toEqual({ mode: 'off', _RETAIN: 60 });
    here.set(8);
    expect(sent().at(-1)).toEqual({ here: 8, mode: 'off', _RETAIN: 60 });
  });

  test('of another channel, or with another password, do not mix', async () => {
    const { client, frames } = await scene();
    const a = client.variable('one', 'a', { retain: 10, password: 'x' });
    const b = client.variable('two', 'b', { retain: 20 });
    a.set(1);
    b.set(2);
    expect(frames().slice(-2)).toEqual(['sendjson one:x {"a":1,"_RETAIN":10}', 'sendjson two {"b":2,"_RETAIN":20}']);
  });

  test('carry the clamped input of a smoothed variable, not its mean', async () => {
    const { client, sent, hear } = await scene();
    const soft = client.variable('colour', 'soft', { max: 100, smooth: { window: 2 }, retain: 5 });
    const other = client.variable('colour', 'other', { retain: 5 });
    soft.set(10);
    soft.set(500);
    other.set('x');
    expect(soft.value).toBe(55);
    expect(sent().at(-1)).toEqual({ soft: 100, other: 'x', _RETAIN: 5 });
    hear({ soft: 40 });
    other.set('y');
    expect(sent().at(-1)).toEqual({ soft: 40, other: 'y', _RETAIN: 5 });
  });

  test('with no time are not kept', async () => {
    const { client, sent } = await scene();
    client.variable('colour', 'a', { retain: 0 }).set(1);
    expect(sent()).toEqual([{ a: 1 }]);
  });
});

describe('accept', () => {
  test('is given every value and the one that counts, and what it returns counts', async () => {
    const { client, hear, sent } = await scene();
    const calls: unknown[] = [];
    const accept = (next: number, current?: number): number => {
      calls.push([next, current]);
      return Math.round(next);
    };
    const color = client.variable('colour', 'color', { initial: 1, accept });
    expect(calls).toEqual([]);
    color.set(2.4);
    hear({ color: 3.6 });
    expect(color.value).toBe(4);
    // Equal once it was accepted.
    color.set(4.2);
    expect(calls).toEqual([
      [2.4, 1],
      [3.6, 2],
      [4.2, 4],
    ]);
    expect(sent()).toEqual([{ color: 2 }]);
  });

  test('may keep the current value', async () => {
    const { client, hear, sent } = await scene();
    const color = client.variable('colour', 'color', {
      initial: 1,
      accept: (next: number, current: number | undefined) => (next > 10 ? (current ?? 0) : next),
    });
    color.set(11);
    hear({ color: 12 });
    expect([color.value, sent()]).toEqual([1, []]);
  });

  test('that throws refuses: here at `set`, of others to `error`', async () => {
    const { client, hear, sent, errors, clock } = await scene();
    const no = new RangeError('not that');
    const color = client.variable<number>('colour', 'color', {
      initial: 1,
      accept: (next) => {
        if (next > 10) throw no;
        return next;
      },
    });
    const seen = follow(color);
    await clock.advance(30);
    expect(() => color.set(11)).toThrow(no);
    expect(errors).toEqual([]);
    hear({ color: 12 });
    expect([color.value, color.age, sent(), seen.length]).toEqual([1, 30, [], 1]);
    expect(errors).toMatchObject([{ code: 'invalid', cause: no }]);
  });

  test.each([Number.NaN, 'text', null, undefined])(
    'that returns %o for a number refuses, as if it were given',
    async (bad) => {
      const { client, hear, sent, errors } = await scene();
      const color = client.variable<number>('colour', 'color', { initial: 1, accept: () => bad as never });
      expect(() => color.set(2)).toThrow(TypeError);
      hear({ color: 3 });
      expect([color.value, sent(), errors.length]).toEqual([1, [], 1]);
    },
  );
});

describe('two variables of one client on one key', () => {
  test('follow each other, each by its own rules, and only one message leaves', async () => {
    const { client, hear, sent } = await scene();
    const [one, two] = [
      client.variable('colour', 'color', { initial: 0 }),
      client.variable('colour', 'color', { initial: 0, max: 10 }),
    ];
    const seen = follow(two);
    one.set(5);
    expect([one.value, two.value]).toEqual([5, 5]);
    one.set(20);
    expect([one.value, two.value]).toEqual([20, 10]);
    two.set(7);
    expect([one.value, two.value]).toEqual([7, 7]);
    hear({ color: 9 });
    expect([one.value, two.value]).toEqual([9, 9]);
    expect(sent()).toEqual([{ color: 5 }, { color: 20 }, { color: 7 }]);
    expect(seen).toHaveLength(5);
  });

  test('follow each other and are retained together, however their password is written', async () => {
    const { client, sent } = await scene();
    const [one, two] = [
      client.variable('colour', 'color', { password: 'secret', retain: 5 }),
      client.variable('colour:secret', 'color', { retain: 5 }),
    ];
    const hue = client.variable('colour:secret', 'hue', { retain: 5 });
    one.set(1);
    expect(two.value).toBe(1);
    hue.set(2);
    expect(sent().at(-1)).toEqual({ color: 1, hue: 2, _RETAIN: 5 });
  });

  test('leave the channel with the last of them', async () => {
    const { client, far } = await scene();
    const [one, two] = [client.variable('colour', 'color'), client.variable('colour', 'color')];
    one[Symbol.dispose]();
    expect(far.last.sent).not.toContain('unsubscribe colour');
    two[Symbol.dispose]();
    expect(far.last.sent.filter((frame) => frame === 'unsubscribe colour')).toHaveLength(1);
  });

  test('do not stop each other: what does not fit one of them is ignored there and sent all the same', async () => {
    const { client, sent, errors } = await scene();
    const any = client.variable('colour', 'color');
    const number = client.variable('colour', 'color', { initial: 1 });
    any.set('red');
    expect([any.value, number.value, sent()]).toEqual(['red', 1, [{ color: 'red' }]]);
    expect(errors).toMatchObject([{ code: 'invalid' }]);
  });

  test('do not stop each other when one of them accepts nothing', async () => {
    const { client, sent, errors } = await scene();
    const any = client.variable('colour', 'color');
    const strict = client.variable<number>('colour', 'color', {
      initial: 1,
      accept() {
        throw new Error('never');
      },
    });
    any.set(2);
    expect([any.value, strict.value, sent()]).toEqual([2, 1, [{ color: 2 }]]);
    expect(errors).toMatchObject([{ code: 'invalid' }]);
  });
});

describe('without a connection', () => {
  test('what is set waits, and only the latest leaves, behind the subscriptions', async () => {
    const { client, clock, far, frames } = alone();
    const color = client.variable('colour', 'color', { initial: 0 });
    const hue = client.variable('tone', 'hue', { initial: 0 });
    color.set(1);
    hue.set(5);
    color.set(2);
    color.set(3);
    expect(color.value).toBe(3);
    await clock.advance(0);
    await far.last.welcome();
    expect(frames().slice(0, 3)).toEqual(['lamp', 'subscribe colour', 'subscribe tone']);
    expect(frames().slice(3).sort()).toEqual(['sendjson colour {"color":3}', 'sendjson tone {"hue":5}']);
  });

  test('what is set after a connection was lost leaves once, after the reconnect', async () => {
    const { client, far, clock, reconnect, dropped, frames } = await scene();
    const color = client.variable('colour', 'color', { initial: 0 });
    color.set(1);
    far.last.drop();
    color.set(2);
    color.set(3);
    await clock.advance(1_000);
    await far.last.welcome();
    expect(frames()).toEqual(['lamp', 'subscribe colour', 'sendjson colour {"color":3}']);
    await reconnect();
    expect(frames()).toEqual(['lamp', 'subscribe colour']);
    expect(dropped).toEqual([]);
  });

  test('of two variables of one key only the latest leaves', async () => {
    const { client, clock, far, sent } = alone();
    const [one, two] = [client.variable('colour', 'color'), client.variable('colour', 'color')];
    one.set(1);
    two.set(2);
    await clock.advance(0);
    await far.last.welcome();
    expect(sent()).toEqual([{ color: 2 }]);
  });

  test('what was set leaves although the variable was disposed of, and the channel is not joined', async () => {
    const { client, clock, far, frames } = alone();
    const color = client.variable('colour', 'color', { interval: 1_000 });
    color.set(1);
    color.set(2);
    color[Symbol.dispose]();
    await clock.advance(0);
    await far.last.welcome();
    expect(frames()).toEqual(['lamp', 'sendjson colour {"color":2}']);
  });

  test('what was set and cannot leave any more is `dropped`, once', async () => {
    const { client, dropped } = alone();
    const color = client.variable('colour', 'color', { interval: 1_000 });
    color.set(1);
    color.set(2);
    await client.close();
    expect(dropped).toEqual([[{ color: 2 }, 'closed']]);
  });

  test('an interval does not send twice after the reconnect', async () => {
    const { client, clock, far, sent } = alone();
    const color = client.variable('colour', 'color', { interval: 100 });
    color.set(1);
    color.set(2);
    await clock.advance(500);
    color.set(3);
    color.set(4);
    await far.last.welcome();
    await clock.advance(500);
    expect(sent().at(-1)).toEqual({ color: 4 });
    expect(sent().length).toBeLessThanOrEqual(2);
    expect(sent()).not.toContainEqual({ color: 1 });
  });
});

describe('a variable that is over', () => {
  test('follows nobody, keeps its value, and throws `closed` when it is set', async () => {
    const { client, clock, hear, sent, far } = await scene();
    const before = clock.timers;
    const color = client.variable('colour', 'color', { initial: 0, expire: 1_000, interval: 50 });
    const seen = follow(color);
    color.set(1);
    color[Symbol.dispose]();
    color[Symbol.dispose]();
    hear({ color: 2 });
    expect([color.value, seen.length]).toEqual([1, 2]);
    expect(() => color.set(3)).toThrow(expect.objectContaining({ code: 'closed' }));
    expect(() => {
      color.value = 3;
    }).toThrow(expect.objectContaining({ code: 'closed' }));
    expect([sent(), clock.timers]).toEqual([[{ color: 1 }], before]);
    expect(far.last.sent.filter((frame) => frame === 'unsubscribe colour')).toHaveLength(1);
  });

  test('ends with `using`', async () => {
    const { client, far } = await scene();
    {
      using _color = client.variable('colour', 'color', { initial: 0 });
    }
    expect(far.last.sent.at(-1)).toBe('unsubscribe colour');
  });

  test('throws `closed` after the client was closed, and no timer is left', async () => {
    const { client, clock, close } = await scene();
    const color = client.variable('colour', 'color', { initial: 0, expire: 1_000, interval: 50 });
    color.set(1);
    color.set(2);
    await close();
    expect(() => color.set(3)).toThrow(expect.objectContaining({ code: 'closed' }));
    expect([color.value, clock.timers]).toEqual([2, 0]);
    expect(() => client.variable('colour', 'other')).toThrow(expect.objectContaining({ code: 'closed' }));
    expect(() => client.variable('colour', 'late', { initial: 0, expire: 50 })).toThrow(
      expect.objectContaining({ code: 'closed' }),
    );
    expect(clock.timers).toBe(0);
  });

  test('leaves no timer when the client is closed by a fault', async () => {
    const { client, clock, far } = await scene({ reconnect: false });
    const color = client.variable('colour', 'color', { initial: 0, expire: 1_000, interval: 50 });
    color.set(1);
    color.set(2);
    far.last.drop();
    await client.closed;
    expect(() => color.set(3)).toThrow(expect.objectContaining({ code: 'closed' }));
    expect(clock.timers).toBe(0);
  });
});

describe('wrong options of a variable', () => {
  const wrong: [object, typeof TypeError | typeof RangeError][] = [
    [{ minimum: 1 }, TypeError],
    [{ filter: 'color > 1' }, TypeError],
    [{ transform: { color: '1' } }, TypeError],
    [{ signal: AbortSignal.abort() }, TypeError],
    [{ signal: new AbortController().signal }, TypeError],
    [{ initial: 0, smooth: { window: 2, size: 3 } }, TypeError],
    [{ limit: { rate: 1, per: 1, extra: 1 } }, TypeError],
    [{ min: 2, max: 1 }, RangeError],
    [{ min: Number.NaN }, RangeError],
    [{ max: Number.NaN }, RangeError],
    [{ min: '1' }, RangeError],
    [{ smooth: { window: 0 } }, RangeError],
    [{ smooth: { window: -1 } }, RangeError],
    [{ smooth: { window: Number.NaN } }, RangeError],
    [{ smooth: {} }, RangeError],
    [{ smooth: { window: 2, sigma: -1 } }, RangeError],
    [{ initial: 0, expire: -1 }, RangeError],
    [{ initial: 0, expire: Number.NaN }, RangeError],
    [{ initial: 0, interval: -1 }, RangeError],
    [{ initial: 0, interval: '5' }, RangeError],
    [{ retain: -1 }, RangeError],
    [{ retain: Number.NaN }, RangeError],
    [{ limit: { rate: 0, per: 1 } }, RangeError],
    [{ limit: { rate: 1, per: 0 } }, RangeError],
    [{ limit: { rate: 1 } }, RangeError],
    [{ limit: { rate: 1, per: 1, each: 'room' } }, TypeError],
    [{ expire: 5 }, TypeError],
    [{ initial: Number.NaN }, TypeError],
    [{ initial: Number.POSITIVE_INFINITY }, TypeError],
    [{ initial: null }, TypeError],
    [{ initial: 'text', min: 0 }, TypeError],
    [{ initial: 'text', smooth: { window: 2 } }, TypeError],
    [{ initial: () => 1 }, TypeError],
    [{ initial: 1n }, TypeError],
    [{ initial: 1, reference: 'text', expire: 5 }, TypeError],
    [{ initial: 1, reference: Number.NaN, expire: 5 }, TypeError],
    [{ password: '' }, TypeError],
    [{ password: 'two words' }, TypeError],
    [{ password: 'line\nbreak' }, TypeError],
    [{ initial: 'text', min: 0, expire: 5 }, TypeError],
  ];
  test.each(wrong)('%o throws at once, and leaves nothing behind', async (options, kind) => {
    const { client, clock, far } = await scene();
    const timers = clock.timers;
    expect(() => client.variable('colour', 'color', options as never)).toThrow(kind);
    expect([far.last.sent, clock.timers]).toEqual([['lamp'], timers]);
  });

  test('a password goes with a plain channel name only', async () => {
    const { client, clock } = await scene();
    const timers = clock.timers;
    for (const name of ['colour:other', 'colour[filter(x>1)]']) {
      expect(() => client.variable(name, 'color', { password: 'secret', initial: 0, expire: 5 })).toThrow(TypeError);
    }
    expect(() => client.variable('two words', 'color', { initial: 0, expire: 5 })).toThrow(TypeError);
    expect(clock.timers).toBe(timers);
  });

  test('another form of the channel is `invalid`, and leaves nothing behind', async () => {
    const { client, clock, far } = await scene();
    client.subscribe('colour', () => {});
    const timers = clock.timers;
    expect(() => client.variable('colour', 'color', { password: 'secret', initial: 0, expire: 5 })).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    );
    expect([far.last.sent.length, clock.timers]).toEqual([2, timers]);
  });
});

describe('variables of several clients on a broker', () => {
  async function world() {
    const broker = createBroker();
    const clients: Client[] = [];
    async function join(handle: string): Promise<Client> {
      const client = await connect(memory(broker.accept), { handle });
      clients.push(client);
      return client;
    }
    const [lamp, dial] = [await join('lamp'), await join('dial')];
    /** Waits until the broker has dealt with all that a client sent before. */
    async function settled(client: Client): Promise<void> {
      const got = createInbox<unknown>();
      const stop = client.subscribe(got.push);
      client.send(client.handle, {});
      await got.next();
      stop();
    }
    return {
      lamp,
      dial,
      join,
      async settled() {
        for (const client of [...clients, ...clients]) await settled(client);
      },
      async [Symbol.asyncDispose]() {
        await Promise.all(clients.map((client) => client.close()));
      },
    };
  }

  test('reach the same value, with a password and without', async () => {
    await using scene = await world();
    for (const password of [undefined, 'secret']) {
      const channel = `colour${password ?? ''}`;
      const options = { initial: 0, min: 0, max: 100, password };
      const [ours, theirs]: [Variable<number>, Variable<number>] = [
        scene.lamp.variable(channel, 'color', options),
        scene.dial.variable(channel, 'color', options),
      ];
      await scene.settled();
      ours.set(500);
      await scene.settled();
      expect(theirs.value).toBe(100);
      theirs.set(20);
      await scene.settled();
      expect(ours.value).toBe(20);
    }
  });

  test('that start later get all that is retained', async () => {
    await using scene = await world();
    scene.lamp.subscribe('colour', () => {});
    await scene.settled();
    scene.dial.variable('colour', 'a', { retain: 60 }).set(1);
    scene.dial.variable('colour', 'b', { retain: 60 }).set({ deep: true });
    await scene.settled();
    const late = await scene.join('late');
    const [a, b] = [late.variable('colour', 'a'), late.variable('colour', 'b')];
    await scene.settled();
    expect([a.value, b.value]).toEqual([1, { deep: true }]);
  });
});

describe('what others showed', () => {
  test('a retained variable that was set without a connection is not set back by what the server kept', async () => {
    const { client, clock, far, hear } = await scene();
    const color = client.variable('colour', 'color', { retain: 60 });
    color.set(3);
    far.last.drop();
    color.set(5);
    await clock.advance(1_000);
    await far.last.welcome();
    hear({ color: 3 });
    expect(color.value).toBe(5);
    const marker = JSON.parse(jsonOf(far.last.sent.at(-1) ?? ''));
    hear(marker, 'lamp', 'lamp');
    await clock.advance(0);
    hear({ color: 7 });
    expect(color.value).toBe(7);
  });

  test('of two variables of one key with an interval, the one that was set last counts', async () => {
    const { client, clock, sent } = await scene();
    const [one, two] = [
      client.variable('colour', 'color', { interval: 1_000 }),
      client.variable('colour', 'color', { interval: 1_000 }),
    ];
    for (const [index, variable] of [one, two, one, two].entries()) {
      variable.set(index + 1);
      await clock.advance(100);
    }
    await clock.advance(2_000);
    expect([one.value, two.value, sent().at(-1)]).toEqual([4, 4, { color: 4 }]);
  });

  test('a listener that sets the value lets the others hear the newest one last', async () => {
    const { client, hear } = await scene();
    const color = client.variable('colour', 'color', { initial: 0 });
    color.subscribe((value) => color.set(Math.round(value)));
    const seen = follow(color);
    color.set(1.6);
    hear({ color: 4.4 });
    expect(seen.map((one) => (Array.isArray(one) ? one[0] : one))).toEqual([0, 1.6, 2, 4.4, 4]);
  });

  test('a value of others that `accept` refuses goes to `error`, with no password in it', async () => {
    const { client, hear, errors } = await scene();
    const color = client.variable<number>('colour', 'color', {
      accept() {
        throw new Error('not now');
      },
    });
    hear({ color: 1 }, 'dial:secret');
    expect(errors).toMatchObject([{ code: 'invalid', message: 'dial:*** set color: not now' }]);
    expect(color.value).toBeUndefined();
    expect(() => color.set(2)).toThrow('not now');
  });

  test('`accept` must be a function', async () => {
    const { client } = await scene();
    expect(() => client.variable('colour', 'color', { accept: 5 as never })).toThrow(TypeError);
  });
});
