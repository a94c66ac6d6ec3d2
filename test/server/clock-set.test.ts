import { describe, expect, test } from 'vitest';
import { createBroker } from '../../src/server/broker/broker';
import type { Snapshot, Store } from '../../src/server/persistence/store';
import { ask } from '../helpers/ask';
import { dialTcp, until } from '../helpers/raw';
import { createVirtualClock } from '../helpers/virtual-clock';
import { dataOf, dialects, objects, openWorld, say } from '../helpers/world';

const hour = 3_600_000;
const sets = [
  ['back', -hour],
  ['forward', hour],
] as const;

/** A time as `_SCHEDULE` takes it, in the time zone of this machine. */
function local(time: number): string {
  const date = new Date(time);
  const two = (part: number): string => `${part}`.padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

/** A store that keeps what was saved last. */
function openStore(): Store & { kept: Snapshot } {
  return {
    kept: { retained: [], delayed: [] },
    load() {
      return this.kept;
    },
    async save(snapshot) {
      this.kept = snapshot;
    },
  };
}

describe.each(sets)('A server whose clock is set %s by an hour', (_way, ms) => {
  test.each(dialects)('delivers delayed messages after as long as they asked for (%s)', async (dialect) => {
    const world = await openWorld();
    const [alice, bob] = [await world[dialect]('alice'), await world[dialect]('bob')];
    await say(bob, 'subscribe colour');
    await say(alice, 'sendjson bob {"n":1,"_DELAY":3}', 'sendjson colour {"n":2,"_DELAY":"3"}');
    world.clock.setForward(ms);
    await world.clock.advance(2_999);
    expect(dataOf(await bob.heard())).toEqual([]);
    await world.clock.advance(1);
    expect(dataOf(await bob.heard())).toMatchObject([{ n: 1 }, { n: 2 }]);
  });

  test.each(dialects)('keeps retained messages for as long as they asked for (%s)', async (dialect) => {
    const world = await openWorld();
    const alice = await world[dialect]('alice');
    await say(alice, 'subscribe colour', 'sendjson colour {"n":1,"_RETAIN":60}', 'unsubscribe colour');
    world.clock.setForward(ms);
    await world.clock.advance(59_000);
    const [soon, late] = [await world[dialect]('soon'), await world[dialect]('late')];
    await say(soon, 'subscribe colour', 'unsubscribe colour');
    expect(dataOf(await soon.heard())).toMatchObject([{ n: 1 }]);
    await world.clock.advance(1_000);
    await say(late, 'subscribe colour');
    expect(dataOf(await late.heard())).toEqual([]);
  });

  test.each(dialects)('pings who is silent, and gives up who stays so, as soon as ever (%s)', async (dialect) => {
    const world = await openWorld();
    const alice = await world[dialect]('alice');
    world.clock.setForward(ms);
    await world.clock.advance(10_000);
    expect(await alice.heard()).toContain('ping');
    await say(alice, '.');
    await world.clock.advance(10_000);
    expect(world.server.broker.clients()).toEqual(['alice']);
    await world.clock.advance(130_000);
    expect(world.server.broker.clients()).toEqual([]);
  });

  test.each(dialects)(
    'gives the handle of a ghost to who asks for it, and keeps that of a client (%s)',
    async (dialect) => {
      const world = await openWorld();
      const alice = await world[dialect]('alice');
      await world.clock.advance(1);
      world.clock.setForward(ms);
      const early = await world.tcp('alice(JSON)');
      expect((await early.heard()).join()).toMatch(/already registered/);
      await say(alice, 'subscribe colour');
      await world.clock.advance(10_001);
      const before = world.server.stats().bytesIn;
      const late = await world.tcp('alice(JSON)');
      await until(() => world.server.stats().bytesIn > before, 'the server has read its handle');
      await world.clock.advance(2_001);
      expect((await late.heard()).join()).toMatch(/welcome/);
    },
  );

  test('delivers scheduled messages at their time of the new clock', async () => {
    const world = await openWorld();
    const bob = await world.line('bob');
    const due = world.clock.now() + 2 * hour;
    await say(bob, `sendjson bob {"n":1,"_SCHEDULE":"${local(due)}"}`);
    world.clock.setForward(ms);
    const rest = Math.ceil((due - world.clock.now()) / 1_000) * 1_000;
    for (let passed = 10_000; passed < rest - 10_000; passed += 10_000) {
      await world.clock.advance(10_000);
      await say(bob, 'ping');
    }
    expect(dataOf(await bob.heard())).toEqual([]);
    await world.clock.advance(20_001);
    expect(dataOf(await bob.heard())).toMatchObject([{ n: 1 }]);
  });

  test('says for how long it runs', async () => {
    const world = await openWorld();
    await world.clock.advance(5_000);
    world.clock.setForward(ms);
    expect(world.server.stats().uptime).toBe(5_000);
    const health = await ask(world, '/health');
    expect(JSON.parse(health.text)).toMatchObject({ uptime: 5_000 });
    const alice = await world.line('alice');
    await say(alice, 'subscribe OOCSI_metrics');
    expect(objects((await alice.heard()).filter((line) => line.startsWith('{')))).toMatchObject([{ uptime: 5_000 }]);
  });

  test('holds a client by `messageRate` no longer than ever', async () => {
    const clock = createVirtualClock();
    let isHeld = false;
    const peer = {
      hold() {
        isHeld = true;
      },
      release() {
        isHeld = false;
      },
    };
    const broker = createBroker({ clock, limits: { messageRate: 10 } });
    const { frame } = broker.accept({ send() {}, close() {}, buffered: 0 }, 'line', peer);
    frame('alice(JSON)');
    clock.setForward(ms);
    let count = 1;
    for (; !isHeld; count++) frame('sendraw alice {}');
    expect(count).toBe(11);
    clock.setForward(ms);
    await clock.advance(99);
    expect(isHeld).toBe(true);
    await clock.advance(1);
    expect(isHeld).toBe(false);
    broker.close();
  });

  test('counts wrong passwords for a minute', async () => {
    const world = await openWorld({ users: ['lamp:secret'], limits: { passwordAttempts: 1 } });
    async function enter(password: string): Promise<string> {
      const raw = await dialTcp(world.server.tcpPort ?? 0);
      raw.say(`lamp:${password}(JSON)`);
      const [said = ''] = await raw.heard();
      await raw.leave();
      return said;
    }
    expect(await enter('wrong')).toMatch(/password wrong/);
    world.clock.setForward(ms);
    expect(await enter('secret')).toMatch(/too many wrong passwords/);
    await world.clock.advance(60_001);
    expect(await enter('secret')).toMatch(/welcome/);
  });

  test('stores what is kept and delayed by the new clock', async () => {
    const store = openStore();
    const world = await openWorld({ store });
    const bob = await world.line('bob');
    const schedule = local(world.clock.now() + 9_000);
    await say(
      bob,
      'subscribe colour',
      'sendraw colour {"n":1,"_RETAIN":60}',
      'sendraw bob {"n":2,"_DELAY":60}',
      `sendraw eve {"n":3,"_SCHEDULE":"${schedule}"}`,
    );
    const date = world.clock.now() + 9_000;
    world.clock.setForward(ms);
    const then = world.clock.now() + 60_000;
    await world.clock.advance(3_000);
    expect(store.kept.retained).toMatchObject([{ until: then }]);
    const expected = [{ timestamp: then, recipient: 'bob' }];
    // What is scheduled for a time that is over now has been delivered.
    if (ms < 0) expected.push({ timestamp: date, recipient: 'eve' });
    expect(store.kept.delayed).toMatchObject(expected);
  });
});

test('A message that the clock of a restarted server would keep for an hour too long is kept for two days at most', async () => {
  const clock = createVirtualClock();
  const until = clock.now() + 72 * hour;
  const message = { recipient: 'colour', sender: 'alice', timestamp: 1, data: '{"n":1}', until };
  const store: Store = { load: () => ({ retained: [message], delayed: [] }), save: async () => undefined };
  const world = await openWorld({ store, clock });
  clock.sleep(48 * hour + 1);
  await clock.advance(0);
  const late = await world.line('late');
  await say(late, 'subscribe colour');
  expect(dataOf(await late.heard())).toEqual([]);
});

describe('Where timers come up to 1 ms early', () => {
  test.each(dialects)('a delayed message does not wait for the next look, a second later (%s)', async (dialect) => {
    const clock = createVirtualClock();
    const early = { ...clock, after: (ms: number, task: () => void) => clock.after(ms > 1 ? ms - 0.9 : ms, task) };
    const world = await openWorld({ clock: early });
    const bob = await world[dialect]('bob');
    await say(bob, 'sendjson bob {"n":1,"_DELAY":3}');
    await clock.advance(3_000);
    expect(dataOf(await bob.heard())).toMatchObject([{ n: 1 }]);
  });

  test('a retained message ends on time', async () => {
    const clock = createVirtualClock();
    const early = { ...clock, after: (ms: number, task: () => void) => clock.after(ms > 1 ? ms - 0.9 : ms, task) };
    const world = await openWorld({ clock: early });
    const alice = await world.line('alice');
    await say(alice, 'subscribe colour', 'sendraw colour {"n":1,"_RETAIN":3}', 'unsubscribe colour');
    await clock.advance(3_000);
    expect(world.server.stats().retained).toBe(0);
  });
});
