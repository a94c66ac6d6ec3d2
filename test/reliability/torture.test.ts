import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openClient } from '../../src/core/client';
import type { Client } from '../../src/index';
import { createLine } from '../../src/protocol/line/client';
import { web } from '../../src/protocol/web/client';
import { createMemoryServer, createVirtualClock } from '../../src/testing/index';
import { createStrain } from '../kit/torture';

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note).on('uncaughtException', note);
});
afterEach(() => {
  process.off('unhandledRejection', note).off('uncaughtException', note);
  expect(unhandled).toEqual([]);
});

interface World {
  readonly client: Client;
  readonly peer: Client;
  advance(ms: number): Promise<void>;
}

/** What a program does; whatever fails, it must come to an end, and say so. */
const scenarios: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  async 'sends and subscribes'({ client, peer, advance }) {
    const got: unknown[] = [];
    client.subscribe('colour', ({ data }) => got.push(data));
    await advance(1_000);
    for (let n = 0; n < 3; n++) {
      client.send('light', { n });
      peer.send('colour', { n });
      await advance(100);
    }
  },
  async 'shares a variable'({ client, peer, advance }) {
    const [mine, theirs] = [client, peer].map((one) => one.variable('colour', 'hue', { min: 0, max: 360 }));
    await advance(1_000);
    mine?.set(120);
    await advance(100);
    theirs?.set(240);
    await advance(100);
  },
  async 'calls and answers'({ client, peer, advance }) {
    client.register('lights', 'mix', () => ({ mixed: true }));
    peer.register('lights', 'dim', () => ({ dimmed: true }));
    await advance(1_000);
    const both = [client.call('lights', 'dim'), peer.call('lights', 'mix')].map((call) =>
      call.catch(({ code }) => code),
    );
    await advance(40_000);
    await Promise.all(both);
  },
  async 'sends with acknowledgement'({ client, peer, advance }) {
    const got: number[] = [];
    peer.subscribe('orders', ({ data }) => got.push(data.n), { reliable: true });
    await advance(1_000);
    const acks = [0, 1, 2].map((n) => client.send('orders', { n }, { ack: { timeout: 200_000 } }));
    await advance(200_000);
    await Promise.all(acks);
    expect(got).toEqual([0, 1, 2]);
  },
  async 'watches, lists and flushes'({ client, advance }) {
    client.presence('room');
    const all = [client.clients(), client.members('room'), client.flush()].map((one) => one.catch(({ code }) => code));
    await advance(40_000);
    await Promise.all(all);
  },
};

describe.each(['web', 'line'] as const)('over the %s dialect, a program that', (dialect) => {
  let failures = 0;
  afterAll(() => console.log(`T17 ${dialect}: lived through the failure of ${failures} transport calls, one a run`));

  test.each(
    Object.keys(scenarios).flatMap((name) =>
      (['once', 'outage', 'silence'] as const).map((failure) => [name, failure] as const),
    ),
  )('%s lives through the failure of any transport call (%s, T17)', async (name, failure) => {
    async function run(failing: number): Promise<number> {
      const clock = createVirtualClock();
      const server = createMemoryServer({ clock, dialect });
      const strain = createStrain(server.adapter, failing, failure);
      const open = (handle: string, adapter = server.adapter): Client =>
        openClient(() => adapter, { web, line: createLine() }, { handle, clock, onHandleTaken: 'retry' }, false);
      const [client, peer] = [open('lamp', strain.adapter), open('peer')];
      await clock.advance(0);
      await scenarios[name]?.({ client, peer, advance: clock.advance });
      // Healed, whatever happened.
      await clock.advance(120_000);
      if (client.state.status !== 'connected') await clock.advance(5_000);
      expect([failing, client.state.status, peer.state.status]).toEqual([failing, 'connected', 'connected']);
      expect(server.connections).toBe(2);
      const before = strain.calls;
      await Promise.all([client.close(), peer.close(), clock.advance(5_000)]);
      server.stop();
      await clock.advance(5_000);
      expect([failing, clock.timers, server.connections]).toEqual([failing, 0, 0]);
      return before;
    }
    const calls = await run(Infinity);
    expect(calls).toBeGreaterThan(5);
    for (let failing = 1; failing <= calls; failing++) await run(failing);
    failures += calls;
  });
});
