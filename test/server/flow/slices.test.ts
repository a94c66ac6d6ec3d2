import { expect, test } from 'vitest';
import { readAccounts } from '../../../src/server/admission/accounts';
import { ChannelDelivery } from '../../../src/server/broker/channel-delivery';
import { assembleBroker } from '../../../src/server/broker/server-broker';
import { readLimits } from '../../../src/server/config/limits';
import { createCounts } from '../../../src/server/config/stats';
import { createServerEvents } from '../../../src/server/domain/events';
import { createTurns } from '../../helpers/turns';
import { createVirtualClock } from '../../helpers/virtual-clock';

/** A broker that has its time from `turns`; whatever a client is told takes 1 ms of it. */
function openBroker() {
  const turns = createTurns();
  const clock = createVirtualClock();
  const { broker } = assembleBroker({
    clock,
    accounts: readAccounts([]),
    limits: readLimits({ idle: Number.POSITIVE_INFINITY }),
    events: createServerEvents(),
    counts: createCounts(),
    delivery: new ChannelDelivery(),
    fairScheduler: turns.scheduler,
  });
  const order: string[] = [];
  function enter(handle: string, canBeHeld = true) {
    let holds = 0;
    const heard: string[] = [];
    const link = {
      send(frame: string) {
        if (frame === 'ping\n') return;
        heard.push(frame);
        order.push(`${handle} ${/"n":(\d+)/.exec(frame)?.[1]}`);
        turns.pass(1);
      },
      close() {},
      buffered: 0,
    };
    const peer = { hold: () => void holds++, release: () => void holds-- };
    const events = broker.accept(link, 'line', canBeHeld ? peer : {});
    events.frame(`${handle}(JSON)`);
    return {
      heard,
      get isHeld() {
        return holds > 0;
      },
      say: (...frames: string[]) => frames.forEach(events.frame),
      leave: () => events.close(),
    };
  }
  const enterMany = (count: number, name: string) => Array.from({ length: count }, (_, n) => enter(`${name}${n}`));
  return {
    ...{ turns, clock, broker, enter, enterMany, order },
    /** Everything so far is done and forgotten. */
    forget() {
      turns.rest();
      order.length = 0;
    },
  };
}

const longest = (times: readonly number[]): number => Math.max(...times);

test('Who is present is told to very many in slices of 8 ms, each who watches once in a period', async () => {
  const { turns, clock, enterMany, forget, order } = openBroker();
  const clients = enterMany(40, 'c');
  for (const client of clients)
    for (let n = 0; n < 10; n++) client.say(`subscribe room${n}`, `subscribe presence(room${n})`);
  forget();
  await clock.advance(5_000);
  const now = order.length;
  expect(now).toBe(8);
  // The period after begins only when all of this one are told.
  await clock.advance(5_000);
  const times = turns.rest();
  expect([longest(times), now + times.reduce((sum, ms) => sum + ms, 0)]).toEqual([8, 400]);
});

test('Nobody is told of a presence from before a change behind that change', async () => {
  const { turns, clock, enter, enterMany, forget } = openBroker();
  const watchers = enterMany(20, 'w');
  for (const watcher of watchers) watcher.say('subscribe presence(room)');
  forget();
  await clock.advance(5_000);
  for (const { heard } of watchers) heard.length = 0;
  enter('late').say('subscribe room');
  turns.rest();
  for (const { heard } of watchers) {
    expect(heard[0]).toContain('"join":"late"');
    for (const refresh of heard.slice(1)) expect(refresh).toContain('"refresh":["late"]');
  }
});

test('Reports to very many take slices of 8 ms', async () => {
  const { turns, clock, enterMany, forget, order } = openBroker();
  for (const client of enterMany(20, 'c')) for (let n = 0; n < 10; n++) client.say(`subscribe room${n}/?`);
  forget();
  await clock.advance(1_000);
  expect(order).toHaveLength(8);
  expect([longest(turns.rest()), order.length]).toEqual([8, 200]);
});

test('A message to very many with functions takes slices of 8 ms, and its sender waits', () => {
  const { turns, enter, enterMany, forget, order } = openBroker();
  const members = enterMany(100, 'm');
  for (const member of members) member.say('subscribe room[filter(n > 0)]');
  const sender = enter('sender');
  forget();
  sender.say('sendraw room {"n":1}');
  expect([sender.isHeld, order.length]).toEqual([true, 8]);
  const times = turns.rest();
  expect([sender.isHeld, longest(times), order.length]).toEqual([false, 8, 100]);
});

test('Messages of several senders come to all members with functions in one order', () => {
  const { turns, enter, enterMany, forget, order } = openBroker();
  for (const member of enterMany(20, 'm')) member.say('subscribe room[filter(n > 0)]');
  const [a, b] = [enter('a'), enter('b')];
  forget();
  a.say('sendraw room {"n":1}');
  b.say('sendraw room {"n":2}');
  expect([a.isHeld, b.isHeld]).toEqual([true, true]);
  turns.rest();
  expect([a.isHeld, b.isHeld]).toEqual([false, false]);
  const expected = [1, 2].flatMap((n) => Array.from({ length: 20 }, (_, index) => `m${index} ${n}`));
  expect(order).toEqual(expected);
});

test('Who joins or leaves while a message to members with functions is on its way does not get it', () => {
  const { turns, enter, enterMany, forget } = openBroker();
  const members = enterMany(20, 'm');
  for (const member of members) member.say('subscribe room[filter(n > 0)]');
  const sender = enter('sender');
  forget();
  for (const { heard } of members) heard.length = 0;
  sender.say('sendraw room {"n":1}');
  const late = enter('late');
  late.say('subscribe room[filter(n > 0)]');
  members[18]?.say('unsubscribe room');
  members[19]?.leave();
  turns.rest();
  expect(late.heard.filter((frame) => frame.includes('"n"'))).toEqual([]);
  expect(members.map(({ heard }) => heard.length)).toEqual([...Array.from({ length: 18 }, () => 1), 0, 0]);
});

test('Of senders that cannot be held, so many messages wait for one channel at most', () => {
  const { turns, enter, enterMany, forget, order, broker } = openBroker();
  for (const member of enterMany(20, 'm')) member.say('subscribe room[filter(n > 0)]');
  const sender = enter('sender', false);
  forget();
  sender.heard.length = 0;
  for (let n = 1; n <= 257; n++) sender.say(`sendraw room {"n":${n}}`);
  expect(sender.heard).toEqual(['error (too much is sent to room: try again later)\n']);
  turns.rest();
  expect([order.filter((told) => told.startsWith('m')).length, broker.stats().dropped]).toEqual([256 * 20, 1]);
});
