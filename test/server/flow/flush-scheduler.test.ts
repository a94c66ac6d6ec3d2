import { expect, test } from 'vitest';
import { type Collector, FlushScheduler } from '../../../src/server/flow/flush-scheduler';
import { systemClock } from '../../../src/util/clock';
import { dialTcp, until } from '../../helpers/raw';
import { dataOf, openWorld, say } from '../../helpers/world';

/** Collectors whose flush takes 1 ms, on a clock that goes on by nothing else. */
function openFlushScheduler() {
  let now = 0;
  const turns: (() => void)[] = [];
  const left: string[] = [];
  return {
    flushes: new FlushScheduler({ monotonic: () => now }, (task) => turns.push(task)),
    left,
    group: (name: string, size: number): Collector[] =>
      Array.from({ length: size }, (_, index) => ({
        flush() {
          left.push(`${name}${index}`);
          now++;
        },
      })),
    /** Gives what left in that turn. */
    nextTurn() {
      left.length = 0;
      turns.shift()?.();
      return left.length;
    },
    get turns() {
      return turns.length;
    },
  };
}

test('A large group leaves in order, 8 ms in a turn', () => {
  const { flushes, left, group, nextTurn } = openFlushScheduler();
  flushes.flush(group('a', 20));
  expect(left).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7']);
  expect([nextTurn(), nextTurn(), nextTurn()]).toEqual([8, 4, 0]);
});

test('Few do not wait behind a large group', () => {
  const { flushes, left, group, nextTurn } = openFlushScheduler();
  flushes.flush(group('a', 17));
  left.length = 0;
  flushes.flush(group('b', 16));
  expect(left).toHaveLength(16);
  expect(nextTurn()).toBe(8);
});

test('Large groups leave one after the other, and share the time of a turn', () => {
  const { flushes, left, group, nextTurn } = openFlushScheduler();
  flushes.flush(group('a', 20));
  flushes.flush(group('b', 20));
  expect(left).toHaveLength(8);
  nextTurn();
  nextTurn();
  expect(left).toEqual(['a16', 'a17', 'a18', 'a19', 'b0', 'b1', 'b2', 'b3']);
});

test('Who waits already and collects more leaves once, in his place', () => {
  const { flushes, left, group, nextTurn } = openFlushScheduler();
  const members = group('a', 20);
  flushes.flush(members);
  flushes.flush(members);
  nextTurn();
  nextTurn();
  expect(left.slice(0, 4)).toEqual(['a16', 'a17', 'a18', 'a19']);
  expect(nextTurn()).toBe(4);
  expect(nextTurn()).toBe(0);
});

test('When nobody waits, nothing is planned', () => {
  const world = openFlushScheduler();
  world.flushes.flush(world.group('a', 3));
  expect(world.turns).toBe(0);
  world.flushes.flush(world.group('b', 20));
  for (const expected of [1, 1, 1, 0]) {
    expect(world.turns).toBe(expected);
    world.nextTurn();
  }
});

test('Who ends its side while it waits behind a large group gets what it was sent and what it asked for', async () => {
  let [now, step] = [1_000_000, 0];
  const clock = {
    ...systemClock,
    monotonic() {
      now += step;
      return now;
    },
  };
  const world = await openWorld({ clock });
  for (let index = 0; index < 100; index++) await say(await world.line(`member${index}`), 'subscribe room');
  const leaving = await dialTcp(world.server.tcpPort ?? 0, { allowHalfOpen: true });
  await say(leaving, 'leaving(JSON)', 'subscribe room');
  const sender = await world.line('sender');
  await leaving.heard();
  // From now on, a turn has time for one write.
  step = 5;
  sender.say('sendraw room {"n":1}');
  await until(() => world.server.stats().messagesOut === 101, 'it is sent');
  leaving.say('ping');
  await leaving.leave();
  const heard = await leaving.closed();
  expect(dataOf(heard)).toEqual([{ n: 1 }]);
  expect(heard.at(-1)).toBe('.');
});
