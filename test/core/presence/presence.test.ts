import { describe, expect, test } from 'vitest';
import {
  type Client,
  type ClientOptions,
  connect,
  createClient,
  type Message,
  memory,
  type Presence,
  type PresenceEvent,
} from '../../../src/index';
import { createBroker } from '../../../src/server/broker/broker';
import { createInbox } from '../../helpers/inbox';
import { createScriptedAdapter } from '../../helpers/script-link';
import { connectScripted } from '../../helpers/scripted-client';
import { createVirtualClock } from '../../helpers/virtual-clock';

async function scene(options?: ClientOptions) {
  const world = await connectScripted(options);
  return {
    ...world,
    /** What the server tells of a name: `kind` is the key under which it names it. */
    tell: (name: string, news: object, kind: 'channel' | 'client' = 'channel') =>
      world.hear({ [kind]: name, ...news }, name, `presence(${name})`),
  };
}

/** What a presence tells, each event with the members at that moment. */
function record(presence: Presence): { readonly events: PresenceEvent[]; readonly members: string[][] } {
  const seen: { events: PresenceEvent[]; members: string[][] } = { events: [], members: [] };
  presence.subscribe((event) => {
    seen.events.push(event);
    seen.members.push([...presence.members]);
  });
  return seen;
}

describe('the presence of a channel', () => {
  test('knows nothing before the server has told', async () => {
    const { client, far } = await scene();
    const room = client.presence('room');
    expect([room.name, room.kind, [...room.members]]).toEqual(['room', undefined, []]);
    expect(far.last.sent).toEqual(['lamp', 'subscribe presence(room)']);
  });

  test('follows refresh, join and leave, before listeners hear of them', async () => {
    const { client, tell, errors } = await scene();
    const room = client.presence('room');
    const seen = record(room);
    tell('room', { refresh: ['dial', 'fan'] });
    tell('room', { join: 'clock' });
    tell('room', { leave: 'dial' });
    tell('room', { refresh: ['clock'] });
    expect(seen.events).toEqual([
      { type: 'refresh', members: ['dial', 'fan'] },
      { type: 'join', who: 'clock' },
      { type: 'leave', who: 'dial' },
      { type: 'refresh', members: ['clock'] },
    ]);
    expect(seen.members).toEqual([['dial', 'fan'], ['dial', 'fan', 'clock'], ['fan', 'clock'], ['clock']]);
    expect([room.kind, errors]).toEqual(['channel', []]);
  });

  test('makes a new set for each change, and leaves those it gave out alone', async () => {
    const { client, tell } = await scene();
    const room = client.presence('room');
    const before = room.members;
    tell('room', { join: 'dial' });
    const after = room.members;
    tell('room', { leave: 'dial' });
    expect([[...before], [...after], [...room.members]]).toEqual([[], ['dial'], []]);
  });

  test('counts nobody twice, and survives that somebody leaves who was not there', async () => {
    const { client, tell } = await scene();
    const room = client.presence('room');
    tell('room', { leave: 'nobody' });
    tell('room', { join: 'dial' });
    tell('room', { join: 'dial' });
    tell('room', { refresh: ['dial', 'dial'] });
    expect([...room.members]).toEqual(['dial']);
  });

  test('changes nothing when a fellow watcher vanishes or when it was created', async () => {
    const { client, tell } = await scene();
    const room = client.presence('room');
    tell('room', { refresh: ['dial', 'fan'] });
    const seen = record(room);
    tell('room', { timeout: 'dial' });
    tell('room', { created: '' });
    expect(seen.events).toEqual([{ type: 'timeout', who: 'dial' }, { type: 'created' }]);
    expect([...room.members]).toEqual(['dial', 'fan']);
  });

  test('is empty once the channel is closed', async () => {
    const { client, tell } = await scene();
    const room = client.presence('room');
    tell('room', { refresh: ['dial'] });
    const seen = record(room);
    tell('room', { closed: '' });
    expect([seen.events, seen.members]).toEqual([[{ type: 'closed' }], [[]]]);
    tell('room', { refresh: [] });
    expect([...room.members]).toEqual([]);
  });
});

