import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Client, ClientOptions } from '../../src/index';
import { isNear } from '../../src/protocol/link';
import { connectScripted, createScriptedClient } from '../helpers/scripted-client';

/** A client that has been without a connection for so long that it waits 20 s for its next attempt. */
async function waiting(options: ClientOptions = {}, dialect: 'line' | 'web' = 'web') {
  const world = await connectScripted(options, dialect);
  const { clock, far } = world;
  clock.chance = 0.999_999;
  far.last.drop(new Error('reset'));
  for (let attempt = 0; attempt < 7; attempt++) {
    await clock.advance(20_000);
    await far.last.fail(new Error('down'));
  }
  // Whatever hurried before is long ago.
  await clock.advance(3_000);
  const before = far.attempts.length;
  return { ...world, attempts: () => far.attempts.length - before };
}

/** All by which a program needs the connection. */
const needs: Readonly<Record<string, (client: Client) => unknown>> = {
  send: (client) => client.send('colour', { n: 1 }),
  'send of a channel': (client) => client.channel('colour').send({ n: 1 }),
  'send that is dropped offline': (client) => client.send('colour', { n: 1 }, { whenOffline: 'drop' }),
  'send that replaces others': (client) => client.send('colour', { n: 1 }, { whenOffline: 'latest' }),
  'send with ack': (client) => void client.send('colour', { n: 1 }, { ack: true }).catch(() => undefined),
  call: (client) => void client.call('dice', 'roll').catch(() => undefined),
  flush: (client) => void client.flush().catch(() => undefined),
  callAll: (client) =>
    void client
      .callAll('dice', 'roll')
      .next()
      .catch(() => undefined),
  subscribe: (client) => client.subscribe('colour', () => undefined),
  'subscribe to its handle': (client) => client.subscribe(() => undefined),
  messages: (client) => client.messages('colour'),
  next: (client) => void client.next('colour').catch(() => undefined),
  register: (client) => client.register('dice', 'roll', () => ({})),
  presence: (client) => client.presence('room'),
  clients: (client) => void client.clients().catch(() => undefined),
  channels: (client) => void client.channels().catch(() => undefined),
  members: (client) => void client.members('room').catch(() => undefined),
  'set of a variable': (client) => client.variable('lights', 'hue', { initial: 0 }).set(1),
};

describe.each(['web', 'line'] as const)(
  'A client over the %s dialect that waits long for its next attempt',
  (dialect) => {
    test.each(Object.keys(needs))('dials at once on %s', async (verb) => {
      const need = needs[verb] ?? (() => undefined);
      const { client, clock, attempts, far, close } = await waiting({}, dialect);
      need(client);
      await clock.advance(0);
      expect(attempts()).toBe(1);
      await far.last.welcome();
      expect(client.state.status).toBe('connected');
      await close();
    });

    test('dials so once in 2 s at most, however often a program sends', async () => {
      const { client, clock, attempts, far } = await waiting({}, dialect);
      for (let moment = 0; moment < 10_000; moment += 10) {
        client.send('colour', { n: moment }, { whenOffline: 'drop' });
        await clock.advance(0);
        if (!far.last.signal.aborted) await far.last.fail(new Error('down'));
        await clock.advance(10);
      }
      expect(attempts()).toBe(5);
    });

    test('dials not again while an attempt is under way', async () => {
      const { client, clock, attempts } = await waiting({}, dialect);
      for (let second = 0; second < 9; second++) {
        client.send('colour', { n: second });
        await clock.advance(1_000);
      }
      expect(attempts()).toBe(1);
    });

    test('dials when it was planned although an early attempt failed', async () => {
      const { client, clock, attempts, far } = await waiting({}, dialect);
      const { retryAt = 0 } = 'retryAt' in client.state ? client.state : {};
      client.send('colour', { n: 1 });
      await clock.advance(0);
      await far.last.fail(new Error('down'));
      await clock.advance(retryAt - clock.now() - 1);
      expect(attempts()).toBe(1);
      await clock.advance(1);
      expect(attempts()).toBe(2);
    });

    test('waits as after any other loss when the connection that an early attempt made is lost', async () => {
      const { client, clock, far } = await waiting({ reconnect: { delay: () => 20_000 } }, dialect);
      client.send('colour', { n: 1 });
      await clock.advance(0);
      await far.last.welcome();
      far.last.drop();
      expect(client.state).toMatchObject({ retryAt: clock.now() + 20_000 });
    });

    test('sends what hurried it, once it is welcomed', async () => {
      const { client, clock, far } = await waiting({}, dialect);
      expect(client.send('colour', { n: 1 })).toBe('queued');
      await clock.advance(0);
      await far.last.welcome();
      expect(far.last.sent.join('')).toContain('{"n":1}');
    });
  },
);

