import { expect, test } from 'vitest';
import type { Channel, Client, State } from '../../src/index';
import { connectScripted } from '../helpers/scripted-client';

type Verbs = Readonly<Record<string, () => unknown>>;
const nothing = (): void => {};

/** What a client and a channel of it have in common. */
const common = (channel: Channel): Verbs => ({
  send: () => channel.send({ n: 1 }),
  'send with ack': () => channel.send({ n: 1 }, { ack: true }),
  subscribe: () => channel.subscribe(nothing),
  messages: () => channel.messages().next(),
  next: () => channel.next(),
  variable: () => channel.variable('hue'),
  call: () => channel.call('mix'),
  callAll: () => channel.callAll('mix').next(),
  register: () => channel.register('mix', () => ({})),
  presence: () => channel.presence(),
  members: () => channel.members(),
});

const all = (client: Client, channel: Channel): Verbs => ({
  ...common(channel),
  send: () => client.send('colour', { n: 1 }),
  'send later': () => client.send('colour', { n: 1 }, { delay: 1 }),
  on: () => client.on('state', nothing),
  subscribe: () => client.subscribe('colour', nothing),
  'subscribe to its handle': () => client.subscribe(nothing),
  messages: () => client.messages('colour').next(),
  next: () => client.next('colour'),
  variable: () => client.variable('colour', 'hue'),
  call: () => client.call('colour', 'mix'),
  callAll: () => client.callAll('colour', 'mix').next(),
  register: () => client.register('colour', 'mix', () => ({})),
  presence: () => client.presence('colour'),
  members: () => client.members('colour'),
  clients: () => client.clients(),
  channels: () => client.channels(),
  flush: () => client.flush(),
  channel: () => client.channel('colour'),
});

test.each(['web', 'line'] as const)('every verb of a client that is closed says `closed`, over %s (I5)', async (at) => {
  const { client, far, clock, close } = await connectScripted({}, at);
  const colour = client.channel('colour');
  await close();
  const sent = [...far.last.sent];
  const has = (verbs: Verbs, of: object): void => {
    const known = new Set([...Object.keys(verbs), 'handle', 'state', 'closed', 'close', 'name']);
    expect(Object.keys(of).filter((key) => !known.has(key))).toEqual([]);
  };
  has(all(client, colour), client);
  has(common(colour), colour);
  for (const [verb, run] of [...Object.entries(all(client, colour)), ...Object.entries(common(colour))]) {
    const said = await Promise.resolve()
      .then(run)
      .catch(({ code }) => code);
    expect([verb, said]).toEqual([verb, 'closed']);
  }
  expect([far.last.sent, clock.timers]).toEqual([sent, 0]);
  await Promise.all([client.close(), client.close(), client[Symbol.asyncDispose]()]);
  expect(client.state).toEqual({ status: 'closed' });
});

test('closing takes a second, and no more, where nobody says that the link is gone (I5)', async () => {
  const { client, clock } = await connectScripted();
  let isClosed = false;
  void client.close().then(() => {
    isClosed = true;
  });
  await clock.advance(999);
  expect([isClosed, client.state.status]).toEqual([false, 'closed']);
  await clock.advance(1);
  expect([isClosed, clock.timers]).toEqual([true, 0]);
});

test('everybody hears of each state once and in order, although the first one closes the client (I5)', async () => {
  const told: string[] = [];
  const { client, far, clock } = await connectScripted();
  client.on('state', ({ status }) => {
    if (status === 'reconnecting') void client.close();
  });
  client.on('state', (now: State, before: State) => told.push(`${before.status} > ${now.status}`));
  far.last.drop();
  await clock.advance(60_000);
  expect(told).toEqual(['connected > reconnecting', 'reconnecting > closed']);
  expect(far.attempts).toHaveLength(1);
});
