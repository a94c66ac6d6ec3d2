import { describe, expect, test } from 'vitest';
import { type Adapter, connect, createClient, type Link, type LinkEvents } from '../../src/index';
import { startServer } from '../../src/server/index';
import { createMemoryServer, createVirtualClock } from '../../src/testing/index';
import { createFastClock } from '../kit/fast-clock';
import { createFaultProxy } from '../kit/fault-proxy';

/** A cable between one client and its server that can be pulled, and put back. */
function createCable(adapter: Adapter) {
  let isPulled = false;
  let cut = (): void => {};
  return {
    adapter: {
      ...adapter,
      async dial(events: LinkEvents, signal: AbortSignal): Promise<Link> {
        if (isPulled) throw new Error('the cable is pulled');
        const link = await adapter.dial(events, signal);
        cut = () => {
          link.close();
          events.close(new Error('the cable was pulled'));
        };
        return link;
      },
    },
    pull() {
      isPulled = true;
      cut();
    },
    plug() {
      isPulled = false;
    },
  };
}

describe.each(['web', 'line'] as const)('a receiver over %s that was away while a sender went on', (dialect) => {
  test.each([
    [20, 2_000],
    [20, 5_000],
    [50, 5_000],
    [200, 5_000],
    [200, 20_000],
    [1_000, 5_000],
    [1_000, 20_000],
  ])('every %i ms, for %i ms, gets the next message within a second, and all of them', async (every, away) => {
    const clock = createVirtualClock();
    const server = createMemoryServer({ clock, dialect });
    const cable = createCable(server.adapter);
    const sender = createClient(server.adapter, { handle: 'sender', clock });
    const receiver = createClient(cable.adapter, { handle: 'receiver', clock, reconnect: { delay: () => 50 } });
    const got: number[] = [];
    const gaps: unknown[] = [];
    let back = 0;
    let next = 0;
    receiver.on('gap', (gap) => gaps.push(gap));
    receiver.on('state', ({ status }) => {
      if (status === 'connected') back = clock.now();
    });
    receiver.subscribe(
      'colour',
      ({ data }) => {
        got.push(data.n);
        if (back) next ||= clock.now();
      },
      { reliable: true },
    );
    await clock.advance(0);
    back = 0;
    next = 0;
    const all: Promise<unknown>[] = [];
    const send = async (ms: number): Promise<void> => {
      for (let past = 0; past < ms; past += every) {
        all.push(sender.send('colour', { n: all.length }, { ack: true }));
        await clock.advance(every);
      }
    };
    await send(3_000);
    cable.pull();
    await send(away);
    cable.plug();
    await send(4_000);
    await clock.advance(10_000);
    expect(await Promise.allSettled(all)).toEqual(all.map(() => expect.objectContaining({ status: 'fulfilled' })));
    expect([got, gaps]).toEqual([all.map((_, n) => n), []]);
    expect(back).toBeGreaterThan(0);
    expect(next - back).toBeLessThanOrEqual(1_000);
  });
});

test.each(['tcp', 'ws'])(
  'a receiver over %s whose network was down for 5 s has all of a steady sender soon',
  async (scheme) => {
    // How much faster the clocks of both run; what counts is measured in messages of the sender, not in time.
    const clock = createFastClock(5);
    const server = await startServer({ port: 0, tcpPort: 0 });
    const port = scheme === 'tcp' ? (server.tcpPort ?? 0) : server.port;
    await using proxy = await createFaultProxy(port);
    const options = { clock, reconnect: { delay: () => 50 }, timeout: 60_000 };
    const sender = await connect(`${scheme}://127.0.0.1:${port}`, { ...options, handle: 'sender' });
    const receiver = await connect(`${scheme}://127.0.0.1:${proxy.port}`, {
      ...{ ...options, handle: 'receiver', onHandleTaken: 'retry' },
    });
    const [got, gaps] = [[] as number[], [] as unknown[]];
    /** How many were sent when the receiver was back, and when it got the next one. */
    let [back, next] = [0, 0];
    receiver.on('gap', (gap) => gaps.push(gap));
    receiver.on('state', ({ status }) => {
      if (status === 'connected') back = all.length;
    });
    receiver.subscribe(
      'colour',
      ({ data }) => {
        got.push(data.n);
        if (back) next ||= all.length;
      },
      { reliable: true },
    );
    await receiver.flush();
    const all: Promise<unknown>[] = [];
    const send = async (count: number): Promise<void> => {
      for (let sent = 0; sent < count; sent++) {
        all.push(sender.send('colour', { n: all.length }, { ack: { timeout: 120_000 } }));
        await new Promise<void>((resolve) => clock.after(20, resolve));
      }
    };
    await send(50);
    const up = proxy.down();
    proxy.kill('all');
    await send(250);
    up();
    await send(200);
    await Promise.all(all);
    expect([got, gaps]).toEqual([all.map((_, n) => n), []]);
    expect(back).toBeGreaterThanOrEqual(300);
    // A second, and as much again for a machine that is busy; it was 25 s.
    expect(next - back).toBeLessThanOrEqual(100);
    await Promise.all([sender.close(), receiver.close()]);
    await server.close();
  },
);
