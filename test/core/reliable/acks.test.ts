import { describe, expect, test } from 'vitest';
import { type Ack, type ClientOptions, createClient, type OocsiError } from '../../../src/index';
import { createMemoryServer, createVirtualClock } from '../../../src/testing/index';
import { connectScripted } from '../../helpers/scripted-client';

interface Sent {
  readonly n: number;
  readonly _SID: string;
  readonly _SEQ: number;
  readonly _ACK: boolean;
  readonly _BASE: number;
}

async function scene(options?: ClientOptions) {
  const world = await connectScripted(options);
  const { far, hear, clock } = world;
  const all = (): Sent[] =>
    far.attempts
      .flatMap(({ sent }) => sent)
      .filter((frame) => frame.startsWith('sendjson colour '))
      .map((frame) => JSON.parse(frame.slice('sendjson colour '.length)));
  return {
    ...world,
    all,
    numbers: () => all().map(({ _SEQ }) => _SEQ),
    async ack(last: number, base?: number, sender = 'dial', id = all()[0]?._SID) {
      hear({ _ACK: base === undefined ? [id, last] : [id, last, base] }, sender, 'lamp');
      await clock.advance(0);
    },
  };
}

function watch(promise: Promise<Ack>) {
  const seen: { ack?: Ack; error?: OocsiError } = {};
  promise.then(
    (ack) => Object.assign(seen, { ack }),
    (error) => Object.assign(seen, { error }),
  );
  return seen;
}

