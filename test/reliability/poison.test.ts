import { describe, expect, test } from 'vitest';
import { type Adapter, connect, createClient, type Link, type LinkEvents, type OocsiError } from '../../src/index';
import { startServer } from '../../src/server/index';
import { createMemoryServer, createVirtualClock } from '../../src/testing/index';

type Details = Parameters<LinkEvents['close']>[1];

/** A network that ends the connection when a frame passes that it does not like. */
function createGuard(adapter: Adapter, isDisliked: (frame: string) => boolean, cause?: Error, details?: Details) {
  const guard = {
    cuts: 0,
    adapter: {
      ...adapter,
      async dial(events: LinkEvents, signal: AbortSignal): Promise<Link> {
        const link = await adapter.dial(events, signal);
        function send(frame: string): void {
          if (!isDisliked(frame)) return link.send(frame);
          guard.cuts++;
          // What comes behind it goes into a connection that is no more.
          queueMicrotask(() => {
            link.close();
            events.close(cause, details);
          });
        }
        return { ...link, send };
      },
    },
  };
  return guard;
}

const long = 'x'.repeat(3_000);

describe.each(['web', 'line'] as const)('over %s, an acknowledged message that costs the connection', (dialect) => {
  async function scene(guardOf: (adapter: Adapter) => { readonly cuts: number; readonly adapter: Adapter }) {
    const clock = createVirtualClock();
    const server = createMemoryServer({ clock, dialect, limits: { line: 2_000 } });
    const guard = guardOf(server.adapter);
    const errors: OocsiError[] = [];
    const sender = createClient(guard.adapter, {
      ...{ handle: 'sender', clock, reconnect: { delay: () => 500 } },
      on: { error: (error) => errors.push(error) },
    });
    const receiver = createClient(server.adapter, { handle: 'receiver', clock });
    const [got, gaps] = [[] as unknown[], [] as unknown[]];
    receiver.on('gap', ({ missed }) => gaps.push(missed));
    receiver.subscribe('colour', ({ data }) => got.push(data.n), { reliable: true });
    await clock.advance(0);
    const send = (text: string): Promise<unknown>[] => {
      const all: Promise<unknown>[] = [];
      for (let n = 0; n < 5; n++) {
        const data = n === 2 ? { n, text } : { n };
        all.push(
          sender.send('colour', data, { ack: true }).then(
            () => 'acked',
            (error) => error,
          ),
        );
      }
      return all;
    };
    return { clock, server, guard, sender, receiver, errors, got, gaps, send };
  }
  const rejected = (message: RegExp) =>
    expect.objectContaining({ code: 'refused', message: expect.stringMatching(message) });

  test('because the server says that it is too long is rejected and says so, those around it arrive', async () => {
    const { clock, sender, errors, got, gaps, send } = await scene((adapter) => createGuard(adapter, () => false));
    const causes: unknown[] = [];
    sender.on('state', (now) => now.status === 'reconnecting' && causes.push(now.cause.message));
    const all = send(long);
    await clock.advance(2_000);
    expect(await Promise.all(all)).toEqual(['acked', 'acked', rejected(/too long.* 2000 at most/), 'acked', 'acked']);
    expect([got, gaps]).toEqual([[0, 1, 3, 4], [1]]);
    expect(causes).toEqual([expect.stringContaining('longer than 2000 characters')]);
    expect(errors[0]?.message).toContain('longer than 2000 characters');
  });

  test('because of its length, which is not told, is rejected when it was the longest', async () => {
    const guarded = (adapter: Adapter) =>
      createGuard(adapter, (frame) => frame.length > 1_000, undefined, { closeCode: 1_009, closeReason: '' });
    const { clock, guard, sender, got, send } = await scene(guarded);
    // What is under way beside a plain message that is too long is not blamed for it.
    sender.send('shade', { text: long });
    const beside = sender.send('colour', { n: 9 }, { ack: true });
    await clock.advance(2_000);
    expect(await beside).toMatchObject({ receivers: ['receiver'] });
    const all = send('y'.repeat(1_000));
    await clock.advance(2_000);
    expect(await Promise.all(all)).toEqual(['acked', 'acked', rejected(/too long/), 'acked', 'acked']);
    expect([got, guard.cuts]).toEqual([[9, 0, 1, 3, 4], 2]);
  });

  test.each([undefined, new Error('reset')])('without a word (%s) is found and rejected', async (cause) => {
    const guarded = (adapter: Adapter) => createGuard(adapter, (frame) => frame.includes('poison'), cause);
    const { clock, guard, got, send } = await scene(guarded);
    const all = send('poison');
    await clock.advance(5_000);
    expect(await Promise.all(all)).toEqual(['acked', 'acked', rejected(/cut 3 times in a row/), 'acked', 'acked']);
    expect([got, guard.cuts]).toEqual([[0, 1, 3, 4], 3]);
  });

  test('without a word is rejected at the second cut when it is alone', async () => {
    const guarded = (adapter: Adapter) => createGuard(adapter, (frame) => frame.includes('poison'));
    const { clock, guard, sender } = await scene(guarded);
    const answer = sender.send('colour', { text: 'poison' }, { ack: true }).catch((error) => error);
    await clock.advance(2_000);
    expect(await answer).toMatchObject({ code: 'refused', permanent: true, message: /cut 2 times in a row/ });
    expect([guard.cuts, sender.state.status]).toEqual([2, 'connected']);
  });

  test('is no other one: not what nobody acknowledges, however often the network is cut', async () => {
    const { clock, server, sender, receiver, got } = await scene((adapter) => createGuard(adapter, () => false));
    const closing = receiver.close();
    await clock.advance(0);
    await closing;
    const answer = sender.send('colour', { n: 1 }, { ack: true });
    for (let round = 0; round < 8; round++) {
      server.cut();
      await clock.advance(2_000);
    }
    const late = createClient(server.adapter, { handle: 'late', clock });
    late.subscribe('colour', ({ data }) => got.push(data.n), { reliable: true });
    await clock.advance(2_000);
    expect([await answer, got]).toEqual([expect.objectContaining({ receivers: ['late'] }), [1]]);
  });
});

