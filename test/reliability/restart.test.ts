import { expect, test } from 'vitest';
import { connect, createClient } from '../../src/index';
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

test('a client whose own ghost has its handle waits for it to go (P1)', async () => {
  const clock = createVirtualClock();
  const server = createMemoryServer({ clock });
  const client = createClient(server.adapter, { handle: 'lamp', clock });
  await clock.advance(0);
  server.lose();
  // It gives the link up; the server does not know.
  await clock.advance(25_000);
  server.heal();
  expect(server.broker.clients()).toEqual(['lamp']);
  await clock.advance(180_000);
  expect([client.state.status, client.handle]).toEqual(['connected', 'lamp']);
  await Promise.all([client.close(), clock.advance(2_000)]);
});
