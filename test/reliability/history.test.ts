import { expect, test } from 'vitest';
import { type Entry, judge, type Verdict } from '../kit/history';

const publish = (n: number): Entry => ({ type: 'publish', sender: 's', n });
const ack = (n: number): Entry => ({ type: 'ack', sender: 's', n });
const drop = (n: number): Entry => ({ type: 'drop', sender: 's', n });
const deliver = (n: number): Entry => ({ type: 'deliver', sender: 's', n, receiver: 'r' });
const sound: Entry[] = [publish(1), publish(2), publish(3), drop(3), deliver(1), deliver(2), ack(1), ack(2)];

test('a sound history has nothing wrong with it', () => {
  expect(Object.values(judge(sound, ['r'])).flat()).toEqual([]);
});

test.each([
  ['lostAfterAck', [publish(1), ack(1)]],
  ['unaccounted', [publish(1)]],
  ['duplicated', [publish(1), deliver(1), deliver(1)]],
  ['outOfOrder', [publish(1), publish(2), deliver(2), deliver(1)]],
  ['phantom', [deliver(1)]],
  ['afterClose', [publish(1), { type: 'close', receiver: 'r' }, deliver(1)]],
] satisfies [keyof Verdict, Entry[]][])('a history with %s is told apart', (fault, history) => {
  const verdict = judge(history, ['r']);
  expect(verdict[fault]).toHaveLength(1);
  expect(Object.entries(verdict).filter(([, found]) => found.length > 0)).toHaveLength(1);
});
