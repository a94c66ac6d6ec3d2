import { describe, expect, test } from 'vitest';
import { createVirtualClock } from '../../src/testing/index';
import { createRandom } from '../kit/random';
import { createFlow, type Toxics } from '../kit/toxics';

/** One direction of a connection, in a time that goes on when the test says so. */
function scene(toxics: Toxics, way: 'up' | 'down' = 'down') {
  const clock = createVirtualClock();
  const began = clock.now();
  const events: [at: number, what: string][] = [];
  const tell = (what: string): void => void events.push([Math.round(clock.now() - began), what]);
  const told = { pass: (chunk: Buffer) => tell(String(chunk)), broken: tell, note: tell };
  const flow = createFlow(way, toxics, createRandom(7), told, clock);
  const take = (...texts: string[]): void => {
    for (const text of texts) flow.take(Buffer.from(text));
  };
  return { clock, flow, take, events, end: () => flow.end(() => tell('end')) };
}

describe('a flow', () => {
  test('without toxics passes at once what it takes', () => {
    const { take, end, events } = scene({});
    take('a', 'b');
    end();
    expect(events).toEqual([
      [0, 'a'],
      [0, 'b'],
      [0, 'end'],
    ]);
  });

  test('has a latency, within its jitter', async () => {
    const { clock, take, events, end } = scene({ latency: { ms: 500, jitter: 400 } });
    for (let n = 0; n < 200; n++) {
      take(`${n}`);
      await clock.advance(50);
    }
    end();
    await clock.advance(1_000);
    expect(events.map(([, text]) => text)).toEqual([...Array.from({ length: 200 }, (_, n) => `${n}`), 'end']);
    const delays = events.slice(0, -1).map(([at], n) => at - n * 50);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...delays)).toBeLessThanOrEqual(900);
    expect(new Set(delays).size).toBeGreaterThan(50);
  });

  test('has a bandwidth, and says what waits', async () => {
    const { clock, flow, take, events } = scene({ bandwidth: 1_000 });
    take('x'.repeat(100), 'y'.repeat(50));
    expect(flow.waiting).toBe(150);
    await clock.advance(1_000);
    expect(events.map(([at, { length }]) => [at, length])).toEqual([
      [100, 100],
      [150, 50],
    ]);
    expect(flow.waiting).toBe(0);
  });

  test('cuts into pieces of 1 to so many bytes', () => {
    const { take, events } = scene({ slicer: 3 });
    take('x'.repeat(300));
    const sizes = events.map(([, { length }]) => length);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(300);
    expect(new Set(sizes)).toEqual(new Set([1, 2, 3]));
  });

  test('joins what comes within a time, and lets the end wait for it', async () => {
    const { clock, take, end, events, flow } = scene({ coalesce: 20 });
    take('a', 'b');
    await clock.advance(19);
    take('c');
    expect([events, flow.waiting]).toEqual([[], 3]);
    await clock.advance(1);
    take('d');
    end();
    await clock.advance(100);
    expect(events).toEqual([
      [20, 'abc'],
      [20, 'd'],
      [20, 'end'],
    ]);
  });

  test.each([
    ['up', 'up', 0],
    ['up', 'down', 2],
    ['down', 'up', 2],
    ['down', 'down', 0],
    ['both', 'up', 0],
    ['both', 'down', 0],
  ] as const)('with a black hole %s lets pass %s what it should', (blackhole, way, passed) => {
    const { take, end, events } = scene({ blackhole }, way);
    take('lost');
    end();
    const notes = events.filter(([, text]) => text.startsWith(way));
    expect(events.length - notes.length).toBe(passed);
    if (passed === 0) expect(notes.map(([, text]) => text)).toEqual([`${way}: 4 lost`, `${way}: end lost`]);
  });

  test('ends behind so many bytes, and lets these pass first', async () => {
    const { clock, take, events } = scene({ limitData: { down: 5 }, latency: { ms: 10 } });
    take('abc', 'defgh', 'ijk');
    await clock.advance(100);
    expect(events).toEqual([
      [10, 'abc'],
      [10, 'de'],
      [10, 'limitData'],
    ]);
  });

  test('dies early, after another number of bytes each time', () => {
    const random = createRandom(7);
    const ends: string[] = [];
    const lives = Array.from({ length: 50 }, () => {
      let passed = 0;
      const flow = createFlow('up', { killEvery: 9 }, random, {
        pass({ length }) {
          passed += length;
        },
        broken: (toxic) => ends.push(toxic),
        note: () => undefined,
      });
      flow.take(Buffer.from('x'.repeat(20)));
      return passed;
    });
    expect([Math.min(...lives), Math.max(...lives)]).toEqual([1, 9]);
    expect(ends).toEqual(lives.map(() => 'killEvery'));
  });

  test.each([1, 4, 5])('spoils byte %d and no other, wherever chunks end', (n) => {
    const { take, events } = scene({ corruptByte: n });
    take('aaa', 'aaa');
    const passed = events.map(([, text]) => text).filter((text) => !text.includes('spoilt'));
    const wrong = [...passed.join('')].flatMap((one, index) => (one === 'a' ? [] : [index + 1]));
    expect(wrong).toEqual([n]);
    expect(events.map(([, text]) => text)).toContain(`down: byte ${n} spoilt`);
  });

  test('tells the end late', async () => {
    const { clock, take, end, events } = scene({ slowClose: 50 });
    take('a');
    end();
    await clock.advance(100);
    expect(events).toEqual([
      [0, 'a'],
      [50, 'end'],
    ]);
  });

  test('that is stopped passes nothing more and leaves no timer', async () => {
    const { clock, flow, take, events } = scene({ latency: { ms: 10 }, coalesce: 5 });
    take('a');
    await clock.advance(5);
    take('b');
    flow.stop();
    take('c');
    expect(clock.timers).toBe(0);
    await clock.advance(100);
    expect(events).toEqual([]);
  });

  test('takes a toxic that comes later', async () => {
    const toxics: Toxics = {};
    const { clock, take, events } = scene(toxics);
    take('a');
    toxics.latency = { ms: 10 };
    take('b');
    delete toxics.latency;
    take('c');
    await clock.advance(100);
    // In order, so the last one waits for the one before.
    expect(events).toEqual([
      [0, 'a'],
      [10, 'b'],
      [10, 'c'],
    ]);
  });
});

test('a flow keeps its order when timers of the machine come late', async () => {
  const random = createRandom();
  console.log(`toxics: seed ${random.seed}`);
  for (let round = 0; round < 3; round++) {
    const got: number[] = [];
    let ended = (): void => {};
    const end = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const flow = createFlow('up', { latency: { ms: 5, jitter: 4 } }, random, {
      pass: (chunk) => void got.push(chunk.readUInt16BE(0)),
      broken: () => undefined,
      note: () => undefined,
    });
    for (let n = 0; n < 200; n++) {
      flow.take(Buffer.from([n >> 8, n & 255]));
      // The program is busy, so that its timers start at odd times.
      for (const until = performance.now() + random.next() * 1.5; performance.now() < until; );
      if (n % 7 === 0) await new Promise(setImmediate);
    }
    flow.end(ended);
    await end;
    expect(got).toEqual(Array.from({ length: 200 }, (_, n) => n));
  }
});
