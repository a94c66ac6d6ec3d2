import { expect, test } from 'vitest';
import { type Clock, connect } from '../../src/index';
import { startServer } from '../../src/server/index';
import { createMemoryServer } from '../../src/testing/index';
import { systemClock } from '../../src/util/clock';
import { heapInUse } from '../helpers/heap';

const isLong = process.env['SOAK'] !== undefined;
const cycles = isLong ? 100_000 : 1_000;

const resources = (): string[] => process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind));

test(`${cycles} clients that connect and close leave nothing behind (T13, M4)`, { timeout: 3_600_000 }, async () => {
  const server = await startServer({ port: 0, tcpPort: 0 });
  const cycle = async (): Promise<void> => {
    const client = await connect(server.tcpUrl, { handle: 'lamp' });
    client.subscribe('colour', () => undefined);
    client.send('colour', { n: 1 });
    await client.close();
  };
  for (let n = 0; n < 100; n++) await cycle();
  const [before, open] = [await heapInUse(), resources()];
  for (let n = 0; n < cycles; n++) await cycle();
  const grown = (await heapInUse()) - before;
  console.log(`T13: ${cycles} connects, heap ${(grown / 2 ** 20).toFixed(2)} MiB more`);
  expect(resources().sort()).toEqual(open.sort());
  expect(server.broker.clients()).toEqual([]);
  expect(grown).toBeLessThan(2 * 2 ** 20);
  await server.close();
});

test(`a client that reconnects ${cycles} times grows by nothing (T13)`, { timeout: 3_600_000 }, async () => {
  const timers = new Set<object>();
  const clock: Clock = {
    ...systemClock,
    after(ms, task) {
      const timer = {};
      timers.add(timer);
      // The waits of this test are none.
      const cancel = systemClock.after(ms < 1_000 ? 0 : ms, () => {
        timers.delete(timer);
        task();
      });
      return () => {
        timers.delete(timer);
        cancel();
      };
    },
  };
  const server = createMemoryServer();
  const client = await connect(server.adapter, { handle: 'lamp', clock, reconnect: { delay: () => 50 } });
  let heard = 0;
  client.subscribe('colour', () => heard++);
  client.register('colour', 'mix', () => ({}));
  client.variable('colour', 'hue');
  client.presence('colour');
  const back = (): Promise<void> =>
    new Promise((resolve) => {
      const stop = client.on('state', ({ status }) => {
        if (status !== 'connected') return;
        stop();
        resolve();
      });
      server.cut();
    });
  for (let n = 0; n < 100; n++) await back();
  const [before, set] = [await heapInUse(), timers.size];
  for (let n = 0; n < cycles; n++) await back();
  const grown = (await heapInUse()) - before;
  console.log(`T13: ${cycles} reconnects, heap ${(grown / 2 ** 20).toFixed(2)} MiB more`);
  expect(timers.size).toBe(set);
  expect(grown).toBeLessThan(2 * 2 ** 20);
  // Bound once, and heard once.
  await client.flush();
  const peer = await connect(server.adapter, { handle: 'peer' });
  peer.send('colour', { n: 1 });
  await peer.flush();
  await client.flush();
  expect(heard).toBe(1);
  await Promise.all([client.close(), peer.close()]);
  expect(timers.size).toBe(0);
});
