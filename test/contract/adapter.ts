import { describe, expect, test } from 'vitest';
import type { Adapter, Link, LinkEvents } from '../../src/protocol/link';
import { createInbox, type Inbox } from '../helpers/inbox';

/** The other end of a link, as its server holds it. */
export interface Peer {
  /** What arrived, frame by frame. */
  readonly frames: Inbox<string>;
  readonly closed: Promise<void>;
  send(frame: string): void;
  close(): void;
}

/** A server of one transport that only carries frames, and how to reach it. */
export interface AdapterWorld extends AsyncDisposable {
  readonly adapter: Adapter;
  /** An adapter to where nobody answers; undefined where that cannot be. */
  readonly nowhere: Adapter | undefined;
  readonly peers: Inbox<Peer>;
}

interface Recorder extends LinkEvents {
  readonly frames: Inbox<string>;
  readonly closes: unknown[];
  readonly closed: Promise<void>;
}

function recorder(): Recorder {
  const frames = createInbox<string>();
  const closes: unknown[] = [];
  let told = (): void => {};
  const closed = new Promise<void>((resolve) => {
    told = resolve;
  });
  return {
    frames,
    closes,
    closed,
    frame: frames.push,
    close(cause) {
      closes.push(cause);
      told();
    },
  };
}

/** What every adapter must do; each runs it with a world of its own transport. */
export function adapterContract(transport: string, createWorld: () => Promise<AdapterWorld>): void {
  /** Lines end in a line break on their way out, frames do not. */
  const framed = (world: AdapterWorld, text: string): string => (world.adapter.dialect === 'line' ? `${text}\n` : text);

  async function dialed(world: AdapterWorld): Promise<{ link: Link; events: Recorder; peer: Peer }> {
    const events = recorder();
    const link = await world.adapter.dial(events, new AbortController().signal);
    return { link, events, peer: await world.peers.next() };
  }

  describe(`the ${transport} adapter`, () => {
    test('opens a link that carries frames both ways', async () => {
      await using world = await createWorld();
      const { link, events, peer } = await dialed(world);
      link.send(framed(world, 'hello'));
      expect(await peer.frames.next()).toBe('hello');
      peer.send('welcome');
      expect(await events.frames.next()).toBe('welcome');
      link.close();
    });

    test('keeps the order of 5,000 frames both ways', async () => {
      await using world = await createWorld();
      const { link, events, peer } = await dialed(world);
      const numbers = Array.from({ length: 5_000 }, (_, index) => `frame ${index}`);
      for (const text of numbers) link.send(framed(world, text));
      expect(await peer.frames.take(5_000)).toEqual(numbers);
      for (const text of numbers) peer.send(text);
      expect(await events.frames.take(5_000)).toEqual(numbers);
      link.close();
    });

    test('carries text of every script, and long text', async () => {
      await using world = await createWorld();
      const { link, events, peer } = await dialed(world);
      for (const text of ['é中😀 ﷽', '漢'.repeat(50_000), '😀x'.repeat(20_000)]) {
        peer.send(text);
        expect(await events.frames.next()).toBe(text);
        link.send(framed(world, text));
        expect(await peer.frames.next()).toBe(text);
      }
      link.close();
    });

    test('delivers what was handed over before it closes', async () => {
      await using world = await createWorld();
      const { link, events, peer } = await dialed(world);
      for (let index = 0; index < 1_000; index++) link.send(framed(world, `last ${index}`));
      link.close();
      expect((await peer.frames.take(1_000)).at(-1)).toBe('last 999');
      await peer.closed;
      await events.closed;
      expect(events.closes).toEqual([undefined]);
    });

    test('tells once that the other side closed, after its last frame', async () => {
      await using world = await createWorld();
      const { link, events, peer } = await dialed(world);
      peer.send('the end');
      peer.close();
      await events.closed;
      expect(events.frames.waiting).toEqual(['the end']);
      link.close();
      link.close();
      link.send(framed(world, 'too late'));
      await peer.closed;
      expect(events.closes).toHaveLength(1);
      expect(peer.frames.waiting).toEqual([]);
    });

    test('may be closed twice', async () => {
      await using world = await createWorld();
      const { link, events } = await dialed(world);
      link.close();
      link.close();
      await events.closed;
      expect(events.closes).toHaveLength(1);
    });

    test('counts no unsent bytes at rest', async () => {
      await using world = await createWorld();
      const { link } = await dialed(world);
      expect(link.buffered).toBe(0);
      link.close();
    });

    test('opens links that know nothing of each other', async () => {
      await using world = await createWorld();
      const first = await dialed(world);
      const second = await dialed(world);
      first.link.close();
      await first.events.closed;
      second.link.send(framed(world, 'still here'));
      expect(await second.peer.frames.next()).toBe('still here');
      second.link.close();
    });

    test('does not dial when it is aborted already', async () => {
      await using world = await createWorld();
      const events = recorder();
      const reason = new Error('changed my mind');
      await expect(world.adapter.dial(events, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(world.peers.waiting).toEqual([]);
    });

    test('gives up an attempt that is aborted, and reports nothing', async () => {
      await using world = await createWorld();
      const events = recorder();
      const attempt = new AbortController();
      const reason = new Error('changed my mind');
      const dialing = world.adapter.dial(events, attempt.signal);
      attempt.abort(reason);
      await dialing.then(
        (link) => link.close(),
        (thrown) => expect(thrown).toBe(reason),
      );
      expect(events.frames.waiting).toEqual([]);
    });

    test('says that nobody answers', async () => {
      await using world = await createWorld();
      if (!world.nowhere) return;
      const events = recorder();
      const dialing = world.nowhere.dial(events, new AbortController().signal);
      await expect(dialing).rejects.toMatchObject({ name: 'OocsiError', code: 'unreachable', permanent: false });
      expect(events.closes).toEqual([]);
    });
  });
}