test('A short wait is not cut short: it keeps the clients of a server that restarts apart', async () => {
  const { client, clock, far } = await connectScripted();
  client.on('state', () => client.send('colour', { n: 1 }));
  far.last.drop(new Error('reset'));
  await clock.advance(249);
  expect(far.attempts).toHaveLength(1);
  await clock.advance(1);
  expect(far.attempts).toHaveLength(2);
});

test('A client that was never connected is hurried, too', async () => {
  const { client, clock, far } = createScriptedClient({ reconnect: { delay: () => 60_000 } });
  await clock.advance(0);
  await far.last.fail(new Error('down'));
  client.send('colour', { n: 1 });
  await clock.advance(0);
  expect(far.attempts).toHaveLength(2);
});

describe('In a page', () => {
  let page: EventTarget;
  beforeEach(() => {
    page = new EventTarget();
    vi.stubGlobal('document', { hidden: false });
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  });
  afterEach(() => vi.unstubAllGlobals());
  const happen = (name: string): unknown => page.dispatchEvent(new Event(name));

  test.each(['focus', 'click', 'keydown'])(
    'a client that waits long dials at once on %s, once in 2 s',
    async (name) => {
      const { clock, attempts, far } = await waiting();
      happen(name);
      await clock.advance(0);
      expect(attempts()).toBe(1);
      await far.last.fail(new Error('down'));
      await clock.advance(1_999);
      happen(name);
      await clock.advance(0);
      expect(attempts()).toBe(1);
      await clock.advance(1);
      happen(name);
      await clock.advance(0);
      expect(attempts()).toBe(2);
    },
  );

  test.each(['focus', 'click', 'keydown'])('%s means nothing to a client that is connected', async (name) => {
    const { client, clock, far } = await connectScripted();
    happen(name);
    await clock.advance(0);
    expect([client.state.status, far.attempts.length, far.last.sent]).toEqual(['connected', 1, ['lamp']]);
  });

  test('a page that sleeps is not woken by what it sends as it goes', async () => {
    const { client, clock, far } = await connectScripted();
    happen('pagehide');
    client.send('colour', { bye: true });
    happen('click');
    await clock.advance(60_000);
    expect(far.attempts).toHaveLength(1);
  });
});

const near = [
  'ws://localhost:9000/ws',
  'ws://127.0.0.1/ws',
  'ws://[::1]:9000/ws',
  'tcp://10.0.0.1:4444',
  'tcp://10.255.255.255:4444',
  'ws://172.16.0.1:9000/ws',
  'ws://172.31.255.1/ws',
  'wss://192.168.178.20/ws',
  'tls://192.168.0.1:4444',
  'tcp://[fc00::1]:4444',
  'tcp://[fdff:1::1]:4444',
  'tcp://[FD00::1]:4444',
  'tcp://[fe80::1]:4444',
  'tcp://[fe80::1%eth0]:4444',
  'tcp://[febf::1]:4444',
  'ws://pi.local:9000/ws',
  'tcp://Pi.Local:4444',
  'ws://pi.local./ws',
];
const distant = [
  'ws://oocsi.example.com/ws',
  'ws://10.example.com/ws',
  'ws://192.168.example.com/ws',
  'ws://11.0.0.1/ws',
  'ws://172.15.0.1/ws',
  'ws://172.32.0.1/ws',
  'ws://192.169.0.1/ws',
  'ws://8.10.0.1/ws',
  'tcp://[fb00::1]:4444',
  'tcp://[fec0::1]:4444',
  'tcp://[2001:db8::fe80]:4444',
  'ws://local/ws',
  'ws://pi.local.example.com/ws',
  'ws://example.com/pi.local/ws',
  'memory',
];

describe('The wait for the next attempt', () => {
  test.each([...near.map((name) => [name, 2_000] as const), ...distant.map((name) => [name, 20_000] as const)])(
    'to %s is at most %i ms',
    async (name, longest) => {
      expect(isNear(name)).toBe(longest === 2_000);
      const { client, clock, far } = createScriptedClient();
      Object.assign(far, { name });
      clock.chance = 0.999_999;
      let most = 0;
      for (let attempt = 0; attempt < 10; attempt++) {
        await clock.advance(0);
        await far.last.fail(new Error('down'));
        const { retryAt = 0 } = client.state.status === 'connecting' ? client.state : {};
        most = Math.max(most, Math.round(retryAt - clock.now()));
        await clock.advance(retryAt - clock.now());
      }
      expect(most).toBe(longest);
      await client.close();
    },
  );

  test('is as long as `delay` says, wherever the server is', async () => {
    const { client, clock, far } = createScriptedClient({ reconnect: { delay: () => 7_000 } });
    Object.assign(far, { name: 'tcp://localhost:4444' });
    await clock.advance(0);
    await far.last.fail(new Error('down'));
    expect(client.state).toMatchObject({ retryAt: clock.now() + 7_000 });
  });
});
