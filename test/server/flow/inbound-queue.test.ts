import { expect, test } from 'vitest';
import { readLimits } from '../../../src/server/config/limits';
import { Backpressure } from '../../../src/server/flow/backpressure';
import { InboundQueue } from '../../../src/server/flow/inbound-queue';
import { systemClock } from '../../../src/util/clock';
import { createVirtualClock } from '../../helpers/virtual-clock';
import { openWorld } from '../../helpers/world';

test('A source that is held hands over nothing until everybody has released it', async () => {
  const frames = [1, 2, 3, 4, 5, 6];
  const seen: unknown[] = [];
  const inlet = { pause: () => seen.push('pause'), resume: () => seen.push('resume') };
  const source: InboundQueue = new InboundQueue(
    inlet,
    new Backpressure({ clock: createVirtualClock(), limits: readLimits() }),
    () => {
      const frame = frames.shift();
      if (frame === undefined) return false;
      seen.push(frame);
      if (frame === 2) source.hold();
      if (frame === 2) source.hold();
      if (frame === 4) source.hold();
      return true;
    },
  );
  source.run();
  source.run();
  expect(seen.splice(0)).toEqual([1, 2, 'pause']);
  source.release();
  await Promise.resolve();
  expect(seen.splice(0)).toEqual([]);
  source.release();
  await Promise.resolve();
  expect(seen.splice(0)).toEqual([3, 4, 'pause']);
  source.release();
  await Promise.resolve();
  expect(seen.splice(0)).toEqual([5, 6, 'resume']);
});

test('A client that asks for far more than it can take at once gets all of it, as it reads', async () => {
  const world = await openWorld({ clock: systemClock });
  const alice = await world.line('alice');
  alice.say(...Array.from({ length: 500 }, (_, index) => `subscribe ${'c'.repeat(100)}${index}`));
  await alice.settled();
  alice.say(...Array.from({ length: 600 }, () => 'channels'));
  expect(await alice.heard()).toHaveLength(600);
});
