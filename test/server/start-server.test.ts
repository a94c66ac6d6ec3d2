import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/index';
import { isOocsiError } from '../../src/protocol/errors';
import { createBroker } from '../../src/server/broker/broker';
import { startServer } from '../../src/server/start-server';
import { listening } from '../helpers/listening';
import { dialTcp, dialWeb, until, within } from '../helpers/raw';
import { openWorld } from '../helpers/world';

async function usedPort(): Promise<number> {
  const { port, close } = await listening(createServer());
  onTestFinished(close);
  return port;
}

/** Whether something could listen on `port` now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

test('A server is told of an option that there is not', async () => {
  const odd: Record<string, unknown> = { prt: 1 };
  await expect(startServer(odd)).rejects.toThrow(/^Unknown option "prt": did you mean "port"\?/);
  expect(() => createBroker(odd)).toThrow(/^Unknown option "prt": use users, limits or clock/);
});

test('A server says where it is', async () => {
  const { server } = await openWorld();
  expect(server.url).toBe(`ws://127.0.0.1:${server.port}/ws`);
  expect(server.tcpUrl).toBe(`tcp://127.0.0.1:${server.tcpPort}`);
});

test.each(['127.0.0.1', '0.0.0.0', 'localhost'])(
  'Its addresses lead to it, although another program has the same ports at the other address of this machine (%s)',
  async (host) => {
    const { server } = await openWorld({ host });
    // A name would lead to whichever is asked first.
    expect(new URL(server.url).hostname).toMatch(/^(127\.0\.0\.1|\[::1\])$/);
    const isAtIpv6 = server.url.includes('[::1]');
    for (const port of [server.port, server.tcpPort ?? 0]) {
      const other = createServer((socket) => socket.destroy());
      await new Promise<void>((resolve, reject) => {
        other.once('error', reject);
        other.listen(port, isAtIpv6 ? '127.0.0.1' : '::1', resolve);
      });
      onTestFinished(() => new Promise((resolve) => other.close(() => resolve())));
    }
    for (const url of [server.url, server.tcpUrl ?? '']) {
      const client = await connect(url, { reconnect: false });
      expect(server.broker.clients()).toContain(client.handle);
      await client.close();
    }
  },
);

test('A server without TCP has no address for it', async () => {
  const server = await startServer({ port: 0, tcpPort: false });
  onTestFinished(() => server.close());
  expect([server.tcpUrl, server.tcpPort]).toEqual([undefined, undefined]);
  const alice = await dialWeb(server.url);
  alice.say('alice');
  expect(await alice.heard()).toHaveLength(1);
});

for (const option of ['port', 'tcpPort'] as const) {
  test(`A server whose ${option} is in use does not start, and says which option to change`, async () => {
    const used = await usedPort();
    const thrown = await startServer({ port: 0, tcpPort: 0, [option]: used }).catch((error: unknown) => error);
    expect(isOocsiError(thrown, 'unsupported')).toBe(true);
    expect(thrown).toMatchObject({
      message: `Port ${used} is in use by another program: set the option ${option} to another one, or to 0 for any free port.`,
      cause: { code: 'EADDRINUSE' },
    });
  });
}

test('A server that cannot have its port for TCP gives the other one back', async () => {
  const used = await usedPort();
  const spare = await freePort();
  await expect(startServer({ port: spare, tcpPort: used })).rejects.toThrow('tcpPort');
  expect(await isFree(spare)).toBe(true);
});

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const { port, close } = await listening(createServer());
  await close();
  return port;
}

test('An address that is not this machine is named in the error', async () => {
  await expect(startServer({ host: '192.0.2.1', port: 0 })).rejects.toThrow(/192\.0\.2\.1.*options host and port/);
});

test('Closing says goodbye to the clients and frees the ports', async () => {
  const { server, ...world } = await openWorld();
  const [alice, bob, pd] = [await world.line('alice'), await world.web('bob'), await world.tcp('pd;')];
  const stranger = await world.tcp();
  await pd.heard();
  const closing = server.close();
  expect(await alice.closed()).toEqual(['bye']);
  expect(await bob.closed()).toEqual([]);
  expect(await pd.closed()).toEqual(['bye']);
  expect(await stranger.closed()).toEqual(['bye']);
  await closing;
  expect(server.broker.clients()).toEqual([]);
  expect([await isFree(server.port), await isFree(server.tcpPort ?? 0)]).toEqual([true, true]);
});

test('Closing twice is closing once', async () => {
  const { server } = await openWorld();
  await Promise.all([server.close(), server.close()]);
  await server.close();
  await server[Symbol.asyncDispose]();
});

test('A server that is closed leaves nothing behind that would keep the program running', async () => {
  const { server, clock, ...world } = await openWorld();
  const [alice, bob] = [await world.line('alice'), await world.web('bob')];
  const closing = server.close();
  await Promise.all([closing, alice.closed(), bob.closed()]);
  expect(clock.timers).toBe(0);
  await until(() => !process.getActiveResourcesInfo().some((name) => name.startsWith('TCP')), 'all sockets are gone');
});

test('Connections that do not end are cut half a second after the server is closed', async () => {
  const { server, clock } = await openWorld();
  const stubborn = await dialTcp(server.tcpPort ?? 0, { allowHalfOpen: true });
  stubborn.say('alice(JSON)');
  await stubborn.heard();
  let over = false;
  const closing = server.close().then(() => {
    over = true;
  });
  await clock.advance(499);
  expect(over).toBe(false);
  await clock.advance(1);
  await within(closing, 'the server to close');
  await stubborn.leave();
});

test('A client that vanishes without a word is forgotten', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  await alice.leave();
  await until(() => world.server.broker.clients().length === 0, 'the server notices');
  const next = await world.tcp('alice(JSON)');
  expect(await next.heard()).toEqual(['{\'message\' : "welcome alice"}']);
});

test('A connection that ends late takes nothing from the next client of that name', async () => {
  const world = await openWorld();
  const first = await dialTcp(world.server.tcpPort ?? 0, { allowHalfOpen: true });
  first.say('alice(JSON)');
  await first.settled();
  first.say('quit');
  await until(() => world.server.broker.clients().length === 0, 'alice is gone');
  const next = await world.line('alice');
  await first.leave();
  await next.settled();
  next.say('sendraw alice {"n":1}', 'clients');
  expect(await next.heard()).toEqual([expect.stringContaining('"n":1'), 'alice']);
});
