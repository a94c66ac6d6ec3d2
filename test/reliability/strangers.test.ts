import { expect, test } from 'vitest';
import { createClient } from '../../src/index';
import { createMemoryServer, createVirtualClock } from '../../src/testing/index';

/** Two clients, and a stranger on their channel who writes the protocol by hand. */
async function scene() {
  const clock = createVirtualClock();
  const server = createMemoryServer({ clock });
  const join = (handle: string, onHandleTaken?: 'suffix') =>
    createClient(server.adapter, { handle, onHandleTaken, clock });
  const [lamp, dial] = [join('lamp'), join('dial', 'suffix')];
  const heard: string[] = [];
  const events = { frame: (frame: string) => void heard.push(frame), close: () => undefined };
  const stranger = await server.adapter.dial(events, new AbortController().signal);
  for (const frame of ['stranger', 'subscribe colour']) stranger.send(frame);
  await clock.advance(0);
  return {
    clock,
    server,
    lamp,
    dial,
    stranger,
    /** The text behind a key in what the stranger heard last. */
    overheard: (key: string) => new RegExp(`"${key}":"(\\d+)"`).exec(heard.at(-1) ?? '')?.[1] ?? '',
  };
}

test('a stranger who overheard one call cannot answer the next one in the place of who is asked (P5)', async () => {
  const { clock, lamp, dial, stranger, overheard } = await scene();
  lamp.register('elsewhere', 'secret', async () => {
    await new Promise<void>((resolve) => clock.after(100, resolve));
    return { from: 'lamp' };
  });
  void dial.call('colour', 'mix', {}, { timeout: 1 }).catch(() => undefined);
  await clock.advance(10);
  const answer = dial.call('lamp', 'secret');
  await clock.advance(10);
  const id = overheard('_MESSAGE_ID');
  for (let next = BigInt(id) - 20n; next < BigInt(id) + 20n; next++) {
    const likely = `${next}`.padStart(id.length, '0');
    stranger.send(`sendjson dial {"_MESSAGE_ID":"${likely}","from":"stranger"}`);
  }
  await clock.advance(1_000);
  expect([id.length > 8, await answer]).toEqual([true, { from: 'lamp' }]);
});

test('a stranger who leaves out numbers of somebody else is told of by name (P4)', async () => {
  const { clock, lamp, dial, stranger, overheard } = await scene();
  const gaps: unknown[] = [];
  lamp.on('gap', (gap) => gaps.push(gap));
  lamp.subscribe('colour', () => undefined, { reliable: true });
  await clock.advance(0);
  void dial.send('colour', { n: 1 }, { ack: true });
  await clock.advance(100);
  stranger.send(`sendjson colour {"_SID":"${overheard('_SID')}","_SEQ":9,"_BASE":9}`);
  await clock.advance(0);
  expect(gaps).toEqual([{ channel: 'colour', sender: 'stranger', missed: 7 }]);
});

test('a sender who comes back under another handle goes on with his numbers (P1, P4)', async () => {
  const { clock, server, lamp, dial } = await scene();
  const [got, senders, gaps] = [[] as number[], new Set<string>(), [] as unknown[]];
  lamp.on('gap', (gap) => gaps.push(gap));
  lamp.subscribe(
    'colour',
    ({ data, sender }) => {
      got.push(data.n);
      senders.add(sender);
      // The message has arrived, its acknowledgement goes to a ghost.
      if (data.n === 50) server.cut();
    },
    { reliable: true },
  );
  await clock.advance(0);
  const all: Promise<unknown>[] = [];
  for (let n = 0; n < 100; n++) {
    all.push(dial.send('colour', { n }, { ack: true }));
    await clock.advance(3);
    if (n !== 50) continue;
    const ghost = await server.adapter.dial(
      { frame: () => undefined, close: () => undefined },
      new AbortController().signal,
    );
    ghost.send('dial');
  }
  await clock.advance(20_000);
  await Promise.all(all);
  expect([got, gaps]).toEqual([Array.from({ length: 100 }, (_, n) => n), []]);
  expect([...senders]).toEqual(['dial', dial.handle]);
  expect(dial.handle).toMatch(/^dial_\d{4}$/);
});
