import { expect, test } from 'vitest';
import { readLimits, type ServerLimits } from '../../../src/server/config/limits';
import { Backpressure, type Source } from '../../../src/server/flow/backpressure';
import { OutboundQueue } from '../../../src/server/flow/outbound-queue';
import { pieceSize } from '../../../src/server/flow/pieces';
import { createTurn } from '../../../src/server/flow/turn';
import { memoryInUse } from '../../helpers/heap';
import { createVirtualClock } from '../../helpers/virtual-clock';

const limits = readLimits();
const { stall: fullAt, queue: waitingAtMost } = limits;
const kilobyte = 'x'.repeat(1_024);

/** A queue with a socket that takes what it is told to, and a writer. */
function openQueue(given: Partial<ServerLimits> = {}) {
  const clock = createVirtualClock();
  const backpressure = new Backpressure({ clock, limits: readLimits(given) });
  let [room, left, ended, isDestroyed] = [0, '', 0, false];
  let stuck: { readonly bytes: Uint8Array; readonly taken: () => void } | undefined;
  const outlet = {
    get writable() {
      return !isDestroyed;
    },
    get writableLength() {
      return stuck?.bytes.length ?? 0;
    },
    write(bytes: Uint8Array, taken: () => void) {
      if (stuck) throw new Error('written to a socket that has not taken the last piece');
      stuck = { bytes, taken };
      move();
    },
    destroy() {
      isDestroyed = true;
    },
  };

  function move(): void {
    if (!stuck || stuck.bytes.length > room) return;
    const { bytes, taken } = stuck;
    room -= bytes.length;
    left += Buffer.from(bytes).toString();
    stuck = undefined;
    queueMicrotask(taken);
  }

  const turn = createTurn((frames) => {
    const bytes = Buffer.from(frames.join(''));
    return Array.from({ length: Math.ceil(bytes.length / pieceSize) }, (_, index) =>
      bytes.subarray(index * pieceSize, (index + 1) * pieceSize),
    );
  }, backpressure.flushes);
  const queue = new OutboundQueue(outlet, turn, backpressure, () => ended++);
  let holds = 0;
  const writer: Source = { hold: () => holds++, release: () => holds-- };
  return {
    clock,
    queue,
    get isHeld() {
      return holds > 0;
    },
    get left() {
      return left;
    },
    get ended() {
      return ended;
    },
    /** Lets the writer send `count` frames of 1 KiB. */
    async write(count: number) {
      backpressure.beginWork(writer);
      for (let index = 0; index < count; index++) queue.send(kilobyte);
      backpressure.endWork();
      await clock.advance(0);
    },
    async say(...frames: string[]) {
      for (const frame of frames) queue.send(frame);
      await clock.advance(0);
    },
    /** Lets the socket take so many bytes more. */
    async take(bytes: number) {
      room += bytes;
      for (let before = -1; before !== room; ) {
        before = room;
        move();
        await clock.advance(0);
      }
    },
  };
}

test('What the socket does not take at once leaves later, complete and in order', async () => {
  const world = openQueue();
  const frames = Array.from({ length: 1_000 }, (_, index) => `${index}${'.'.repeat(index)}\n`);
  for (const frame of frames) await world.say(frame);
  expect(world.queue.buffered).toBe(frames.join('').length);
  world.queue.close();
  expect(world.ended).toBe(0);
  while (world.queue.buffered > 0) await world.take(7_001);
  expect(world.left).toBe(frames.join(''));
  expect(world.ended).toBe(1);
  expect(world.clock.timers).toBe(0);
});

test('Who writes to a full receiver waits until there is room', async () => {
  const world = openQueue();
  await world.write(255);
  expect(world.isHeld).toBe(false);
  await world.write(200);
  expect(world.isHeld).toBe(true);
  await world.take(100 * 1_024);
  expect(world.isHeld).toBe(true);
  await world.take(300 * 1_024);
  expect(world.isHeld).toBe(false);
  expect(world.queue.error).toBeUndefined();
});

test('Who writes to a full receiver waits for 100 ms at most', async () => {
  const world = openQueue();
  await world.write(600);
  await world.clock.advance(99);
  expect(world.isHeld).toBe(true);
  await world.clock.advance(2);
  expect(world.isHeld).toBe(false);
  expect(world.queue.error).toBeUndefined();
});

test('Who writes no faster than the server can bear waits for nobody', async () => {
  const world = openQueue();
  for (let kilobytes = 0; kilobytes < 1_000; kilobytes += 2) {
    await world.write(2);
    await world.clock.advance(1);
    expect(world.isHeld).toBe(false);
  }
  expect(world.queue.error).toBeUndefined();
});

