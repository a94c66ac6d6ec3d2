import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Adapter, type Client, createClient, isOocsiError } from '../../src/index';
import { createMemoryServer, createVirtualClock, type MemoryServer, type VirtualClock } from '../../src/testing/index';

const isLong = process.env['SOAK'] !== undefined;
const channels = ['red', 'blue'] as const;
type ChannelName = (typeof channels)[number];

/** What a client is expected to be, told in a few lines: connected or not, subscribed to what, owed what. */
interface Model {
  isClosed: boolean;
  isUp: boolean;
  readonly subscribed: Map<ChannelName, number>;
  /** What a subscriber must have got by the end, in this order. */
  readonly due: { readonly channel: ChannelName; readonly n: number }[];
  /** What the client sent without a connection; it leaves with the next one. */
  waiting: { readonly channel: ChannelName; readonly n: number }[];
  readonly peerDue: number[];
  n: number;
}

interface Real {
  readonly clock: VirtualClock;
  readonly server: MemoryServer;
  readonly client: Client;
  readonly peer: Client;
  readonly got: { readonly channel: string; readonly n: number }[];
  readonly peerGot: number[];
  readonly stops: Map<ChannelName, (() => void)[]>;
  /** Closed, it keeps the client out until its peer is back: who is not there gets nothing. */
  readonly gate: { isOpen: boolean };
}

type Command = fc.AsyncCommand<Model, Real>;

const command = (
  name: string,
  can: (model: Model) => boolean,
  run: (model: Model, real: Real) => Promise<void>,
): Command => ({
  check: can,
  async run(model, real) {
    await run(model, real);
    await real.clock.advance(0);
    check(model, real);
  },
  toString: () => name,
});

/** What must hold at any time. */
function check(model: Model, { client, got, peerGot, server }: Real): void {
  const { status } = client.state;
  expect(status === 'closed').toBe(model.isClosed);
  expect(status === 'connected').toBe(!model.isClosed && model.isUp);
  expect(got).toEqual(model.due);
  expect(peerGot).toEqual(model.peerDue);
  if (!model.isUp || model.isClosed) return;
  for (const channel of channels) {
    expect(server.broker.channels().includes(channel)).toBe((model.subscribed.get(channel) ?? 0) > 0);
  }
}

const always = (): boolean => true;
const open = (model: Model): boolean => !model.isClosed;
const channel = fc.constantFrom(...channels);

const commands = [
  channel.map((name) =>
    command(`subscribe ${name}`, open, async (model, { client, got, stops }) => {
      const stop = client.subscribe(name, ({ data }) => got.push({ channel: name, n: data.n }));
      stops.set(name, [...(stops.get(name) ?? []), stop]);
      model.subscribed.set(name, (model.subscribed.get(name) ?? 0) + 1);
    }),
  ),
  channel.map((name) =>
    command(
      `unsubscribe ${name}`,
      (model) => open(model) && (model.subscribed.get(name) ?? 0) > 0,
      async (model, { stops }) => {
        stops.get(name)?.pop()?.();
        model.subscribed.set(name, (model.subscribed.get(name) ?? 0) - 1);
      },
    ),
  ),
  channel.map((name) =>
    command(
      `peer publishes on ${name}`,
      (model) => model.isUp,
      async (model, { peer }) => {
        const n = ++model.n;
        peer.send(name, { n });
        if (model.isClosed) return;
        for (let i = 0; i < (model.subscribed.get(name) ?? 0); i++) model.due.push({ channel: name, n });
      },
    ),
  ),
  fc.constant(
    command('publish', open, async (model, { client }) => {
      const n = ++model.n;
      expect(client.send('peer', { n })).toBe(model.isUp ? 'sent' : 'queued');
      if (model.isUp) model.peerDue.push(n);
      else model.waiting.push({ channel: 'red', n });
    }),
  ),
  fc.constant(
    command('call', always, async (model, { client, clock }) => {
      const call = client.call('peer', 'twice', { n: 21 }, { timeout: 100 }).then(
        ({ n }) => n,
        (error) => (isOocsiError(error) ? error.code : error),
      );
      await clock.advance(model.isUp ? 0 : 100);
      expect(await call).toBe(model.isClosed ? 'closed' : model.isUp ? 42 : 'timeout');
    }),
  ),
  fc.constant(
    command(
      'cut',
      (model) => model.isUp,
      async (_model, { server, clock }) => {
        server.cut();
        // Losses in a row make the waits longer, up to this.
        await clock.advance(20_000);
      },
    ),
  ),
  fc.constant(
    command(
      'stop the server',
      (model) => model.isUp,
      async (model, { server, gate }) => {
        server.stop();
        gate.isOpen = false;
        model.isUp = false;
      },
    ),
  ),
  fc.constant(
    command(
      'start the server',
      (model) => !model.isUp,
      async (model, { server, clock, gate }) => {
        server.start();
        await clock.advance(100);
        gate.isOpen = true;
        model.isUp = true;
        // Long enough for the longest wait, shorter than what waits lives.
        await clock.advance(20_000);
        if (model.isClosed) return;
        for (const { n } of model.waiting) model.peerDue.push(n);
        model.waiting = [];
      },
    ),
  ),
  fc.constant(
    command(
      'lose the network and get it back',
      (model) => model.isUp,
      async (_model, { server, client, clock }) => {
        server.lose();
        await clock.advance(25_000);
        expect(client.state.status).not.toBe('connected');
        // Ends the ghosts, which the server takes for alive.
        server.cut();
        server.heal();
        await clock.advance(31_000);
      },
    ),
  ),
  fc.nat(9_000).map((ms) =>
    command(
      `advance ${ms}`,
      (model) => model.isUp,
      async (_model, { clock }) => clock.advance(ms),
    ),
  ),
  fc.constant(
    command('close', always, async (model, { client, clock }) => {
      await Promise.all([client.close(), clock.advance(1_000)]);
      model.isClosed = true;
      expect(client.send('peer', {})).toBe('dropped');
    }),
  ),
];

test('a client does what a simple model of it says, whatever happens (T15)', { timeout: 3_600_000 }, async () => {
  const numRuns = isLong ? 200_000 : 2_000;
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
  console.log(`T15: ${numRuns} runs, seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 50 }), async (all) => {
      const clock = createVirtualClock();
      const server = createMemoryServer({ clock });
      const options = { clock, outbox: { ttl: 1e9 }, onHandleTaken: 'retry' as const };
      const gate = { isOpen: true };
      const guarded: Adapter = {
        ...server.adapter,
        async dial(...args) {
          if (!gate.isOpen) throw new Error('not yet');
          return server.adapter.dial(...args);
        },
      };
      const client = createClient(guarded, { handle: 'lamp', ...options });
      const peer = createClient(server.adapter, { handle: 'peer', ...options, reconnect: { delay: () => 50 } });
      const peerGot: number[] = [];
      peer.subscribe(({ data }) => peerGot.push(data.n));
      peer.register('twice', 'twice', ({ n }) => ({ n: 2 * n }));
      await clock.advance(0);
      const model: Model = {
        isClosed: false,
        isUp: true,
        subscribed: new Map(),
        due: [],
        waiting: [],
        peerDue: [],
        n: 0,
      };
      const real: Real = { clock, server, client, peer, got: [], peerGot, stops: new Map(), gate };
      await fc.asyncModelRun(() => ({ model, real }), all);
      await Promise.all([client.close(), peer.close(), clock.advance(2_000)]);
      server.stop();
      await clock.advance(10_000);
      expect(clock.timers).toBe(0);
    }),
    { numRuns, seed },
  );
});
