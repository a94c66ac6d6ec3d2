import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startServer } from '../../src/server/start';
import { openBystander } from '../helpers/bystander';
import { until } from '../helpers/raw';

/** How many sockets this process holds, of servers and clients. */
const held = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

const far = 200;

test(`${far} connections that say nothing are closed within 6 s each, and leave nothing behind`, async () => {
  const server = await startServer({ port: 0, tcpPort: 0 });
  onTestFinished(() => server.close());
  const bystander = await openBystander(server.tcpPort ?? 0, 'bystander');
  onTestFinished(() => bystander.stop());
  await until(() => bystander.trips > 50, 'the bystander has made some trips');
  bystander.longest();
  const before = held();

  // They never close by themselves, whatever the server does.
  const sockets: Socket[] = [];
  onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
  const ended = Array.from({ length: far }, async (_, index) => {
    const port = index % 2 === 0 ? (server.tcpPort ?? 0) : server.port;
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    sockets.push(socket.resume().on('error', () => undefined));
    await once(socket, 'connect');
    const start = performance.now();
    await Promise.race([once(socket, 'end'), once(socket, 'close')]);
    return performance.now() - start;
  });
  const times = await Promise.all(ended);
  const longest = Math.max(...times) / 1_000;
  console.log(`${far} silent connections: closed after ${longest.toFixed(2)} s at the latest`);
  console.log(`longest answer for a bystander meanwhile: ${bystander.longest().toFixed(1)} ms of ${bystander.trips}`);
  expect(longest).toBeLessThan(6);
  expect(Math.min(...times)).toBeGreaterThan(4_500);
  // What is left are the far sides: none of them has closed its own.
  await expect.poll(held, { timeout: 2_000 }).toBeLessThanOrEqual(before + far);
  for (const socket of sockets) socket.destroy();
  await expect.poll(held, { timeout: 2_000 }).toBeLessThanOrEqual(before);
  expect(server.stats()).toMatchObject({ clients: 1, unauthenticated: 0, refused: far });
}, 20_000);
