import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { networkParts } from '../../../src/server/http/network';
import { sendParts } from '../../../src/server/listeners/long-answer';
import { createTurns } from '../../helpers/turns';
import { createVirtualClock } from '../../helpers/virtual-clock';

/** A response that takes what it gets, or nothing; each part costs 1 ms. */
function open(count: number, takes: boolean) {
  const [turns, clock, events] = [createTurns(), createVirtualClock(), new EventEmitter()];
  const written: string[] = [];
  let [hasEnded, made] = [false, 0];
  const response = Object.assign(events, {
    destroyed: false,
    write(text: string): boolean {
      written.push(text);
      return takes;
    },
    end(text: string): void {
      written.push(text);
      hasEnded = true;
    },
    destroy(): void {
      Object.assign(response, { destroyed: true });
      events.emit('close');
    },
  });
  function* parts(): Generator<string, void> {
    for (; made < count; made++) {
      turns.pass(1);
      yield `${made},`;
    }
  }
  sendParts(parts(), Object.assign(response), { clock, limits: { writeDeadline: 10_000 }, scheduler: turns.scheduler });
  return {
    ...{ turns, clock, response, written },
    get hasEnded() {
      return hasEnded;
    },
    get made() {
      return made;
    },
  };
}

test('A long answer is made in slices of 8 ms', () => {
  const long = open(100, true);
  expect(long.hasEnded).toBe(false);
  expect(Math.max(...long.turns.rest())).toBe(8);
  expect([long.hasEnded, long.written.join('')]).toEqual([
    true,
    Array.from({ length: 100 }, (_, index) => `${index},`).join(''),
  ]);
});

test('No more of a long answer is made than its reader takes, and one who takes nothing for 10 s is cut', async () => {
  const { turns, clock, response, written, ...long } = open(1_000_000, false);
  turns.rest();
  expect(written).toHaveLength(1);
  response.emit('drain');
  turns.rest();
  expect(written).toHaveLength(2);
  await clock.advance(9_999);
  expect(response.destroyed).toBe(false);
  await clock.advance(1);
  expect([response.destroyed, long.hasEnded, clock.timers]).toEqual([true, false, 0]);
});

test('A network becomes the same JSON part by part', () => {
  const network = {
    ...{ clients: ['a', 'b"'], channels: ['x', 'y'] },
    subscribersOf: (channel: string) => (channel === 'x' ? ['a', 'b"'] : ['a']),
  };
  expect(JSON.parse([...networkParts(network)].join(''))).toEqual({
    nodes: [
      { id: 'a', type: 'client' },
      { id: 'b"', type: 'client' },
      { id: 'x', type: 'channel' },
      { id: 'y', type: 'channel' },
    ],
    links: [
      { source: 'a', target: 'x' },
      { source: 'b"', target: 'x' },
      { source: 'a', target: 'y' },
    ],
  });
  expect([...networkParts({ clients: [], channels: [], subscribersOf: () => [] })].join('')).toBe(
    '{"nodes":[],"links":[]}\n',
  );
});
