import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../../src/server/start-server';
import { openBystander } from '../../helpers/bystander';
import { until } from '../../helpers/raw';
import { createVirtualClock } from '../../helpers/virtual-clock';

/** How many sockets this process holds, of servers and clients. */
const held = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

const far = 200;

test(`${far} connections that say nothing are closed when their time is over, and leave nothing behind`, async () => {
  const clock = createVirtualClock();
  const server = await startServer({ port: 0, tcpPort: 0, clock });
  onTestFinished(() => server.close());
  const bystander = await openBystander(server.tcpPort ?? 0, 'bystander');
  onTestFinished(() => bystander.stop());
  await until(() => bystander.trips > 50, 'the bystander has made some trips');
  const before = held();

  // They never close by themselves, whatever the server does.
  const sockets: Socket[] = [];
  onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
  let closed = 0;
  const ended = Array.from({ length: far }, async (_, index) => {
    const port = index % 2 === 0 ? (server.tcpPort ?? 0) : server.port;
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    sockets.push(socket.resume().on('error', () => undefined));
    await Promise.race([once(socket, 'end'), once(socket, 'close')]);
    closed++;
  });
  await until(() => held() === before + 2 * far, 'the server has all of them');
  await clock.advance(4_900);
  // What is sent goes its whole way before anybody looks.
  const trips = bystander.trips;
  await until(() => bystander.trips > trips + 10, 'the bystander has made more trips');
  expect(closed).toBe(0);
  await clock.advance(100);
  await Promise.all(ended);
  // What is left are the far sides: none of them has closed its own.
  await clock.advance(1_000);
  await until(() => held() <= before + far, 'the server has let go of all of them');
  for (const socket of sockets) socket.destroy();
  await until(() => held() <= before, 'nothing is left');
  expect(server.stats()).toMatchObject({ clients: 1, unauthenticated: 0 });
});
