import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Server, startServer } from '../../../src/server/start-server';
import { attacks } from '../../helpers/attacks.js';
import { type Bystander, openBystander } from '../../helpers/bystander';
import { until } from '../../helpers/raw';

/** The aim on a quiet machine, in ms; and what an answer may take on one that has other things to do. */
const aim = 50;
const patience = 20 * aim;

let server: Server;
let attacker: ChildProcess;
let bystander: Bystander;
let quiet = 0;
const figures: string[] = [];

beforeAll(async () => {
  server = await startServer({ port: 0, tcpPort: 0, users: ['owner:word'] });
  attacker = fork(join(import.meta.dirname, '../../helpers/attacker.js'));
  await once(attacker, 'message');
  bystander = await openBystander(server.tcpPort ?? 0, 'bystander');
  await until(() => bystander.trips > 200, 'the bystander has made some trips');
  quiet = bystander.longest();
}, 20_000);

afterAll(async () => {
  const load = loadavg()[0]?.toFixed(1);
  console.log([`Longest answers (before: ${quiet.toFixed(1)} ms; load ${load})`, ...figures].join('\n'));
  attacker.disconnect();
  bystander.stop();
  await server.close();
});

test.each(Object.keys(attacks))(
  'A bystander is answered all the time, whoever attacks: %s',
  async (name) => {
    const before = bystander.trips;
    bystander.longest();
    attacker.send({ name, target: { port: server.tcpPort, webPort: server.port, victim: 'bystander' } });
    await once(attacker, 'message');
    const longest = bystander.longest();
    // Afterwards everything is as it was.
    await expect.poll(() => server.stats().clients).toBe(1);
    const trips = bystander.trips - before;
    figures.push(`${longest.toFixed(1).padStart(8)} ms, ${trips} answers: ${name}`);
    expect(trips).toBeGreaterThan(10);
    expect(longest).toBeLessThan(patience);
    expect(bystander.strange).toEqual([]);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  },
  30_000,
);

test('After all attacks the server holds nothing of them', async () => {
  await expect.poll(() => server.stats().unauthenticated).toBe(0);
  const { clients, channels, delayed } = server.stats();
  expect({ clients, channels }).toEqual({ clients: 1, channels: 0 });
  expect(delayed).toBeLessThanOrEqual(1_000);
  const rescued = await openBystander(server.tcpPort ?? 0, 'rescued');
  await until(() => rescued.trips > 10, 'somebody new is let in');
  rescued.stop();
}, 20_000);
