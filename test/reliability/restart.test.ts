import { expect, test } from 'vitest';
import { connect, createClient, type State } from '../../src/index';
import { startServer } from '../../src/server/index';
import { createMemoryServer, createVirtualClock } from '../../src/testing/index';

test.each(['tcp', 'ws'])('after a restart of the server everything over %s is back, once (N8)', async (scheme) => {
  const first = await startServer({ port: 0, tcpPort: 0 });
  const ports = { port: first.port, tcpPort: first.tcpPort ?? 0 };
  const url = `${scheme}://127.0.0.1:${scheme === 'tcp' ? ports.tcpPort : ports.port}`;
  const options = { reconnect: { delay: () => 50 }, onHandleTaken: 'retry' as const };
  const [lamp, dial] = [
    await connect(url, { handle: 'lamp', ...options }),
    await connect(url, { handle: 'dial', ...options }),
  ];
  const heard: unknown[] = [];
  lamp.subscribe('colour', ({ data }) => heard.push(data));
  lamp.subscribe('secret', ({ data }) => heard.push(data), { password: 'word' });
  lamp.subscribe('colour', () => undefined)();
  lamp.register('lights', 'mix', () => ({ mixed: true }));
  const [mine, theirs] = [lamp, dial].map((one) => one.variable('shared', 'level', { min: 0, max: 9 }));
  const room = lamp.presence('lights');
  await lamp.flush();

  const back = [lamp, dial].map(
    (one) =>
      new Promise<void>((resolve) => {
        one.on('state', ({ status }) => status === 'connected' && resolve());
      }),
  );
  await first.close();
  dial.send('later', { n: 1 });
  const second = await startServer(ports);
  await Promise.all(back);
  await Promise.all([lamp.flush(), dial.flush()]);

  dial.send('colour', { n: 1 });
  dial.send('secret', { n: 2 }, { password: 'word' });
  theirs?.set(5);
  expect(await dial.call('lights', 'mix')).toEqual({ mixed: true });
  await dial.flush();
  await lamp.flush();
  expect(heard).toEqual([{ n: 1 }, { n: 2 }]);
  expect(mine?.value).toBe(5);
  expect([...room.members]).toEqual(['lamp']);
  await Promise.all([lamp.close(), dial.close()]);
  await second.close();
});

test('a client whose own ghost has its handle says so, waits longer and longer, and has it back (P1)', async () => {
  const clock = createVirtualClock();
  const server = createMemoryServer({ clock });
  const [refusals, waits] = [[] as string[], [] as number[]];
  const client = createClient(server.adapter, { handle: 'lamp', clock: { ...clock, random: () => 0.999 } });
  client.on('state', ({ status, cause, retryAt = 0 }: State & { retryAt?: number }) => {
    if (cause?.code !== 'refused') return;
    refusals.push(`${status}: ${cause.message}`);
    waits.push(retryAt - clock.now());
  });
  await clock.advance(0);
  server.cut();
  await clock.advance(0);
  // What a server takes for alive: it has the handle, and answers.
  const events = { frame: (frame: string) => frame === 'ping' && ghost.send('.'), close: () => undefined };
  const ghost = await server.adapter.dial(events, new AbortController().signal);
  ghost.send('lamp');
  await clock.advance(120_000);
  expect(new Set(refusals)).toEqual(new Set(['reconnecting: The handle "lamp" is taken. Try "lamp_##".']));
  expect(waits.slice(0, 5).every((wait, n) => n === 0 || wait > 1.5 * (waits[n - 1] ?? 0))).toBe(true);
  expect(Math.max(...waits)).toBeLessThanOrEqual(20_000);
  ghost.close();
  await clock.advance(20_000);
  expect([client.state.status, client.handle]).toEqual(['connected', 'lamp']);
  await Promise.all([client.close(), clock.advance(2_000)]);
});

test('a client that gave up a dead connection has its handle back, although its server never saw the end (P1)', async () => {
  const clock = createVirtualClock();
  const server = createMemoryServer({ clock });
  const client = createClient(server.adapter, { handle: 'lamp', clock });
  await clock.advance(0);
  server.lose();
  // It gives the link up; the server does not know.
  await clock.advance(25_000);
  server.heal();
  expect(server.broker.clients()).toEqual(['lamp']);
  await clock.advance(30_000);
  expect([client.state.status, client.handle]).toEqual(['connected', 'lamp']);
  await Promise.all([client.close(), clock.advance(2_000)]);
});
