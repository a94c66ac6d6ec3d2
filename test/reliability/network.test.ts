import { describe, expect, test } from 'vitest';
import {
  type Adapter,
  type Client,
  type ClientOptions,
  type Clock,
  createClient,
  type Link,
  type OocsiError,
  type State,
} from '../../src/index';
import { adapterFor } from '../../src/platform/node';
import { startServer } from '../../src/server/index';
import { createFastClock } from '../kit/fast-clock';
import { createFaultProxy } from '../kit/fault-proxy';
import type { Toxics } from '../kit/toxics';

/** How much faster the clocks of these clients run, and so the toxics that are meant for them. */
const speed = 5;

describe.concurrent.each(['tcp', 'ws'] as const)('over %s', (scheme) => {
  /** A server behind a proxy, and clients on both sides of it. */
  async function scene(toxics: Toxics, clock?: Clock) {
    const server = await startServer({ port: 0, tcpPort: 0, clock });
    const port = scheme === 'tcp' ? (server.tcpPort ?? 0) : server.port;
    const proxy = await createFaultProxy(port, toxics);
    const clients: Client[] = [];
    const at = (place: number): Adapter => adapterFor(`${scheme}://127.0.0.1:${place}`);
    const join = (adapter: Adapter, options: ClientOptions): Client => {
      const client = createClient(adapter, options);
      clients.push(client);
      return client;
    };
    return {
      proxy,
      port,
      at,
      far: at(proxy.port),
      near: at(port),
      join,
      async [Symbol.asyncDispose]() {
        for (const key of Object.keys(proxy.toxics)) Reflect.deleteProperty(proxy.toxics, key);
        await Promise.all(clients.map((client) => client.close()));
        await proxy[Symbol.asyncDispose]();
        await server.close();
      },
    };
  }

  const kinds: [string, Toxics][] = [
    ['comes 500 ± 400 ms late', { latency: { ms: 500 / speed, jitter: 400 / speed } }],
    ['carries 10 KB a second', { bandwidth: 10_240 * speed }],
    ['cuts all into single bytes', { slicer: 1 }],
    ['joins what comes within 300 ms', { coalesce: 300 / speed }],
  ];

  test.each(kinds)(
    'a network that %s loses nothing, keeps order, and is not taken for dead (N6)',
    {
      timeout: 30_000,
    },
    async (_what, toxics) => {
      await using world = await scene(toxics);
      const states: string[] = [];
      const options = { clock: createFastClock(speed), on: { state: ({ status }: State) => states.push(status) } };
      const lamp = world.join(world.far, { handle: 'lamp', ...options });
      const dial = world.join(world.far, { handle: 'dial', ...options });
      const got: number[] = [];
      lamp.subscribe('colour', ({ data }) => got.push(data.n));
      lamp.register('colour', 'mix', ({ hue }) => ({ hue }));
      await lamp.flush();
      await dial.flush();
      for (let n = 0; n < 300; n++) dial.send('colour', { n, text: 'é漢😀' });
      expect(await dial.call('colour', 'mix', { hue: 120 })).toEqual({ hue: 120 });
      await dial.flush();
      await lamp.flush();
      expect(got).toEqual(Array.from({ length: 300 }, (_, n) => n));
      // Long enough to be asked whether they are there, and to answer late.
      await new Promise((resolve) => setTimeout(resolve, 24_000 / speed));
      expect(states).toEqual(['connected', 'connected']);
    },
  );

  test.each(['up', 'down', 'both'] as const)(
    'a network that lets nothing through (%s) is noticed within 30 s (N3, N4)',
    {
      timeout: 30_000,
    },
    async (blackhole) => {
      // The server asks every 5 s, and may be heard although it hears nothing.
      const clock = createFastClock(speed * 4);
      await using world = await scene({}, clock);
      const lamp = world.join(world.far, { handle: 'lamp_###', clock });
      await lamp.flush();
      const lost = new Promise<OocsiError | undefined>((resolve) => {
        lamp.on('state', ({ status, cause }) => status === 'reconnecting' && resolve(cause));
      });
      world.proxy.toxics.blackhole = blackhole;
      const began = clock.now();
      // What counts are seconds in which this program runs: the machine may be busy with something else.
      let seconds = 0;
      const count = (): void => {
        seconds++;
        stop = clock.after(1_000, count);
      };
      let stop = clock.after(1_000, count);
      const call = lamp.call('colour', 'mix', {}, { timeout: 1e9 }).catch(({ code }) => code);
      expect((await lost)?.code).toBe('disconnected');
      stop();
      const noticed = ((clock.now() - began) / 1_000).toFixed(1);
      console.log(`T12 ${scheme}: nothing comes through (${blackhole}), noticed after ${noticed} s`);
      expect(seconds).toBeLessThan(30);
      expect(await call).toBe('disconnected');
      delete world.proxy.toxics.blackhole;
      await lamp.flush({ timeout: 1e9 });
      expect(lamp.state.status).toBe('connected');
    },
  );

  test('a connection that is reset after any byte costs what was not whole, and nothing else (N2)', {
    timeout: 60_000,
  }, async () => {
    await using world = await scene({});
    const bell = world.join(world.near, { handle: 'bell' });
    bell.subscribe('hall', () => undefined);
    bell.send('hall', { text: 'é漢😀' }, { retain: 600 });
    await bell.flush();

    /** A client whose first connection ends behind so many bytes, if the server says as many. */
    async function wasReset(down: number): Promise<boolean> {
      const proxy = await createFaultProxy(world.port, { limitData: { down } });
      const wrong: unknown[] = [];
      const on = { error: (error: OocsiError) => wrong.push(error) };
      const adapter = world.at(proxy.port);
      const client = world.join(adapter, { handle: 'lamp_########', on, reconnect: { delay: () => 50 } });
      const got: unknown[] = [];
      client.subscribe('hall', ({ data }) => got.push(data));
      client.on('state', ({ cause }) => {
        if (cause) delete proxy.toxics.limitData;
      });
      const flush = (): Promise<void> => client.flush({ timeout: 20_000 });
      // The reset ends the first one, or comes right behind it and ends the second.
      await flush().catch(flush);
      await flush().catch(flush);
      const text = { text: 'é漢😀' };
      expect([down, wrong, got.at(-1), client.state.status]).toEqual([down, [], text, 'connected']);
      for (const one of got) expect(one).toEqual(text);
      await client.close();
      await proxy[Symbol.asyncDispose]();
      return proxy.log.includes('1 limitData');
    }

    let reached = 0;
    for (let first = 1, isOver = false; !isOver; first += 32) {
      const resets = await Promise.all(Array.from({ length: 32 }, (_, n) => wasReset(first + n)));
      reached += resets.filter(Boolean).length;
      isOver = resets.includes(false);
    }
    console.log(`N2 ${scheme}: reset after each of ${reached} bytes`);
    expect(reached).toBeGreaterThan(100);
  });

  test('a program that sends faster than its network keeps within its bounds, and is told of the rest (M1)', {
    timeout: 30_000,
  }, async () => {
    await using world = await scene({ bandwidth: 2 ** 21 });
    const [highWater, size, count] = [2 ** 18, 100, 20_000];
    let most = 0;
    const watched: Adapter = {
      ...world.far,
      async dial(...args) {
        const link = await world.far.dial(...args);
        const send = (frame: string): void => {
          link.send(frame);
          most = Math.max(most, link.buffered);
        };
        return {
          send,
          close: () => link.close(),
          get buffered() {
            return link.buffered;
          },
        } satisfies Link;
      },
    };
    const receiver = world.join(world.near, { handle: 'receiver' });
    const got: number[] = [];
    receiver.subscribe('c', ({ data }) => got.push(data.n));
    await receiver.flush();
    const dropped: number[] = [];
    const sender = world.join(watched, { handle: 'sender', outbox: { highWater, size } });
    sender.on('dropped', ({ data }, reason) => {
      expect(reason).toBe('overflow');
      if ('n' in data) dropped.push(Number(data.n));
    });
    await sender.flush();
    const became = new Map<string, number>();
    for (let n = 0; n < count; n++) {
      const one = sender.send('c', { n, text: 'x'.repeat(1_000) });
      became.set(one, (became.get(one) ?? 0) + 1);
      if (n % 1_000 === 0) await new Promise(setImmediate);
    }
    await sender.flush({ timeout: 20_000 });
    await receiver.flush();
    console.log(`M1 ${scheme}: ${got.length} arrived, ${dropped.length} dropped, at most ${most} bytes unsent`);
    expect(got).toEqual([...got].sort((a, b) => a - b));
    expect(new Set([...got, ...dropped]).size).toBe(count);
    expect(got.length + dropped.length).toBe(count);
    expect(became.get('queued')).toBeGreaterThan(0);
    expect(dropped.length).toBeGreaterThan(0);
    // What is sent in one turn leaves as one piece.
    expect(most).toBeLessThan(highWater + 2 ** 17);
  });
});