test.each([
  ['a server that stops', { closeCode: 1_001, closeReason: '' }],
  ['one that restarts', { closeCode: 1_012, closeReason: '' }],
])('%s says so, and means no message', async (_who, details) => {
  const clock = createVirtualClock();
  const server = createMemoryServer({ clock });
  let left = 4;
  const guard = createGuard(server.adapter, (frame) => frame.includes('colour') && left-- > 0, undefined, details);
  const sender = createClient(guard.adapter, { handle: 'sender', clock });
  const receiver = createClient(server.adapter, { handle: 'receiver', clock });
  receiver.subscribe('colour', () => undefined, { reliable: true });
  await clock.advance(0);
  const answer = sender.send('colour', {}, { ack: true });
  await clock.advance(10_000);
  expect([await answer, guard.cuts]).toEqual([expect.objectContaining({ receivers: ['receiver'] }), 4]);
});

describe.each(['tcp', 'ws'])('over %s', (scheme) => {
  async function scene() {
    const server = await startServer({ port: 0, tcpPort: 0, limits: { line: 2_000 } });
    const url = `${scheme}://127.0.0.1:${scheme === 'tcp' ? server.tcpPort : server.port}`;
    const refused: unknown[] = [];
    server.on('refused', ({ reason }) => refused.push(reason));
    return { server, url, refused };
  }
  const told = scheme === 'tcp' ? 'line longer than 2000 characters' : 'frame longer than 2000 bytes';

  test('both sides name a message that is too long, and only that one is lost', async () => {
    const { server, url, refused } = await scene();
    const [errors, states] = [[] as string[], [] as string[]];
    const sender = await connect(url, { handle: 'sender', on: { error: ({ message }) => errors.push(message) } });
    sender.on('state', (now) => now.status === 'reconnecting' && states.push(now.cause.message));
    const receiver = await connect(url, { handle: 'receiver' });
    const got: number[] = [];
    receiver.subscribe('colour', ({ data }) => got.push(data.n), { reliable: true });
    await receiver.flush();
    const send = (data: object) =>
      sender.send('colour', data, { ack: true }).then(
        () => 'acked',
        ({ code }) => code,
      );
    const all = [send({ n: 0 }), send({ n: 1, text: 'ü'.repeat(1_500) }), send({ n: 2 })];
    expect(await Promise.all(all)).toEqual(['acked', 'refused', 'acked']);
    expect(got).toEqual([0, 2]);
    expect([errors[0], states[0], refused]).toEqual([
      expect.stringContaining(told),
      expect.stringContaining(told),
      [told],
    ]);
    await Promise.all([sender.close(), receiver.close()]);
    await server.close();
  });

  test('a subscription that is too long is told of, and does not cost every connection', async () => {
    const { server, url } = await scene();
    const errors: OocsiError[] = [];
    const got: unknown[] = [];
    const client = await connect(url, { handle: 'lamp', on: { error: (error) => errors.push(error) } });
    client.subscribe('colour', ({ data }) => got.push(data.n));
    client.subscribe('sensor', () => undefined, { filter: `n > 1${` + ${'1'.repeat(30)}`.repeat(200)}` });
    const restored = new Promise<void>((resolve) => {
      client.on('state', (now, before) => now.status === 'connected' && before.status === 'reconnecting' && resolve());
    });
    await restored;
    await client.flush();
    const other = await connect(url, { handle: 'dial' });
    other.send('colour', { n: 1 });
    await other.flush();
    await client.flush();
    expect(got).toEqual([1]);
    expect(errors.filter(({ code }) => code === 'refused').map(({ message }) => message)).toEqual([
      'Not subscribed to sensor: with its functions the name is too long for the server.',
    ]);
    await Promise.all([client.close(), other.close()]);
    await server.close();
  });
});
