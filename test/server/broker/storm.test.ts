import { expect, onTestFinished, test } from 'vitest';
import { type Client, connect } from '../../../src/index';
import { startServer } from '../../../src/server/start-server';

const count = 1_000;

test('1,000 clients that lose their server all come back to it, under their handles', async () => {
  const first = await startServer({ port: 0, tcpPort: 0 });
  onTestFinished(() => first.close());
  const clients: Client[] = await Promise.all(
    Array.from({ length: count }, (_, index) => connect(first.tcpUrl, { handle: `client${index}` })),
  );
  onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.close()));
  });
  const heard = new Set<string>();
  for (const client of clients) client.channel('all').subscribe(() => void heard.add(client.handle));
  expect(first.broker.clients()).toHaveLength(count);

  const start = performance.now();
  const arrivals: number[] = [];
  for (const client of clients) {
    client.on('state', ({ status }) => {
      if (status === 'connected') arrivals.push(performance.now() - start);
    });
  }
  await first.close();
  const second = await startServer({ port: 0, tcpPort: first.tcpPort ?? 0 });
  onTestFinished(() => second.close());
  await expect.poll(() => arrivals.length, { interval: 20 }).toBe(count);
  const last = Math.max(...arrivals);
  const peak = Math.max(...arrivals.map((from) => arrivals.filter((at) => at >= from && at < from + 100).length));
  console.log(`all back after ${last.toFixed()} ms, ${peak} of them within 100 ms`);
  expect(new Set(second.broker.clients())).toEqual(new Set(clients.map(({ handle }) => handle)));
  const [one] = clients;
  one?.channel('all').send({ still: 'there' });
  await expect.poll(() => heard.size, { interval: 20 }).toBe(count - 1);
}, 60_000);
