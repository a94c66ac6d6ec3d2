import { describe, expect, test } from 'vitest';
import { type ClientOptions, createClient } from '../../../src/index';
import { createScriptedAdapter } from '../../helpers/script-link';
import { createVirtualClock } from '../../helpers/virtual-clock';

/** A client that has no connection yet, and what it tells. */
function scene(options: ClientOptions = {}) {
  const clock = createVirtualClock();
  const far = createScriptedAdapter();
  const dropped: unknown[] = [];
  const client = createClient(far, {
    handle: 'lamp',
    clock,
    timeout: 1e9,
    on: { dropped: ({ data }, reason) => dropped.push([data, reason]) },
    ...options,
  });
  return {
    client,
    clock,
    far,
    dropped,
    /** Welcomes the client, and gives what it then sent. */
    async welcome(): Promise<string[]> {
      // After a lost connection it takes a while until there is another attempt.
      await clock.advance(client.state.status === 'reconnecting' ? 20_000 : 0);
      await far.last.welcome();
      await clock.advance(0);
      return far.last.sent.filter((frame) => frame.startsWith('send'));
    },
  };
}

const sending = (...numbers: number[]): string[] => numbers.map((n) => `sendjson colour {"n":${n}}`);

describe('an outbox', () => {
  test('keeps the order, behind the subscriptions, and empties once', async () => {
    const { client, far, welcome, dropped } = scene();
    for (const n of [1, 2, 3]) expect(client.send('colour', { n })).toBe('queued');
    client.subscribe('colour', () => {});
    expect(await welcome()).toEqual(sending(1, 2, 3));
    expect(far.last.sent[1]).toBe('subscribe colour');
    far.last.drop();
    expect(await welcome()).toEqual([]);
    expect(dropped).toEqual([]);
  });

  test('lets the oldest go when too many wait', async () => {
    const { client, welcome, dropped } = scene({ outbox: { size: 2 } });
    for (const n of [1, 2, 3]) expect(client.send('colour', { n })).toBe('queued');
    expect(dropped).toEqual([[{ n: 1 }, 'overflow']]);
    expect(await welcome()).toEqual(sending(2, 3));
  });

  test('lets the oldest go when they are too large together, and what is too large alone', async () => {
    const { client, welcome, dropped } = scene({ outbox: { bytes: 20 } });
    for (const n of [1, 2, 3]) client.send('colour', { n });
    expect(dropped).toEqual([[{ n: 1 }, 'overflow']]);
    expect(client.send('colour', { text: 'as long as this one is' })).toBe('dropped');
    expect(await welcome()).toEqual([]);
    expect(dropped).toHaveLength(4);
  });

  test('lets go what has waited too long, when its time is over', async () => {
    const { client, clock, welcome, dropped } = scene({ outbox: { ttl: 50_000 } });
    client.send('colour', { n: 1 });
    await clock.advance(30_000);
    client.send('colour', { n: 2 });
    await clock.advance(19_999);
    expect(dropped).toEqual([]);
    await clock.advance(1);
    expect(dropped).toEqual([[{ n: 1 }, 'expired']]);
    expect(await welcome()).toEqual(sending(2));
    await clock.advance(60_000);
    expect(dropped).toHaveLength(1);
  });

  test('keeps the latest of each recipient and set of keys, if it is to', async () => {
    const { client, welcome, dropped } = scene();
    const latest = { whenOffline: 'latest' } as const;
    client.send('colour', { n: 1 }, latest);
    client.send('colour', { x: 1 }, latest);
    client.send('sound', { n: 1 }, latest);
    client.send('colour', { n: 2 }, latest);
    expect(dropped).toEqual([[{ n: 1 }, 'replaced']]);
    expect(await welcome()).toEqual(['sendjson colour {"x":1}', 'sendjson sound {"n":1}', 'sendjson colour {"n":2}']);
  });

  test('of size 0 lets nothing wait but calls and variables', async () => {
    const { client, welcome, dropped } = scene({ outbox: { size: 0 } });
    expect(client.send('colour', { n: 1 })).toBe('dropped');
    client.variable('colour', 'n').set(2);
    expect(await welcome()).toEqual([expect.stringMatching(/^sendjson colour \{"n":2,"_SET":\d+\}$/)]);
    expect(dropped).toEqual([[{ n: 1 }, 'overflow']]);
  });

  test('drops what still waits when the client closes, and leaves no timer', async () => {
    const { client, clock, dropped } = scene();
    client.send('colour', { n: 1 });
    client.variable('colour', 'x').set(2);
    await client.close();
    expect(dropped).toEqual([
      [{ n: 1 }, 'closed'],
      [{ x: 2 }, 'closed'],
    ]);
    expect(clock.timers).toBe(0);
  });

  test('holds messages back while the connection holds too many bytes, in order', async () => {
    const clock = createVirtualClock();
    const far = createScriptedAdapter();
    const client = createClient(far, { handle: 'lamp', clock, outbox: { highWater: 100 } });
    await clock.advance(0);
    await far.last.welcome();
    client.send('colour', { n: 1 });
    far.last.buffered = 101;
    expect(client.send('colour', { n: 2 })).toBe('queued');
    far.last.buffered = 100;
    expect(client.send('colour', { n: 3 })).toBe('queued');
    expect(far.last.sent.slice(1)).toEqual(sending(1));
    await clock.advance(20);
    expect(far.last.sent.slice(1)).toEqual(sending(1, 2, 3));
    expect(client.send('colour', { n: 4 })).toBe('sent');
    far.last.buffered = 101;
    client.send('colour', { n: 5 });
    const closing = client.close();
    await clock.advance(1_000);
    await closing;
    expect(clock.timers).toBe(0);
  });

  test.each([{ size: -1 }, { bytes: Number.NaN }, { ttl: -5 }, { highWater: 'x' as never }])(
    '%o is a RangeError',
    (outbox) => {
      expect(() => scene({ outbox })).toThrow(RangeError);
    },
  );
});