describe('the presence of a client', () => {
  test('has the client for its only member while he is there', async () => {
    const { client, tell } = await scene();
    const dial = client.presence('dial');
    const seen = record(dial);
    tell('dial', { join: 'dial' }, 'client');
    tell('dial', { leave: 'dial' }, 'client');
    tell('dial', { refresh: [] }, 'client');
    expect(seen.events).toEqual([
      { type: 'join', who: 'dial' },
      { type: 'leave', who: 'dial' },
      { type: 'refresh', members: ['dial'] },
    ]);
    expect(seen.members).toEqual([['dial'], [], ['dial']]);
    expect(dial.kind).toBe('client');
  });

  test('of a client that opens a channel knows that he is there', async () => {
    const { client, tell } = await scene();
    const dial = client.presence('dial');
    tell('dial', { created: '' }, 'client');
    expect([dial.kind, [...dial.members]]).toEqual(['client', ['dial']]);
  });

  test('does not change when he creates, fills and leaves channels', async () => {
    const { client, tell } = await scene();
    const dial = client.presence('dial');
    tell('dial', { refresh: [] }, 'client');
    const seen = record(dial);
    tell('dial', { created: '' }, 'client');
    tell('dial', { closed: '' }, 'client');
    expect(seen.events).toEqual([{ type: 'created' }, { type: 'closed' }]);
    expect(seen.members).toEqual([['dial'], ['dial']]);
  });

  test('takes no list of the server for members', async () => {
    const { client, tell } = await scene();
    const dial = client.presence('dial');
    const seen = record(dial);
    tell('dial', { refresh: ['somebody'] }, 'client');
    expect(seen.events).toEqual([{ type: 'refresh', members: ['dial'] }]);
    expect([...dial.members]).toEqual(['dial']);
  });

  test('is empty when the name belongs to nobody any more', async () => {
    const { client, tell } = await scene();
    const dial = client.presence('dial');
    tell('dial', { refresh: [] }, 'client');
    tell('dial', { refresh: [] }, 'channel');
    expect([dial.kind, [...dial.members]]).toEqual(['channel', []]);
  });
});

