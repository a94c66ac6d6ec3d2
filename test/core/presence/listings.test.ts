import { describe, expect, test } from 'vitest';
import { type Client, type ClientOptions, connect, memory, type WaitOptions } from '../../../src/index';
import { createBroker } from '../../../src/server/broker/broker';
import { startServer } from '../../../src/server/start-server';
import { tcp } from '../../../src/tcp';
import { connectScripted } from '../../helpers/scripted-client';

async function scene(dialect: 'line' | 'web', options?: ClientOptions) {
  const world = await connectScripted(options, dialect);
  const { clock, far } = world;
  return {
    ...world,
    /** The frames or lines since the welcome. */
    async sent(): Promise<string[]> {
      await clock.advance(0);
      return far.last.sent.slice(1).flatMap((piece) => piece.split('\n').filter(Boolean));
    },
    /** The system channel tells. */
    tell: (recipient: string, data: object, sender = 'SERVER') => world.hear(data, sender, recipient),
  };
}

const lists: [string, (client: Client, options?: WaitOptions) => Promise<string[]>][] = [
  ['clients', (client, options) => client.clients(options)],
  ['channels', (client, options) => client.channels(options)],
  ['members', (client, options) => client.members('room', options)],
];

describe('listings over TCP', () => {
  test('are asked for and answered', async () => {
    const { client, far, sent } = await scene('line');
    const all = [client.clients(), client.channels(), client.members('room'), client.channel('hall').members()];
    const frames = await sent();
    expect(frames.filter((frame) => frame !== 'ping')).toEqual([
      'clients',
      'channels',
      'channels room',
      'channels hall',
    ]);
    for (const answer of ['lamp,dial', 'room, lamp, dial', 'lamp, dial', 'dial']) {
      far.last.say(answer);
      far.last.say('.');
    }
    expect(await Promise.all(all)).toEqual([['lamp', 'dial'], ['room', 'lamp', 'dial'], ['lamp', 'dial'], ['dial']]);
  });

  test('of an unknown channel, which servers do not answer, are empty, and do not take the next answer', async () => {
    const { client, far } = await scene('line');
    const all = [client.members('nowhere'), client.clients(), client.members('nowhere'), client.members('room')];
    for (const line of ['.', 'lamp', '.', '.', 'dial', '.']) far.last.say(line);
    expect(await Promise.all(all)).toEqual([[], ['lamp'], [], ['dial']]);
  });

  test('do not take messages, pings of the server and faults for answers', async () => {
    const { client, far, errors, sent, clock } = await scene('line');
    const got: unknown[] = [];
    client.subscribe('room', ({ data }) => got.push(data));
    const clients = client.clients();
    await clock.advance(0);
    far.last.say('ping');
    far.last.say('{"n":1,"recipient":"room","sender":"dial","timestamp":1}');
    far.last.say('error (something else)');
    far.last.say('lamp,dial');
    far.last.say('ping');
    far.last.say('.');
    expect(await clients).toEqual(['lamp', 'dial']);
    expect(got).toEqual([{ n: 1 }]);
    expect(errors).toMatchObject([{ code: 'protocol' }]);
    expect((await sent()).filter((line) => line === '.')).toHaveLength(2);
  });

  test.each(['errorlog,lamp', 'error', 'pinger,lamp', '.hidden,lamp'])(
    'may begin with any name: %s',
    async (answer) => {
      const { client, far } = await scene('line');
      const clients = client.clients();
      far.last.say(answer);
      far.last.say('.');
      expect(await clients).toEqual(answer.split(','));
    },
  );

  test.each(['error (x), lamp', '{x}, lamp', '{x', 'ping, lamp', '., lamp', 'welcome, lamp', 'bye, lamp', ', ping'])(
    'may begin with what looks like a word of the server: %s',
    async (answer) => {
      const { client, far } = await scene('line');
      const channels = client.channels();
      far.last.say(answer);
      far.last.say('.');
      expect(await channels).toEqual(answer.split(', ').filter(Boolean));
    },
  );

  test('that came too late are nobody else’s', async () => {
    const { client, far, clock } = await scene('line');
    const late = client.clients({ timeout: 100 }).catch((error) => error);
    await clock.advance(100);
    expect(await late).toMatchObject({ code: 'timeout' });
    const channels = client.channels();
    for (const line of ['lamp,dial', '.', 'room', '.']) far.last.say(line);
    expect(await channels).toEqual(['room']);
  });

  test.each(lists)('reject with `disconnected` when the connection is lost: %s', async (_what, list) => {
    const { client, far, clock } = await scene('line');
    const before = list(client).catch((error) => error);
    await clock.advance(0);
    far.last.drop();
    expect(await before).toMatchObject({ name: 'OocsiError', code: 'disconnected' });
    await clock.advance(1_000);
    await far.last.welcome();
    const after = list(client);
    far.last.say('dial');
    far.last.say('.');
    expect(await after).toEqual(['dial']);
  });
});

