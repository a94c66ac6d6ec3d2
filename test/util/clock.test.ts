import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createClient } from '../../src/index';
import { createScriptedAdapter } from '../../src/testing/index';
import { systemClock } from '../../src/util/clock';

const day = 24 * 60 * 60 * 1_000;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("the machine's clock", () => {
  test('never calls before the time is over, although timers of Node come up to 1 ms early', () => {
    let time = 1_000.9;
    const timers: { task: () => void; ms: number }[] = [];
    vi.spyOn(performance, 'now').mockImplementation(() => time);
    vi.spyOn(globalThis, 'setTimeout').mockImplementation((task, ms = 0) => {
      timers.push({ task: () => task(), ms });
      return Object(0);
    });
    let called = 0;
    systemClock.after(10, () => {
      called = time;
    });
    expect(timers[0]?.ms).toBe(10);
    time = 1_010.1;
    timers[0]?.task();
    expect([called, timers[1]?.ms]).toEqual([0, 1]);
    time = 1_011.1;
    timers[1]?.task();
    expect(called).toBe(1_011.1);
  });

  test('is not misled by a time of day that is set while a timer runs', () => {
    vi.useFakeTimers();
    const called: string[] = [];
    systemClock.after(1_000, () => called.push('then'));
    vi.advanceTimersByTime(500);
    vi.setSystemTime(Date.now() - 3_600_000);
    vi.advanceTimersByTime(499);
    expect(called).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(called).toEqual(['then']);
  });

  test.each([24, 25, 30, 400])('calls after %i days, and not before', (days) => {
    vi.useFakeTimers();
    let called = 0;
    systemClock.after(days * day, () => called++);
    vi.advanceTimersByTime(days * day - 1);
    expect(called).toBe(0);
    vi.advanceTimersByTime(1);
    expect(called).toBe(1);
  });

  test('can be told not to call, also after 25 days of 30, and never calls after Infinity', () => {
    vi.useFakeTimers();
    let called = 0;
    const cancel = systemClock.after(30 * day, () => called++);
    systemClock.after(Infinity, () => called++);
    vi.advanceTimersByTime(25 * day);
    cancel();
    vi.advanceTimersByTime(10 * day);
    expect([called, vi.getTimerCount()]).toEqual([0, 0]);
  });
});

describe('a client that is told to wait for 30 days', () => {
  beforeEach(() => void vi.useFakeTimers());

  const wait = 30 * day;
  /** One that waits for its first connection, so that nothing happens again and again. */
  function open(lostAfter = Infinity) {
    const told: unknown[] = [];
    const client = createClient(createScriptedAdapter(), {
      ...{ handle: 'lamp', timeout: Infinity, lostAfter, outbox: { ttl: wait } },
      on: { lost: () => told.push('lost'), dropped: (_message, reason) => told.push(reason) },
    });
    return { client, told, fail: ({ code }: { readonly code: string }): unknown => told.push(code) };
  }

  /** Waits, and gives what was told at the last moment, and not before. */
  async function toldAtLast({ client, told }: ReturnType<typeof open>): Promise<unknown[]> {
    await vi.advanceTimersByTimeAsync(wait - 1);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    const atLast = [...told];
    const closed = client.close();
    await vi.advanceTimersByTimeAsync(1_000);
    await closed;
    return atLast;
  }

  test('tells `lost` then', async () => {
    expect(await toldAtLast(open(wait))).toEqual(['lost']);
  });

  test('gives up then what waits in its outbox', async () => {
    const world = open();
    world.client.send('colour', { n: 1 });
    expect(await toldAtLast(world)).toEqual(['expired']);
  });

  test.each([
    ['delay', () => ({ delay: wait / 1_000 })],
    ['schedule', () => ({ schedule: new Date(Date.now() + wait) })],
  ] as const)('sends then by `%s`', async (_option, timing) => {
    const world = open();
    world.client.send('colour', { n: 1 }, { ...timing(), whenOffline: 'drop' });
    expect(await toldAtLast(world)).toEqual(['offline']);
  });

  test('ends calls, loops and whatever else waits then', async () => {
    const world = open();
    const { client, told, fail } = world;
    client.call('dice', 'roll', {}, { timeout: wait }).catch(fail);
    client.next('colour', { timeout: wait }).catch(fail);
    client.send('colour', {}, { ack: { timeout: wait } }).catch(fail);
    const answers = client.callAll('dice', 'roll', {}, { timeout: wait });
    // There is no connection, and it says so.
    answers.next().then(({ done }) => told.push(done), fail);
    expect((await toldAtLast(world)).sort()).toEqual(['timeout', 'timeout', 'timeout', 'timeout']);
  });

  test('forgets the value of a variable then', async () => {
    const world = open();
    const variable = world.client.variable('colour', 'n', { initial: 0, reference: 1, expire: wait });
    variable.subscribe((value) => value === 1 && world.told.push(value));
    expect(await toldAtLast(world)).toEqual([1]);
  });
});