describe('a presence', () => {
  test('is corrected by one refresh after a reconnect, without events that nobody sent', async () => {
    const { client, clock, far, tell, welcome } = await scene();
    const room = client.presence('room');
    tell('room', { refresh: ['dial', 'fan'] });
    const seen = record(room);
    far.last.drop();
    await clock.advance(1_000);
    await welcome();
    expect(far.last.sent).toEqual(['lamp', 'subscribe presence(room)']);
    expect([seen.events, [...room.members]]).toEqual([[], ['dial', 'fan']]);
    tell('room', { refresh: ['fan', 'clock'] });
    expect(seen.events).toEqual([{ type: 'refresh', members: ['fan', 'clock'] }]);
    expect([...room.members]).toEqual(['fan', 'clock']);
  });

  test('may be opened before there is a connection', async () => {
    const clock = createVirtualClock();
    const far = createScriptedAdapter();
    const client = createClient(far, { handle: 'lamp', clock });
    client.presence('room');
    client.channel('hall').presence();
    await clock.advance(0);
    await far.last.welcome();
    expect(far.last.sent).toEqual(['lamp', 'subscribe presence(room)', 'subscribe presence(hall)']);
  });

  test('shares its name with another one; the last one to go unsubscribes', async () => {
    const { client, far, tell } = await scene();
    const [one, two] = [client.presence('room'), client.channel('room').presence()];
    tell('room', { join: 'dial' });
    expect([[...one.members], [...two.members]]).toEqual([['dial'], ['dial']]);
    one[Symbol.dispose]();
    one[Symbol.dispose]();
    tell('room', { join: 'fan' });
    expect([[...one.members], [...two.members]]).toEqual([['dial'], ['dial', 'fan']]);
    expect(far.last.sent).toEqual(['lamp', 'subscribe presence(room)']);
    two[Symbol.dispose]();
    expect(far.last.sent.at(-1)).toBe('unsubscribe presence(room)');
  });

  test('is not subscribed to again once it was disposed of', async () => {
    const { client, clock, far, welcome } = await scene();
    {
      using _room = client.presence('room');
    }
    far.last.drop();
    await clock.advance(1_000);
    await welcome();
    expect(far.last.sent).toEqual(['lamp']);
  });

  test('tells its listeners nothing more once it was disposed of', async () => {
    const { client, tell } = await scene();
    client.presence('room');
    const room = client.presence('room');
    const seen = record(room);
    room[Symbol.dispose]();
    tell('room', { join: 'dial' });
    expect([seen.events, [...room.members]]).toEqual([[], []]);
  });

  test('has listeners that stop one by one, by function and by signal', async () => {
    const { client, tell } = await scene();
    const room = client.presence('room');
    const calls: string[] = [];
    const abort = new AbortController();
    const stop = room.subscribe(() => calls.push('function'));
    room.subscribe(() => calls.push('signal'), { signal: abort.signal });
    room.subscribe(() => calls.push('aborted'), { signal: AbortSignal.abort() });
    room.subscribe(() => calls.push('stays'));
    tell('room', { join: 'a' });
    stop();
    abort.abort();
    tell('room', { join: 'b' });
    expect(calls).toEqual(['function', 'signal', 'stays', 'stays']);
  });

  test('goes on when a listener throws, and `error` tells', async () => {
    const { client, tell, errors } = await scene();
    const room = client.presence('room');
    room.subscribe(() => {
      throw new Error('broken');
    });
    const seen = record(room);
    tell('room', { join: 'dial' });
    expect(seen.events).toHaveLength(1);
    expect(errors).toMatchObject([{ code: 'invalid', message: expect.stringContaining('broken') }]);
  });

  test('tells `error` of news that make no sense, and changes nothing', async () => {
    const { client, tell, errors } = await scene();
    const room = client.presence('room');
    tell('room', { refresh: ['dial'] });
    const seen = record(room);
    const nonsense = [
      {},
      { join: 5 },
      { leave: null },
      { timeout: ['x'] },
      { refresh: 'dial' },
      { refresh: { 0: 'dial' } },
      { refresh: [1, null, {}] },
      { refresh: ['dial', 5] },
      { other: 'dial' },
    ];
    for (const news of nonsense) {
      const before = errors.length;
      tell('room', news);
      expect.soft(errors.length - before, JSON.stringify(news)).toBe(1);
    }
    tell('room', {}, 'client');
    expect.soft(room.kind).toBe('channel');
    expect(seen.events).toEqual([]);
    expect([...room.members]).toEqual(['dial']);
    expect(errors).toEqual([...nonsense, {}].map(() => expect.objectContaining({ code: 'protocol' })));
  });

  test('cannot be changed through what it gave out', async () => {
    const { client, tell } = await scene();
    const room = client.presence('room');
    room.subscribe((event) => {
      if (event.type === 'refresh') (event.members as string[]).push('ghost');
    });
    tell('room', { refresh: ['dial'] });
    expect([...room.members]).toEqual(['dial']);
  });

  test('refuses names of which servers tell nothing', async () => {
    const { client, far } = await scene();
    const loose = client as { presence(name: unknown): unknown };
    for (const name of [
      '',
      'a/b',
      'a.b',
      'two words',
      'a:secret',
      'a[b]',
      'a(b)',
      'lamp_#',
      'é',
      'a\nquit',
      'a\n',
      7,
    ]) {
      expect(() => loose.presence(name), JSON.stringify(name)).toThrow(TypeError);
    }
    expect(() => loose.presence(undefined)).toThrow(TypeError);
    expect(() => loose.presence('x'.repeat(195))).toThrow(TypeError);
    expect(far.last.sent).toEqual(['lamp']);
    expect(client.presence('A-z_09').name).toBe('A-z_09');
  });

  test('cannot be opened once the client is closed', async () => {
    const { client } = await scene();
    void client.close();
    expect(() => client.presence('room')).toThrow(expect.objectContaining({ code: 'closed' }));
  });

  test('is told apart from a channel with that name', async () => {
    const { client, far, tell } = await scene();
    const got: unknown[] = [];
    client.subscribe('room', ({ data }: Message) => got.push(data));
    const room = client.presence('room');
    tell('room', { join: 'dial' });
    far.last.say('{"recipient":"room","sender":"x","timestamp":1,"data":{"join":"fan"}}');
    expect([got, [...room.members]]).toEqual([[{ join: 'fan' }], ['dial']]);
  });
});