describe('listings over WebSocket', () => {
  test('cannot be those of a channel with a password, which would lock out others', async () => {
    const { client, far } = await scene('web');
    const before = far.last.sent.length;
    await expect(client.members('room:secret')).rejects.toThrow(TypeError);
    expect(far.last.sent).toHaveLength(before);
  });

  test.each([192, 193, 194])('can be those of a channel whose name has %i bytes', async (length) => {
    const { client, clock, tell } = await scene('web');
    const name = 'x'.repeat(length);
    const members = client.members(name);
    await clock.advance(0);
    tell(`${name}/?`, { channels: 'dial' });
    expect(await members).toEqual(['dial']);
    await expect(client.members(`${name}xxx`)).rejects.toThrow(/use 1 to 194 bytes/);
  });

  test('need a channel', async () => {
    const { client } = await scene('web');
    await expect(client.members(undefined as never)).rejects.toThrow(TypeError);
  });

  test('leave out the system channel that is there only because it was asked', async () => {
    const { client, clock, tell } = await scene('web');
    const channels = client.channels();
    await clock.advance(0);
    tell('OOCSI_channels', { channels: 'lamp, OOCSI_channels, OOCSI_mine, room' });
    expect(await channels).toEqual(['lamp', 'OOCSI_mine', 'room']);
  });

  test('are read from the system channels, which are left again', async () => {
    const { client, tell, sent } = await scene('web');
    const all = [client.clients(), client.clients(), client.channels(), client.members('room'), client.members('hall')];
    expect(await sent()).toEqual([
      'subscribe OOCSI_clients',
      'subscribe OOCSI_channels',
      'subscribe room/?',
      'subscribe hall/?',
    ]);
    tell('hall/?', { channels: 'dial' });
    tell('OOCSI_channels', { channels: 'room, lamp' });
    tell('room/?', { channels: 'lamp, dial' });
    tell('OOCSI_clients', { clients: 'lamp,dial' });
    expect(await Promise.all(all)).toEqual([
      ['lamp', 'dial'],
      ['lamp', 'dial'],
      ['room', 'lamp'],
      ['lamp', 'dial'],
      ['dial'],
    ]);
    expect((await sent()).slice(4).sort()).toEqual(
      ['unsubscribe OOCSI_clients', 'unsubscribe OOCSI_channels', 'unsubscribe room/?', 'unsubscribe hall/?'].sort(),
    );
  });

  test('that are empty are empty', async () => {
    const { client, tell } = await scene('web');
    const members = client.members('room');
    tell('room/?', { channels: '' });
    expect(await members).toEqual([]);
  });

  test('leave the program its own subscription of a system channel', async () => {
    const { client, tell, sent } = await scene('web');
    const got: unknown[] = [];
    client.subscribe('OOCSI_clients', ({ data }) => got.push(data));
    const clients = client.clients();
    tell('OOCSI_clients', { clients: 'lamp' });
    await clients;
    tell('OOCSI_clients', { clients: 'lamp,dial' });
    expect(got).toHaveLength(2);
    expect(await sent()).toEqual(['subscribe OOCSI_clients']);
  });

  test('are not made of what lists nothing', async () => {
    const { client, tell } = await scene('web');
    const clients = client.clients();
    tell('OOCSI_clients', { hello: 'everybody' }, 'dial');
    tell('OOCSI_clients', { clients: 'lamp,dial' });
    expect(await clients).toEqual(['lamp', 'dial']);
  });
});

