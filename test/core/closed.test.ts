import { expect, test } from 'vitest';
import { type Channel, type Client, isOocsiError, type State } from '../../src/index';
import { connectScripted } from '../helpers/scripted-client';

type Verbs = Readonly<Record<string, () => unknown>>;
const nothing = (): void => {};

/** What each verb of a channel of a closed client comes to. */
const common = (channel: Channel): Readonly<Record<string, Verbs>> => ({
  dropped: { send: () => channel.send({ n: 1 }), later: () => channel.send({ n: 1 }, { delay: 1 }) },
  inert: {
    subscribe: () => channel.subscribe(nothing),
    register: () => channel.register('mix', () => ({})),
  },
  rejected: {
    'send with ack': () => channel.send({ n: 1 }, { ack: true }),
    next: () => channel.next(),
    call: () => channel.call('mix'),
    members: () => channel.members(),
  },
  thrown: {
    messages: () => channel.messages(),
    variable: () => channel.variable('hue'),
    callAll: () => channel.callAll('mix'),
    presence: () => channel.presence(),
  },
});

/** The same of the client itself. */
const all = (client: Client): Readonly<Record<string, Verbs>> => ({
  dropped: { send: () => client.send('colour', { n: 1 }), later: () => client.send('colour', { n: 1 }, { delay: 1 }) },
  inert: {
    on: () => client.on('dropped', nothing),
    subscribe: () => client.subscribe('colour', nothing),
    'subscribe to its handle': () => client.subscribe(nothing),
    register: () => client.register('colour', 'mix', () => ({})),
  },
  rejected: {
    'send with ack': () => client.send('colour', { n: 1 }, { ack: true }),
    next: () => client.next('colour'),
    call: () => client.call('colour', 'mix'),
    members: () => client.members('colour'),
    clients: () => client.clients(),
    channels: () => client.channels(),
    flush: () => client.flush(),
  },
  thrown: {
    messages: () => client.messages('colour'),
    variable: () => client.variable('colour', 'hue'),
    callAll: () => client.callAll('colour', 'mix'),
    presence: () => client.presence('colour'),
    channel: () => client.channel('colour'),
  },
});

/** What running a verb comes to, in one word. */
async function outcome(run: () => unknown): Promise<string> {
  let given: unknown;
  try {
    given = run();
  } catch (error) {
    return `thrown ${isOocsiError(error) && error.code}`;
  }
  if (typeof given === 'string') return given;
  if (typeof given === 'function') return `inert ${given()}`;
  return Promise.resolve(given).then(
    () => 'fulfilled',
    (error) => `rejected ${error.code}`,
  );
}

const expected = new Map([
  ['dropped', 'dropped'],
  ['inert', 'inert undefined'],
  ['rejected', 'rejected closed'],
  ['thrown', 'thrown closed'],
]);

test.each(['web', 'line'] as const)('every verb of a closed client keeps one rule, over %s (I5)', async (at) => {
  const { client, far, clock, close } = await connectScripted({}, at);
  const colour = client.channel('colour');
  const dropped: unknown[] = [];
  client.on('dropped', ({ recipient }, reason) => dropped.push([recipient, reason]));
  await close();
  const sent = [...far.last.sent];
  for (const [of, kinds] of [
    [client, all(client)],
    [colour, common(colour)],
  ] as const) {
    const verbs = Object.entries(kinds).flatMap(([kind, some]) =>
      Object.entries(some).map((verb) => [kind, ...verb] as const),
    );
    const known = new Set([...verbs.map(([, name]) => name), 'handle', 'state', 'closed', 'close', 'name']);
    expect(Object.keys(of).filter((key) => !known.has(key))).toEqual([]);
    for (const [kind, name, run] of verbs) expect([name, await outcome(run)]).toEqual([name, expected.get(kind)]);
  }
  expect(dropped).toEqual(Array.from({ length: 4 }, () => ['colour', 'closed']));
  expect([far.last.sent, clock.timers]).toEqual([sent, 0]);
  await Promise.all([client.close(), client.close(), client[Symbol.asyncDispose]()]);
  expect(client.state).toEqual({ status: 'closed' });
});

test('wrong use of a closed client is wrong use all the same', async () => {
  const { client, close } = await connectScripted();
  await close();
  expect(() => client.send('two words', {})).toThrow(TypeError);
  expect(() => client.subscribe('two words', nothing)).toThrow(TypeError);
});

test.each(['state', 'closed'] as const)('the rule counts from the event on that says so (%s)', async (how) => {
  const { client, close } = await connectScripted();
  const said: unknown[] = [];
  client.on('dropped', (_message, reason) => said.push(reason));
  const then = (): void => void said.push(client.send('colour', {}), client.subscribe('colour', nothing)());
  if (how === 'state') client.on('state', ({ status }) => status === 'closed' && then());
  else void client.closed.then(then);
  await close();
  await client.closed;
  expect(said).toEqual(['closed', 'dropped', undefined]);
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

test.each(['web', 'line'] as const)(
  'What was made before ends, and says that the client was closed (%s)',
  async (dialect) => {
    const { client, close } = await connectScripted({}, dialect);
    const presence = client.presence('room');
    const hue = client.variable('colour', 'hue', { initial: 1 });
    const unset = client.variable('colour', 'unset');
    await close();
    for (const made of [presence, unset]) {
      expect(await made[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
    }
    const values: unknown[] = [];
    for await (const value of hue) values.push(value);
    expect(values).toEqual([1]);
    expect(() => hue.set(2)).toThrow(expect.objectContaining({ code: 'closed', message: 'Closed: connect again.' }));
  },
);