test('A receiver for which more than 1 MiB waits after 100 ms is cut, and its writers go on', async () => {
  const world = openQueue();
  await world.write(1_100);
  expect(world.isHeld).toBe(true);
  await world.clock.advance(99);
  expect(world.queue.error).toBeUndefined();
  await world.clock.advance(2);
  expect(world.queue.error?.message).toBe(
    'did not keep up with what was sent to it, with 1126400 bytes waiting for it',
  );
  expect(world.isHeld).toBe(false);
  world.queue.drop();
  expect(world.clock.timers).toBe(0);
});

test('A receiver that gets below 1 MiB within 100 ms is not cut', async () => {
  const world = openQueue();
  await world.write(1_100);
  await world.clock.advance(90);
  await world.take(130 * 1_024);
  await world.clock.advance(1_000);
  expect(world.queue.error).toBeUndefined();
  expect(world.isHeld).toBe(false);
});

test('A receiver that took something while this program was busy is not cut', async () => {
  const world = openQueue();
  await world.write(1_100);
  await world.clock.advance(100);
  await world.take(130 * 1_024);
  await world.clock.advance(1_000);
  expect(world.queue.error).toBeUndefined();
});

test('A receiver that has taken nothing for long costs its writers 3 ms at the end', async () => {
  const world = openQueue();
  for (let kilobytes = 0; kilobytes < 1_024; kilobytes++) {
    await world.write(1);
    await world.clock.advance(2);
  }
  await world.write(2);
  expect(world.isHeld).toBe(true);
  await world.clock.advance(3);
  expect(world.isHeld).toBe(false);
  expect(world.queue.error).toBeDefined();
  // Its socket takes a moment to close; nobody is to wait for that.
  await world.write(2);
  expect(world.isHeld).toBe(false);
});

test('A receiver that takes no byte for 10 s is cut, however little waits', async () => {
  const world = openQueue();
  await world.say('lamp');
  await world.clock.advance(9_000);
  await world.say('on');
  expect(world.queue.error).toBeUndefined();
  await world.clock.advance(1_000);
  expect(world.queue.error?.message).toBe('took nothing for 10 s, with 6 bytes waiting for it');
  world.queue.drop();
  expect(world.clock.timers).toBe(0);
});

test('A receiver that takes a little now and then is not cut', async () => {
  const world = openQueue();
  await world.write(200);
  for (let time = 0; time < 4; time++) {
    await world.clock.advance(9_000);
    await world.take(64 * 1_024);
  }
  expect(world.queue.buffered).toBe(0);
  expect(world.queue.error).toBeUndefined();
  expect(world.clock.timers).toBe(0);
});

test('What waits takes little more memory than its bytes, also when it came one by one', async () => {
  const count = 10;
  const worlds = Array.from({ length: count }, () => openQueue());
  const before = await memoryInUse();
  for (let index = 0; index < 13_000; index++) {
    for (const { queue } of worlds)
      queue.send(`{"i":${index},"recipient":"channel","timestamp":1000000,"sender":"sender"}\n`);
    await Promise.resolve();
  }
  expect(((await memoryInUse()) - before) / count).toBeLessThan(1.5 * 2 ** 20);
  for (const { queue } of worlds) expect(queue.buffered).toBeGreaterThan(900_000);
});

test.each([
  ['less may wait than holds up its writers', { queue: 100_000 }],
  ['nobody is to be held up', { queue: 100_000, stall: Number.POSITIVE_INFINITY }],
])('A receiver is cut for what may wait, also when %s', async (_what, given) => {
  const world = openQueue(given);
  await world.write(97);
  await world.clock.advance(1_000);
  expect(world.queue.error).toBeUndefined();
  await world.write(3);
  await world.clock.advance(1_000);
  expect(world.queue.error?.message).toMatch(/^did not keep up with what was sent to it, with 102400 bytes/);
});

test('A receiver to whom very many write at once is cut before it takes all memory', async () => {
  const world = openQueue({ queue: 10_000 });
  await world.say(...Array.from({ length: 2_000 }, () => kilobyte));
  expect(world.queue.error).toBeUndefined();
  await world.say(...Array.from({ length: 2_000 }, () => kilobyte));
  expect(world.queue.error?.waiting).toBeLessThan(257 * 10_000);
});

test('The marks are those that are documented', () => {
  expect([fullAt, waitingAtMost]).toEqual([256 * 1_024, 1_024 * 1_024]);
});
