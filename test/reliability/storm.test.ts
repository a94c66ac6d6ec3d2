import { describe, expect, test } from 'vitest';
import { type Adapter, createClient } from '../../src/index';
import { startServer } from '../../src/server/index';
import { createMemoryServer, createVirtualClock } from '../../src/testing/index';
import { createFaultProxy } from '../kit/fault-proxy';
import { createRandom } from '../kit/random';

const isLong = process.env['SOAK'] !== undefined;

describe('with the default waits', () => {
  test('a thousand clients that lose their server at once come back spread over time (T11, N9)', async () => {
    const random = createRandom();
    const clock = createVirtualClock();
    const server = createMemoryServer({ clock });
    const attempts: number[] = [];
    const counted: Adapter = {
      ...server.adapter,
      dial(...args) {
        attempts.push(clock.now());
        return server.adapter.dial(...args);
      },
    };
    const clients = Array.from({ length: 1_000 }, (_, n) =>
      createClient(counted, { handle: `c${n}`, clock: { ...clock, random: random.next } }),
    );
    await clock.advance(0);
    expect(server.broker.clients()).toHaveLength(1_000);
    attempts.length = 0;
    const began = clock.now();
    server.cut();
    await clock.advance(10_000);
    expect(server.broker.clients()).toHaveLength(1_000);
    const buckets = new Map<number, number>();
    for (const at of attempts) {
      const bucket = Math.floor((at - began) / 100);
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
    }
    const peak = Math.max(...buckets.values());
    console.log(`T11: ${attempts.length} attempts, peak ${peak} in 100 ms, seed ${random.seed}`);
    expect(peak).toBeLessThanOrEqual(250);
    await Promise.all([...clients.map((client) => client.close()), clock.advance(2_000)]);
  });

  test.each(['tcp', 'ws'])(
    'real clients over %s that are reset at once are all back (T11, N9)',
    {
      timeout: 60_000,
    },
    async (scheme) => {
      const count = isLong ? 1_000 : 100;
      const server = await startServer({ port: 0, tcpPort: 0 });
      const proxy = await createFaultProxy(scheme === 'tcp' ? (server.tcpPort ?? 0) : server.port);
      const clients = Array.from({ length: count }, (_, n) =>
        createClient(`${scheme}://127.0.0.1:${proxy.port}`, { handle: `c${n}`, onHandleTaken: 'retry' }),
      );
      await Promise.all(clients.map((client) => client.flush()));
      const back = clients.map(
        (client) =>
          new Promise<void>((resolve) => {
            client.on('state', ({ status }) => status === 'connected' && resolve());
          }),
      );
      const joins = new Map<number, number>();
      const began = performance.now();
      server.on('join', () => {
        const bucket = Math.floor((performance.now() - began) / 100);
        joins.set(bucket, (joins.get(bucket) ?? 0) + 1);
      });
      expect(proxy.kill('all')).toBe(count);
      await Promise.all(back);
      const took = Math.round(performance.now() - began);
      console.log(`T11 ${scheme}: ${count} back within ${took} ms, peak ${Math.max(...joins.values())} in 100 ms`);
      expect(server.broker.clients()).toHaveLength(count);
      await Promise.all(clients.map((client) => client.close()));
      await proxy[Symbol.asyncDispose]();
      await server.close();
    },
  );

  test('a connection that is up and down every second is tried at most 8 times a minute (N7)', async () => {
    const random = createRandom();
    const clock = createVirtualClock();
    const server = createMemoryServer({ clock });
    let attempts = 0;
    const flapping: Adapter = {
      ...server.adapter,
      async dial(...args) {
        attempts++;
        const link = await server.adapter.dial(...args);
        clock.after(1_000, () => server.cut());
        return link;
      },
    };
    const client = createClient(flapping, { handle: 'lamp', clock: { ...clock, random: random.next } });
    await clock.advance(3_600_000);
    console.log(`N7: ${attempts} attempts in an hour, seed ${random.seed}`);
    expect(attempts / 60).toBeLessThanOrEqual(8);
    expect(attempts).toBeGreaterThan(60);
    await Promise.all([client.close(), clock.advance(2_000)]);
  });
});