describe.each(['line', 'web'] as const)('listings over %s', (dialect) => {
  test.each(lists)('reject with `timeout` after exactly their time: %s', async (_what, list) => {
    const { client, clock } = await scene(dialect, { timeout: 700 });
    const timers = clock.timers;
    const ends: unknown[] = [];
    list(client).catch((error) => ends.push(error));
    list(client, { timeout: 50 }).catch((error) => ends.push(error));
    await clock.advance(49);
    expect(ends).toEqual([]);
    await clock.advance(1);
    expect(ends).toMatchObject([{ name: 'OocsiError', code: 'timeout' }]);
    await clock.advance(649);
    expect(ends).toHaveLength(1);
    await clock.advance(1);
    expect(ends).toHaveLength(2);
    expect(clock.timers).toBe(timers);
  });

  test.each(lists)('reject with the reason of their signal: %s', async (_what, list) => {
    const { client, clock, sent } = await scene(dialect);
    const timers = clock.timers;
    const [abort, reason] = [new AbortController(), new Error('enough')];
    const waiting = list(client, { signal: abort.signal });
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    const before = await sent();
    await expect(list(client, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect([await sent(), clock.timers]).toEqual([before, timers]);
  });

  test.each(lists)('reject with `closed` when the client closes, and afterwards: %s', async (_what, list) => {
    const { client, clock, close } = await scene(dialect);
    const waiting = list(client).catch((error) => error);
    await close();
    expect(await waiting).toMatchObject({ name: 'OocsiError', code: 'closed' });
    await expect(list(client)).rejects.toMatchObject({ name: 'OocsiError', code: 'closed' });
    expect(clock.timers).toBe(0);
  });

  test.each(lists)('reject when a fault closes the client: %s', async (_what, list) => {
    const { client, clock, far } = await scene(dialect, { reconnect: false });
    const waiting = list(client).catch((error) => error);
    far.last.drop();
    expect(['closed', 'disconnected']).toContain((await waiting).code);
    expect(clock.timers).toBe(0);
  });

  test.each(lists)('reject with wrong options before anything is asked: %s', async (_what, list) => {
    const { client, clock, sent } = await scene(dialect);
    const timers = clock.timers;
    await expect(list(client, { timeout: -1 })).rejects.toThrow(RangeError);
    await expect(list(client, { timeout: Number.NaN })).rejects.toThrow(RangeError);
    await expect(list(client, { tmieout: 5 } as never)).rejects.toThrow(TypeError);
    expect([await sent(), clock.timers]).toEqual([[], timers]);
  });

  test('of members need a name of a channel', async () => {
    const { client, sent } = await scene(dialect);
    for (const name of ['', 'two words', 'x\nquit', 'é\u3000', 'x'.repeat(195)]) {
      await expect(client.members(name)).rejects.toThrow(TypeError);
    }
    expect(await sent()).toEqual([]);
  });
});

describe('listings of a server', () => {
  /** Asks over one transport for what clients on it are there. */
  async function asked(join: (handle: string) => Promise<Client>): Promise<unknown> {
    const [lamp, dial] = [await join('lamp'), await join('dial')];
    try {
      dial.subscribe('room', () => {});
      dial.subscribe('hidden', () => {}, { password: 'secret' });
      // What a client sends to itself comes back after all that it sent before was dealt with.
      const settled = dial.next('dial');
      dial.send('dial', {});
      await settled;
      const [clients, channels, members] = await Promise.all([lamp.clients(), lamp.channels(), lamp.members('room')]);
      const known = (name: string): boolean => !/^OOCSI_|\/\?$/.test(name);
      return [clients.sort(), channels.filter(known).sort(), members];
    } finally {
      await Promise.all([lamp.close(), dial.close()]);
    }
  }
  const expected = [['dial', 'lamp'], ['dial', 'lamp', 'room'], ['dial']];

  test('are told in memory', async () => {
    const broker = createBroker();
    expect(await asked((handle) => connect(memory(broker.accept), { handle }))).toEqual(expected);
  });

  test('are told in memory of a channel that has the longest name', async () => {
    const { accept } = createBroker();
    const lamp = await connect(memory(accept), { handle: 'lamp' });
    const longest = 'x'.repeat(194);
    lamp.subscribe(longest, () => undefined);
    expect(await lamp.members(longest)).toEqual(['lamp']);
    await lamp.close();
  });

  test('are told over TCP, and an unknown channel has no members', async () => {
    const server = await startServer({ port: 0, tcpPort: 0 });
    const target = server.tcpUrl ?? '';
    try {
      expect(await asked((handle) => connect(target, { handle }))).toEqual(expected);
      const lamp = await connect(target, { handle: 'lamp' });
      expect(await lamp.members('nowhere')).toEqual([]);
      await lamp.close();
    } finally {
      await server.close();
    }
  });
});

describe('listings of a server whose names look like its own words', () => {
  const names = ['ping', '.', 'bye', 'welcome', '{x}', '{"message"', 'error', 'error('];

  test.each(names)('are whole over TCP and WebSocket: %s', async (name) => {
    const server = await startServer({ port: 0, tcpPort: 0, users: ['hidden:word'] });
    // A registered user is in no list of channels, so the name in question is alone there.
    const line = await connect(tcp({ host: '127.0.0.1', port: server.tcpPort ?? 0 }), { handle: 'hidden:word' });
    const web = await connect(server.url, { handle: 'web' });
    line.subscribe(name, () => {});
    await line.flush();
    expect(await web.channels()).toEqual([name, 'web']);
    expect(await line.channels()).toEqual([name, 'web']);
    await web.close();
    expect(await line.channels()).toEqual([name]);
    await line.close();
    await server.close();
  });

  test('are whole when a handle is one that looks like a message', async () => {
    const server = await startServer({ port: 0, tcpPort: 0 });
    const web = await connect(server.url, { handle: '{web' });
    const line = await connect(tcp({ host: '127.0.0.1', port: server.tcpPort ?? 0 }), { handle: 'line' });
    expect(await line.clients()).toEqual(['{web', 'line']);
    expect(await web.clients()).toEqual(['{web', 'line']);
    await Promise.all([line.close(), web.close()]);
    await server.close();
  });
});
