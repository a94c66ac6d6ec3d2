import { expect, test } from 'vitest';
import { type Client, connect } from '../../src/index';
import { startServer } from '../../src/server/index';
import { createFaultProxy } from '../kit/fault-proxy';
import { type Entry, judge } from '../kit/history';
import type { Toxics } from '../kit/toxics';

const minutes = process.env['SOAK'] === undefined ? 0 : Number(process.env['SOAK']) || 60;
const duration = minutes * 60_000 || 20_000;
const tick = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('fifty clients on a bad network lose no acknowledged message (T14, N6)', {
  timeout: duration + 120_000,
}, async () => {
  const server = await startServer({ port: 0, tcpPort: 0 });
  const proxies = [await createFaultProxy(server.tcpPort ?? 0), await createFaultProxy(server.port)];
  const [{ random }] = proxies as [(typeof proxies)[0]];
  console.log(`T14: ${duration / 1_000} s, seed ${random.seed}`);
  const history: Entry[] = [];
  const schemes = ['tcp', 'ws'] as const;
  const clients: Client[] = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      connect(`${schemes[n % 2]}://127.0.0.1:${proxies[n % 2]?.port}`, {
        handle: `c${n}`,
        onHandleTaken: 'retry',
        reconnect: { delay: () => 100 },
      }),
    ),
  );
  const receivers = clients.slice(0, 5);
  for (const receiver of receivers) {
    receiver.subscribe(
      'c',
      ({ data, sender }) => history.push({ type: 'deliver', sender, n: data.n, receiver: receiver.handle }),
      { reliable: true },
    );
    await receiver.flush();
  }
  const faults: readonly Toxics[] = [
    {},
    { latency: { ms: 50, jitter: 40 } },
    { slicer: 7 },
    { coalesce: 20 },
    { bandwidth: 2 ** 20 },
  ];
  let isOver = false;
  const trouble = (async () => {
    while (!isOver) {
      for (const proxy of proxies) {
        const toxics = random.pick(faults) ?? {};
        for (const key of Object.keys(proxy.toxics)) Reflect.deleteProperty(proxy.toxics, key);
        Object.assign(proxy.toxics, toxics);
        proxy.kill();
      }
      await tick(random.whole(50, 250));
    }
    for (const proxy of proxies) for (const key of Object.keys(proxy.toxics)) Reflect.deleteProperty(proxy.toxics, key);
  })();

  const sent: Promise<unknown>[] = [];
  const end = Date.now() + duration;
  let memory = 0;
  for (let n = 0; Date.now() < end; n++) {
    const sender = clients[5 + (n % 45)];
    if (!sender) continue;
    const { handle } = sender;
    history.push({ type: 'publish', sender: handle, n });
    const ack = sender.send('c', { n }, { ack: { receivers: receivers.length, timeout: 120_000 } });
    sent.push(ack.then(() => void history.push({ type: 'ack', sender: handle, n })));
    if (n === 1_000) memory = process.memoryUsage().rss;
    await tick(5);
  }
  isOver = true;
  await trouble;
  await Promise.all(sent);
  const verdict = judge(
    history,
    receivers.map(({ handle }) => handle),
  );
  const rss = (process.memoryUsage().rss - memory) / 2 ** 20;
  console.log(`T14: ${sent.length} sent by 45, each to 5; memory ${rss.toFixed(1)} MiB more`);
  expect(Object.values(verdict).flat()).toEqual([]);
  await Promise.all(clients.map((client) => client.close()));
  for (const proxy of proxies) await proxy[Symbol.asyncDispose]();
  await server.close();
});
