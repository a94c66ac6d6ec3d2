import { describe, expect, test } from 'vitest';
import { type Adapter, createClient } from '../../src/index';
import { createMemoryServer, createVirtualClock } from '../../src/testing/index';
import { createRandom } from '../kit/random';

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
