import { describe, expect, test } from 'vitest';
import { openClient } from '../../src/core/client';
import type { Adapter, Link, LinkEvents } from '../../src/index';
import { createLine } from '../../src/protocol/line/client';
import { web } from '../../src/protocol/web/client';
import { createVirtualClock } from '../../src/testing/index';

/** A link as its far side sees it. */
interface Far {
  readonly events: LinkEvents;
  readonly sent: string[];
  closes: number;
  open(): void;
}

describe.each(['line', 'web'] as const)('over the %s dialect', (dialect) => {
  const welcome = dialect === 'line' ? `{'message' : "welcome lamp"}` : '{"message" : "welcome lamp"}';
  const message = JSON.stringify({
    ...{ recipient: 'colour', sender: 'dial', timestamp: 1 },
    ...(dialect === 'line' ? { n: 1 } : { data: { n: 1 } }),
  });

  /** A client on an adapter that opens its links whenever it likes, whatever its signal says. */
  function scene() {
    const clock = createVirtualClock();
    const dials: Far[] = [];
    const adapter: Adapter = {
      name: 'late',
      dialect,
      dial: (events) =>
        new Promise((resolve) => {
          const far: Far = {
            events,
            sent: [],
            closes: 0,
            open() {
              const link: Link = {
                // As every link: it does nothing once it is closed.
                send: (frame) => far.closes > 0 || far.sent.push(frame),
                close: () => far.closes++,
                buffered: 0,
              };
              resolve(link);
            },
          };
          dials.push(far);
        }),
    };
    const got: unknown[] = [];
    const errors: unknown[] = [];
    const states: string[] = [];
    const on = {
      state: ({ status }: { status: string }) => states.push(status),
      error: (one: Error) => errors.push(one),
    };
    const client = openClient(
      () => adapter,
      { web, line: createLine() },
      { handle: 'lamp', clock, timeout: 1_000, on },
      false,
    );
    client.subscribe('colour', ({ data }) => got.push(data));
    /** The next attempt to dial, as soon as there is one. */
    async function next(): Promise<Far | undefined> {
      const before = dials.length;
      for (let turn = 0; turn < 5_000 && dials.length === before; turn++) await clock.advance(10);
      return dials.at(-1);
    }
    return { clock, dials, client, got, errors, states, next };
  }

  test('a link that opens when its time was over is closed, and what it says does not count (N10)', async () => {
    const { clock, client, got, errors, states, next } = scene();
    const early = await next();
    const last = await next();
    last?.open();
    await clock.advance(0);
    last?.events.frame(welcome);
    await clock.advance(0);
    expect([client.state.status, early !== last]).toEqual(['connected', true]);
    const [sent, told] = [last?.sent.length, [...states]];

    early?.open();
    await clock.advance(0);
    expect([early?.closes, early?.sent]).toEqual([1, []]);
    for (const frame of [welcome, message, 'ping', 'error (name already registered: lamp)', 'nonsense']) {
      early?.events.frame(frame);
    }
    early?.events.close(new Error('late, too'));
    await clock.advance(0);
    expect([client.state.status, last?.closes, last?.sent.length, states]).toEqual(['connected', 0, sent, told]);
    expect([early?.sent, got, errors]).toEqual([[], [], []]);
    last?.events.frame(message);
    expect(got).toEqual([{ n: 1 }]);
    await Promise.all([client.close(), clock.advance(2_000)]);
    expect(clock.timers).toBe(0);
  });

  test('a link that opens when its client was closed is closed, too (N10)', async () => {
    const { clock, dials, client, states } = scene();
    await clock.advance(0);
    await Promise.all([client.close(), clock.advance(2_000)]);
    const [only] = dials;
    only?.open();
    await clock.advance(0);
    only?.events.frame(welcome);
    only?.events.close();
    await clock.advance(60_000);
    expect([only?.closes, only?.sent, dials.length, states]).toEqual([1, [], 1, ['closed']]);
    expect(clock.timers).toBe(0);
  });

  test('a link that is welcomed when its time was over does not count (N5, N10)', async () => {
    const { clock, client, got, errors, next } = scene();
    const first = await next();
    first?.open();
    const second = await next();
    expect([client.state.status, first?.closes]).toEqual(['connecting', 1]);
    for (const frame of [welcome, message]) first?.events.frame(frame);
    expect([client.state.status, got]).toEqual(['connecting', []]);
    first?.events.frame('error (name already registered: lamp)');
    first?.events.close();
    second?.open();
    await clock.advance(0);
    second?.events.frame(welcome);
    expect([client.state.status, client.handle, errors]).toEqual(['connected', 'lamp', []]);
    await Promise.all([client.close(), clock.advance(2_000)]);
  });

  test('a link that was given up and goes on talking is not heard (N10)', async () => {
    const { clock, client, got, errors, next } = scene();
    const first = await next();
    first?.open();
    await clock.advance(0);
    first?.events.frame(welcome);
    // Nobody answers any more.
    const second = await next();
    second?.open();
    await clock.advance(0);
    second?.events.frame(welcome);
    await clock.advance(0);
    expect([client.state.status, first?.closes]).toEqual(['connected', 1]);
    const sent = first?.sent.length;
    for (const frame of [message, 'ping', welcome]) first?.events.frame(frame);
    first?.events.close();
    await clock.advance(0);
    expect([client.state.status, got, errors, first?.sent.length]).toEqual(['connected', [], [], sent]);
    await Promise.all([client.close(), clock.advance(2_000)]);
  });
});
