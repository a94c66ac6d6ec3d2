import { describe, expect, test } from 'vitest';
import { openClient } from '../../src/core/client';
import { type Client, createClient } from '../../src/index';
import { createLine } from '../../src/protocol/line/client';
import { web } from '../../src/protocol/web/client';
import { createMemoryServer, createVirtualClock, type MemoryServerOptions } from '../../src/testing/index';

describe.each(['web', 'line'] as const)('a memory server for the %s dialect', (dialect) => {
  async function world(options: MemoryServerOptions = {}) {
    const clock = createVirtualClock();
    const server = createMemoryServer({ clock, dialect, ...options });
    const join = (handle: string): Client =>
      openClient(() => server.adapter, { web, line: createLine() }, { handle, clock, timeout: 1_000 }, false);
    const [lamp, dial] = [join('lamp'), join('dial')];
    await clock.advance(0);
    const got: unknown[] = [];
    lamp.subscribe('colour', ({ data }) => got.push(data));
    await clock.advance(0);
    return { clock, server, lamp, dial, got };
  }

  test('passes messages on', async () => {
    const { clock, server, dial, got } = await world();
    dial.send('colour', { text: 'é😀' });
    await clock.advance(0);
    expect(got).toEqual([{ text: 'é😀' }]);
    expect([server.connections, server.broker.clients()]).toEqual([2, ['lamp', 'dial']]);
  });

  test('cuts all connections, and clients come back', async () => {
    const { clock, server, lamp, dial, got } = await world();
    expect(server.cut()).toBe(2);
    await clock.advance(0);
    expect([lamp.state.status, server.broker.clients()]).toEqual(['reconnecting', []]);
    await clock.advance(1_000);
    dial.send('colour', { n: 1 });
    await clock.advance(0);
    expect(got).toEqual([{ n: 1 }]);
  });

  test('lets nobody in while it is stopped, and knows nothing of before', async () => {
    const { clock, server, lamp } = await world();
    const before = server.broker;
    server.stop();
    await clock.advance(60_000);
    expect(lamp.state).toMatchObject({ status: 'reconnecting', cause: { code: 'unreachable' } });
    server.start();
    await clock.advance(20_000);
    expect(lamp.state.status).toBe('connected');
    expect(server.broker).not.toBe(before);
    expect(server.broker.channels()).toContain('colour');
  });

  test.each(['up', 'down', 'both'] as const)('loses what is said (%s) without telling anybody', async (way) => {
    const { clock, server, lamp } = await world();
    server.lose(way);
    await clock.advance(25_000);
    expect(lamp.state).toMatchObject({ status: 'reconnecting', cause: { code: 'timeout' } });
    if (way !== 'down') expect(server.broker.clients()).toContain('lamp');
    server.heal();
    await clock.advance(200_000);
    expect(lamp.state.status).toBe('connected');
  });

  test('holds what is under way, in order', async () => {
    const { clock, server, dial, got } = await world();
    const release = server.hold();
    for (let n = 1; n <= 3; n++) dial.send('colour', { n });
    await clock.advance(1_000);
    expect(got).toEqual([]);
    release();
    dial.send('colour', { n: 4 });
    await clock.advance(0);
    expect(got).toEqual([1, 2, 3, 4].map((n) => ({ n })));
  });
});

test('a memory server cuts lines anywhere, in the middle of a character, too', async () => {
  for (const pieceSize of [1, 2, 3, 7]) {
    const clock = createVirtualClock();
    const server = createMemoryServer({ clock, dialect: 'line' });
    server.pieceSize = pieceSize;
    const client = createClient(server.adapter, { handle: 'lamp', clock });
    await clock.advance(0);
    const got: unknown[] = [];
    client.subscribe(({ data }) => got.push(data));
    client.send('lamp', { text: 'é漢😀' });
    await clock.advance(0);
    expect(got).toEqual([{ text: 'é漢😀' }]);
    await Promise.all([client.close(), clock.advance(2_000)]);
  }
});