describe('a message with `ack`', () => {
  test('carries a stream, its number, and the oldest that still counts', async () => {
    const { client, all } = await scene();
    void client.send('colour', { n: 1 }, { ack: true }).catch(() => undefined);
    void client.send('colour', { n: 2 }, { ack: true }).catch(() => undefined);
    expect(all()).toEqual([
      { n: 1, _SID: expect.stringMatching(/^\d{9,27}$/), _SEQ: 1, _ACK: true, _BASE: 1 },
      { n: 2, _SID: all()[0]?._SID, _SEQ: 2, _ACK: true, _BASE: 1 },
    ]);
  });

  test('resolves with who has it and how long that took, and is not sent again', async () => {
    const { client, clock, ack, numbers } = await scene();
    const seen = watch(client.send('colour', { n: 1 }, { ack: true }));
    await clock.advance(30);
    await ack(1);
    expect(seen).toEqual({ ack: { receivers: ['dial'], time: 30 } });
    await clock.advance(60_000);
    expect(numbers()).toEqual([1]);
  });

  test('waits for as many receivers as asked for, each counted once', async () => {
    const { client, ack } = await scene();
    const seen = watch(client.send('colour', { n: 1 }, { ack: { receivers: 2 } }));
    await ack(1);
    await ack(1);
    expect(seen).toEqual({});
    await ack(1, 1, 'python');
    expect(seen).toMatchObject({ ack: { receivers: ['dial', 'python'] } });
  });

  test('counts nobody who came when it was gone already', async () => {
    const { client, ack } = await scene();
    const [first, second] = [1, 2].map((n) => watch(client.send('colour', { n }, { ack: true })));
    await ack(2, 2);
    expect([first, second]).toEqual([{}, { ack: expect.anything() }]);
  });

  test('is sent again, less and less often but once a second, until it is late after exactly its time', async () => {
    const { client, clock, numbers } = await scene();
    const seen = watch(client.send('colour', { n: 1 }, { ack: true }));
    await clock.advance(1_500);
    expect(numbers()).toHaveLength(4);
    await clock.advance(28_499);
    expect(seen).toEqual({});
    // At 0, 200, 600 and 1,400 ms, and then every second.
    expect(numbers()).toHaveLength(3 + 29);
    await clock.advance(1);
    expect(seen).toMatchObject({ error: { code: 'timeout' } });
    const sent = numbers().length;
    await clock.advance(60_000);
    expect([numbers().length, clock.timers]).toEqual([sent, 1]);
  });

  test('is sent again as soon as ever, although the clock of the machine was set', async () => {
    const { client, clock, ack, numbers } = await scene();
    watch(client.send('colour', { n: 1 }, { ack: true }));
    clock.setForward(3_600_000);
    await ack(1);
    watch(client.send('colour', { n: 2 }, { ack: true }));
    await clock.advance(150);
    expect(numbers()).toEqual([1, 2, 2]);
  });

  test('that is given up holds up no other: what is under way is sent again and says so', async () => {
    const { client, clock, all } = await scene();
    watch(client.send('colour', { n: 1 }, { ack: { timeout: 50 } }));
    watch(client.send('colour', { n: 2 }, { ack: true }));
    await clock.advance(50);
    expect(all().map(({ _SEQ, _BASE }) => [_SEQ, _BASE])).toEqual([
      [1, 1],
      [2, 1],
      [2, 2],
    ]);
  });

  test('comes at once behind what was given up in many places: nobody waits for each place by itself', async () => {
    const clock = createVirtualClock();
    const server = createMemoryServer({ clock });
    const [lamp, dial] = ['lamp', 'dial'].map((handle) => createClient(server.adapter, { handle, clock }));
    const [got, late, abort] = [[] as number[], [] as unknown[], new AbortController()];
    let missed = 0;
    dial?.on('gap', (gap) => {
      missed += gap.missed;
    });
    dial?.subscribe('colour', ({ data }) => got.push(data.n), { reliable: true });
    await clock.advance(0);
    void lamp?.send('colour', { n: 0 }, { ack: true });
    await clock.advance(0);
    server.cut();
    for (let n = 1; n <= 100; n++) {
      const signal = n % 2 ? abort.signal : undefined;
      lamp?.send('colour', { n }, { ack: { signal } }).catch((fault) => late.push(fault));
    }
    abort.abort('enough');
    await clock.advance(2_000);
    expect(got).toEqual(Array.from({ length: 51 }, (_, n) => 2 * n));
    expect([missed, late]).toEqual([50, Array(50).fill('enough')]);
  });

  test('waits in line: no more than 20 are under way', async () => {
    const { client, ack, numbers } = await scene();
    const seen = Array.from({ length: 30 }, (_, n) => watch(client.send('colour', { n }, { ack: true })));
    expect(numbers()).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    await ack(5);
    expect(numbers().slice(20)).toEqual([21, 22, 23, 24, 25]);
    await ack(30);
    await ack(30);
    expect(numbers()).toHaveLength(30);
    expect(seen.every(({ ack }) => ack)).toBe(true);
  });

  test('is sent again in its time, however fast others are sent behind it', async () => {
    const { client, clock, numbers } = await scene();
    for (let n = 0; n < 10; n++) {
      watch(client.send('colour', { n }, { ack: true }));
      await clock.advance(20);
    }
    expect(numbers().slice(10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('leaves nothing behind a minute after it was acknowledged or given up: the next one begins a stream', async () => {
    const { client, clock, ack, all, close } = await scene();
    const got: unknown[] = [];
    client.subscribe((message) => got.push(message));
    const before = clock.timers;
    watch(client.send('colour', { n: 1 }, { ack: true }));
    await ack(1);
    watch(client.send('shade', { n: 1 }, { ack: { timeout: 1 } }));
    watch(client.send('tint', { n: 1 }, { ack: { signal: AbortSignal.abort() } }));
    await clock.advance(59_000);
    watch(client.send('colour', { n: 2 }, { ack: true }));
    await ack(2);
    await clock.advance(59_999);
    expect(clock.timers).toBe(before + 1);
    await clock.advance(1);
    expect(clock.timers).toBe(before);
    watch(client.send('colour', { n: 3 }, { ack: true }));
    const [first, second, third] = all();
    expect([first?._SID === second?._SID, second?._SEQ]).toEqual([true, 2]);
    expect([first?._SID === third?._SID, third?._SEQ, third?._BASE]).toEqual([false, 1, 1]);
    // What another receiver says late of the first stream is no message.
    await ack(2);
    expect(got).toEqual([]);
    await close();
    expect(clock.timers).toBe(0);
  });

  test('is sent again at once after a reconnect, in order, and says what counts', async () => {
    const { client, ack, numbers, all, reconnect } = await scene();
    for (let n = 1; n <= 3; n++) watch(client.send('colour', { n }, { ack: true }));
    await ack(1);
    await reconnect();
    expect(numbers()).toEqual([1, 2, 3, 2, 3]);
    expect(all().at(-1)?._BASE).toBe(2);
  });

  test('waits for a connection without an age, up to the size of the outbox', async () => {
    const { client, clock, far, numbers } = await scene({ outbox: { size: 2 }, reconnect: { delay: () => 100_000 } });
    far.last.drop();
    const options = { ack: { timeout: 300_000 } };
    const seen = [1, 2, 3].map((n) => watch(client.send('colour', { n }, options)));
    await clock.advance(100_000);
    expect(seen).toMatchObject([{}, {}, { error: { code: 'disconnected' } }]);
    await far.last.welcome();
    expect(numbers().slice(0, 2)).toEqual([1, 2]);
  });

  test('rejects with the reason of an aborted signal, and with `closed`', async () => {
    const { client, close, clock, numbers } = await scene();
    const abort = new AbortController();
    const first = watch(client.send('colour', { n: 1 }, { ack: { signal: abort.signal } }));
    const second = watch(client.send('colour', { n: 2 }, { ack: true }));
    abort.abort(new Error('enough'));
    await clock.advance(0);
    expect(first).toMatchObject({ error: { message: 'enough' } });
    const sent = numbers().length;
    await close();
    await clock.advance(60_000);
    expect(second).toMatchObject({ error: { code: 'closed' } });
    expect([numbers().length, clock.timers]).toEqual([sent, 0]);
  });

  test('is not touched by acknowledgements of what nobody knows, or that make no sense (P5)', async () => {
    const { client, ack, all, hear, clock, errors } = await scene();
    const seen = watch(client.send('colour', { n: 1 }, { ack: true }));
    await ack(1, 1, 'dial', 'somebody');
    for (const odd of [true, 'x', [], [null, 1], {}, 7]) hear({ _ACK: odd }, 'dial', 'lamp');
    // What is said on a channel is for all, and answers nobody.
    hear({ _ACK: [all()[0]?._SID, 1, 1] }, 'dial', 'colour');
    await clock.advance(0);
    expect([seen, errors]).toEqual([{}, []]);
    await ack(1);
    expect(seen).toMatchObject({ ack: {} });
  });

  test.each([{ delay: 1 }, { schedule: new Date() }, { whenOffline: 'drop' as const }])(
    'cannot be combined with %o',
    async (more) => {
      const { client } = await scene();
      expect(() => client.send('colour', {}, { ack: true, ...more })).toThrow(TypeError);
    },
  );

  test('refuses what cannot be meant', async () => {
    const { client } = await scene();
    const loose: { send(...args: unknown[]): Promise<unknown> } = Object(client);
    await expect(loose.send('colour', {}, { ack: { receivers: 0 } })).rejects.toThrow(RangeError);
    await expect(loose.send('colour', {}, { ack: { timeout: -1 } })).rejects.toThrow(RangeError);
    await expect(loose.send('colour', {}, { ack: { receiver: 1 } })).rejects.toThrow(TypeError);
    await expect(loose.send('colour', [], { ack: true })).rejects.toThrow(TypeError);
  });
});

describe('a subscription', () => {
  async function receiving(options?: { reliable?: boolean }) {
    const world = await connectScripted();
    const got: unknown[] = [];
    const gaps: unknown[] = [];
    world.client.on('gap', (gap) => gaps.push(gap));
    const stop = world.client.subscribe('colour', ({ data }) => got.push(data), options);
    return {
      ...world,
      got,
      gaps,
      stop,
      number: (n: number, base?: number, id = 's') =>
        world.hear({ n, _SID: id, _SEQ: n, _ACK: true, ...(base !== undefined && { _BASE: base }) }),
      acks: () =>
        world.far.last.sent
          .filter((frame) => frame.startsWith('sendjson dial'))
          .map((frame) => JSON.parse(frame.slice(14))._ACK),
    };
  }
  const values = (...numbers: number[]) => numbers.map((n) => ({ n }));

  test('that is reliable acknowledges to the sender what it has, and from where on', async () => {
    const { number, acks, got } = await receiving({ reliable: true });
    number(1);
    number(2);
    expect(acks()).toEqual([
      ['s', 1, 1],
      ['s', 2, 1],
    ]);
    expect(got).toEqual(values(1, 2));
  });

  test('that is reliable gets messages once and in order, however they come (P4)', async () => {
    const { number, acks, got, gaps } = await receiving({ reliable: true });
    for (const n of [1, 3, 3, 2, 1, 5, 4, 5]) number(n);
    expect(got).toEqual(values(1, 2, 3, 4, 5));
    expect(acks().map(([, last]: [string, number]) => last)).toEqual([1, 1, 1, 3, 3, 3, 5, 5]);
    expect(gaps).toEqual([]);
  });

  test('that is reliable begins with the first number it sees, or with what the sender says still counts', async () => {
    const { number, acks, got } = await receiving({ reliable: true });
    number(7);
    number(9, 8, 'other');
    number(8, 8, 'other');
    expect(got).toEqual(values(7, 8, 9));
    expect(acks()).toEqual([
      ['s', 7, 7],
      ['other', 7, 8],
      ['other', 9, 8],
    ]);
  });

  test('that is reliable tells of what its sender gave up', async () => {
    const { number, got, gaps } = await receiving({ reliable: true });
    number(1);
    number(4, 1);
    number(6, 4);
    expect(got).toEqual(values(1, 4));
    expect(gaps).toEqual([{ channel: 'colour', sender: 'dial', missed: 2 }]);
    number(9, 9);
    expect(got).toEqual(values(1, 4, 6, 9));
    expect(gaps.slice(1)).toEqual([{ channel: 'colour', sender: 'dial', missed: 3 }]);
  });

  test('that is reliable goes on when too many wait for one that does not come', async () => {
    const { number, got, gaps } = await receiving({ reliable: true });
    number(1);
    for (let n = 3; n <= 67; n++) number(n);
    expect(got).toHaveLength(66);
    expect(gaps).toEqual([{ channel: 'colour', sender: 'dial', missed: 1 }]);
  });

  test('that is not reliable drops what comes twice, keeps what comes, and acknowledges nothing', async () => {
    const { number, acks, got, gaps } = await receiving();
    for (const n of [1, 3, 3, 2, 1, 9, 3]) number(n);
    expect(got).toEqual(values(1, 3, 2, 9));
    expect([acks(), gaps]).toEqual([[], []]);
  });

  test('stands any number that a peer may write', async () => {
    const { number, hear, got, errors } = await receiving({ reliable: true });
    for (const _SEQ of [-1, 0.5, '1', null, 1e300, Number.MAX_SAFE_INTEGER])
      hear({ _SID: 'odd', _SEQ, _BASE: 2 ** 52 });
    for (let stream = 0; stream < 2_000; stream++) hear({ _SID: stream, _SEQ: 1 });
    number(1);
    expect(got.at(-1)).toEqual({ n: 1 });
    expect(errors).toEqual([]);
  });

  test.each([true, false])('gets nothing twice, whatever strangers number (reliable: %o)', async (reliable) => {
    const { number, hear, got } = await receiving({ reliable });
    number(1);
    for (let stream = 0; stream < 2_000; stream++) hear({ _SID: `x${stream}`, _SEQ: 1 }, 'stranger');
    // Who is not the sender of a stream may speak of it, but it stays what it was.
    hear({ n: 1, _SID: 's', _SEQ: 1 }, 'stranger');
    for (let stream = 0; stream < 2_000; stream++) hear({ _SID: `y${stream}`, _SEQ: 1 }, 'stranger');
    number(1);
    expect(got.filter((data) => Object(data).n)).toEqual(values(1));
  });

  test('remembers 1,000 streams of one sender, those that it heard of last', async () => {
    const { number, got } = await receiving();
    for (let stream = 0; stream < 1_000; stream++) number(1, 1, `x${stream}`);
    number(1, 1, 'x0');
    number(1, 1, 'new');
    number(1, 1, 'x0');
    expect(got).toHaveLength(1_001);
    number(1, 1, 'x1');
    expect(got).toHaveLength(1_002);
  });

  test('remembers 100,000 streams in all; whoever brings many gives up its own for it', async () => {
    const { number, hear, got } = await receiving();
    number(1);
    for (let stream = 0; stream < 100_000; stream++) hear({ _SID: stream, _SEQ: 1 }, `x${stream % 100}`);
    number(1);
    expect(got).toHaveLength(100_001);
    // Now whoever was silent for longest gives up one.
    hear({ _SID: 'new', _SEQ: 1 }, 'newcomer');
    hear({ _SID: 'new', _SEQ: 1 }, 'newcomer');
    number(1);
    expect(got).toHaveLength(100_002);
  });

  test('takes what has no sensible stream id for what it is', async () => {
    const { hear, got, acks } = await receiving({ reliable: true });
    for (const _SID of [null, {}, 'x'.repeat(101)]) for (const n of [1, 1]) hear({ n, _SID, _SEQ: 1 });
    expect([got, acks()]).toEqual([values(1, 1, 1, 1, 1, 1), []]);
  });

  test('that is reliable works for the own handle', async () => {
    const { client, hear, acks } = await receiving();
    const got: unknown[] = [];
    client.subscribe(({ data }) => got.push(data), { reliable: true });
    for (const n of [1, 3, 2]) hear({ n, _SID: 'd', _SEQ: n }, 'dial', 'lamp');
    expect(got).toEqual(values(1, 2, 3));
    expect(acks()).toHaveLength(3);
  });

  test('stops acknowledging when it is stopped', async () => {
    const { client, number, acks, stop, got } = await receiving({ reliable: true });
    client.subscribe('colour', ({ data }) => got.push(data));
    number(1);
    stop();
    number(2);
    expect(acks()).toHaveLength(1);
    expect(got).toEqual(values(1, 1, 2));
  });

  test('cannot be reliable and filtered', async () => {
    const { client } = await receiving();
    expect(() => client.subscribe('dial', () => undefined, { reliable: true, filter: 'n > 1' })).toThrow(TypeError);
    expect(() => client.subscribe('dial', () => undefined, { reliable: true, transform: { n: 'n' } })).toThrow(
      TypeError,
    );
  });
});