describe('a loop over a presence', () => {
  test('gives each event, with its type', async () => {
    const { client, clock, tell } = await scene();
    const room = client.presence('room');
    const loop = room[Symbol.asyncIterator]();
    tell('room', { refresh: ['dial'] });
    tell('room', { leave: 'dial' });
    expect(await loop.next()).toEqual({ done: false, value: { type: 'refresh', members: ['dial'] } });
    expect(await loop.next()).toEqual({ done: false, value: { type: 'leave', who: 'dial' } });
    const waiting = loop.next();
    tell('room', { join: 'fan' });
    expect(await waiting).toEqual({ done: false, value: { type: 'join', who: 'fan' } });
    await clock.advance(0);
  });

  test('leaves the presence open when it is left', async () => {
    const { client, far, tell } = await scene();
    const room = client.presence('room');
    const left = (async () => {
      for await (const event of room) return event;
      return undefined;
    })();
    tell('room', { join: 'dial' });
    expect(await left).toEqual({ type: 'join', who: 'dial' });
    tell('room', { join: 'fan' });
    expect([...room.members]).toEqual(['dial', 'fan']);
    expect(far.last.sent).toEqual(['lamp', 'subscribe presence(room)']);
  });

  test('ends when the presence is disposed of, whether it waits or not', async () => {
    const { client, tell } = await scene();
    const room = client.presence('room');
    const [waits, lags] = [room[Symbol.asyncIterator](), room[Symbol.asyncIterator]()];
    const waiting = waits.next();
    room[Symbol.dispose]();
    tell('room', { join: 'dial' });
    expect([await waiting, await lags.next()]).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  test('that begins after the presence was disposed of ends at once', async () => {
    const { client, clock } = await scene();
    const room = client.presence('room');
    room[Symbol.dispose]();
    let end: unknown = 'still waiting';
    void room[Symbol.asyncIterator]()
      .next()
      .then((result) => {
        end = result;
      });
    await clock.advance(0);
    expect(end).toEqual({ done: true, value: undefined });
  });

  test('ends with the client', async () => {
    const { client } = await scene();
    const waiting = client.presence('room')[Symbol.asyncIterator]().next();
    void client.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

describe('over the server of this package', () => {
  async function clients(...handles: string[]): Promise<Client[]> {
    const broker = createBroker();
    return Promise.all(handles.map((handle) => connect(memory(broker.accept), { handle })));
  }

  test('a presence follows who subscribes to a channel and who leaves', async () => {
    const [lamp, dial, fan] = (await clients('lamp', 'dial', 'fan')) as [Client, Client, Client];
    const room = lamp.presence('room');
    const events = createInbox<PresenceEvent>();
    room.subscribe((event) => {
      if (event.type === 'join' || event.type === 'leave') events.push(event);
    });
    const stop = dial.subscribe('room', () => {});
    expect(await events.next()).toEqual({ type: 'join', who: 'dial' });
    fan.subscribe('room', () => {});
    expect(await events.next()).toEqual({ type: 'join', who: 'fan' });
    expect([...room.members]).toEqual(['dial', 'fan']);
    await fan.close();
    expect(await events.next()).toEqual({ type: 'leave', who: 'fan' });
    stop();
    expect(await events.next()).toEqual({ type: 'leave', who: 'dial' });
    expect([room.kind, [...room.members]]).toEqual(['channel', []]);
    await Promise.all([lamp.close(), dial.close()]);
  });

  test('a presence follows whether a client is there', async () => {
    const broker = createBroker();
    const lamp = await connect(memory(broker.accept), { handle: 'lamp' });
    const watched = lamp.presence('dial');
    const events = createInbox<PresenceEvent>();
    watched.subscribe((event) => {
      if (event.type === 'join' || event.type === 'leave') events.push(event);
    });
    const dial = await connect(memory(broker.accept), { handle: 'dial' });
    expect(await events.next()).toEqual({ type: 'join', who: 'dial' });
    expect([watched.kind, [...watched.members]]).toEqual(['client', ['dial']]);
    await dial.close();
    expect(await events.next()).toEqual({ type: 'leave', who: 'dial' });
    expect([...watched.members]).toEqual([]);
    await lamp.close();
  });
});
