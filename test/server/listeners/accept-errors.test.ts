import type { Server, ServerOpts, Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startServer } from '../../../src/server/start-server';
import { dialTcp, dialWeb } from '../../helpers/raw';

const listening: Server[] = vi.hoisted(() => []);

vi.mock('node:net', async (original) => {
  const net = await original<typeof import('node:net')>();
  const createServer = (options: ServerOpts, listener: (socket: Socket) => void): Server => {
    const server = net.createServer(options, listener);
    listening.push(server);
    return server;
  };
  return { ...net, createServer };
});

test('A server that cannot accept connections for a while says so and lives on', async () => {
  const lines: string[] = [];
  const server = await startServer({ port: 0, tcpPort: 0, logger: (line) => lines.push(line) });
  onTestFinished(() => server.close());
  const faults: unknown[] = [];
  const stop = server.on('error', (error) => faults.push(error));
  const alice = await dialTcp(server.tcpPort ?? 0);
  alice.say('alice(JSON)');
  await alice.heard();
  expect(listening.length).toBeGreaterThanOrEqual(2);
  const cause = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' });
  for (let times = 0; times < 100; times++) for (const one of listening) one.emit('error', cause);
  expect(faults).toEqual([expect.objectContaining({ message: 'Cannot take connections: accept EMFILE.', cause })]);
  expect(lines.filter((line) => line.startsWith('error '))).toHaveLength(1);
  // Without anybody to tell it is no end either.
  stop();
  for (const one of listening) one.emit('error', cause);
  alice.say('sendraw alice {"still":"here"}');
  expect(await alice.heard()).toHaveLength(1);
  await expect.poll(async () => (await dialWeb(server.url).catch(() => undefined)) !== undefined).toBe(true);
});
