import { expect, test, vi } from 'vitest';
import { Envelope } from '../../../src/protocol/envelope';
import type { Dialect, LinkEvents } from '../../../src/protocol/link';
import { createBroker } from '../../../src/server/broker/broker';
import { createVirtualClock, type VirtualClock } from '../../helpers/virtual-clock';
import { dataOf, told } from '../../helpers/world';

const many = 10_000;

/** What is tried here is what many cost, not that there are limits. */
const unlimited = {
  clients: Number.POSITIVE_INFINITY,
  channels: Number.POSITIVE_INFINITY,
  channelsPerClient: Number.POSITIVE_INFINITY,
  retained: Number.POSITIVE_INFINITY,
  delayed: Number.POSITIVE_INFINITY,
};

interface Place {
  readonly clock: VirtualClock;
  readonly channels: () => string[];
  readonly close: () => void;
  /** A client without a network, whom the server has welcomed. */
  enter(handle: string, dialect?: Dialect): Guest;
}

interface Guest {
  say(...frames: string[]): void;
  /** What the server said since the last time. */
  heard(): string[];
  leave(): void;
}

function openPlace(): Place {
  const clock = createVirtualClock();
  const broker = createBroker({ clock, limits: unlimited });
  return {
    clock,
    channels: broker.channels,
    close: broker.close,
    enter(handle, dialect = 'web') {
      const frames: string[] = [];
      const events: LinkEvents = broker.accept(
        { send: (frame) => frames.push(frame), close() {}, buffered: 0 },
        dialect,
      );
      events.frame(dialect === 'line' ? `${handle}(JSON)` : handle);
      frames.length = 0;
      return {
        say: (...texts) => texts.forEach((text) => void events.frame(text)),
        heard: () => frames.splice(0),
        leave: () => events.close(),
      };
    },
  };
}

/** Numbers up to the one that is given. */
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** How long `task` takes, in ms of this machine. */
async function duration(task: () => unknown): Promise<number> {
  const start = performance.now();
  await task();
  return performance.now() - start;
}

/** Whether it works with many. In a soak also whether ten times as much takes about ten times as long; what is quadratic takes a hundred times. */
async function expectLinear(task: (size: number) => unknown): Promise<void> {
  if (process.env['SOAK'] === undefined) return void (await task(many));
  await task(many / 10);
  const few = await duration(() => task(many / 10));
  const all = await duration(() => task(many));
  expect(all).toBeLessThan(40 * few + 100);
}

test('10,000 watchers of one name hear of each event once, and leave no timer behind', async () => {
  await expectLinear(async (size) => {
    const place = openPlace();
    const alice = place.enter('alice');
    const watchers = upTo(size).map((index) => place.enter(`watcher${index}`, index % 2 === 0 ? 'web' : 'line'));
    for (const watcher of watchers) watcher.say('subscribe presence(colour)');
    alice.say('subscribe colour');
    expect(watchers.every((watcher) => watcher.heard().length === 2)).toBe(true);
    await place.clock.advance(5_000);
    expect(dataOf(watchers.at(-1)?.heard() ?? [])).toEqual([{ channel: 'colour', refresh: ['alice'] }]);
    for (const watcher of watchers) watcher.leave();
    alice.leave();
    expect(place.clock.timers).toBe(0);
  });
});

test('A watcher of 10,000 names, and a client in 10,000 channels, come and go', async () => {
  await expectLinear((size) => {
    const place = openPlace();
    const [watcher, alice] = [place.enter('watcher'), place.enter('alice')];
    for (const index of upTo(size)) watcher.say(`subscribe presence(c${index})`);
    for (const index of upTo(size)) alice.say(`subscribe c${index}`);
    watcher.say('subscribe presence(alice)');
    watcher.heard();
    alice.leave();
    expect(watcher.heard()).toHaveLength(2 * size + 1);
    watcher.leave();
    expect(place.channels()).toEqual([]);
    expect(place.clock.timers).toBe(0);
  });
});

test('10,000 channels keep a message each on one timer, and are gone when it expires', async () => {
  await expectLinear(async (size) => {
    const place = openPlace();
    const alice = place.enter('alice');
    // The later ones expire first, each a little before the one before it.
    for (const index of upTo(size)) {
      alice.say(`subscribe c${index}`, `sendjson c${index} {"_RETAIN":${70 - (index % 60)}}`, `unsubscribe c${index}`);
    }
    expect(place.clock.timers).toBe(2);
    alice.leave();
    expect(place.channels()).toHaveLength(size);
    await place.clock.advance(71_000);
    expect(place.channels()).toEqual([]);
    expect(place.clock.timers).toBe(0);
  });
});

test('10,000 delayed messages wait on one timer, and are looked at once a second', async () => {
  await expectLinear(async (size) => {
    const place = openPlace();
    const [alice, bob] = [place.enter('alice'), place.enter('bob')];
    for (const index of upTo(size)) bob.say(`subscribe c${index}`);
    // All of them are due at times of their own, a millisecond apart.
    for (const index of upTo(size)) {
      alice.say(`sendjson c${index} {"_DELAY":20}`);
      await place.clock.advance(1);
    }
    expect(place.clock.timers).toBe(2);
    const timers = vi.spyOn(place.clock, 'after');
    await place.clock.advance(21_000);
    // Once a second at most, however many there are; and a few for the pings.
    expect(timers.mock.calls.length).toBeLessThan(40);
    expect(dataOf(bob.heard())).toHaveLength(size);
    for (const guest of [alice, bob]) guest.leave();
    expect(place.clock.timers).toBe(0);
  });
});

test('10,000 reports a second cost what they are worth', async () => {
  await expectLinear(async (size) => {
    const place = openPlace();
    const alice = place.enter('alice');
    for (const index of upTo(size)) alice.say(`subscribe c${index}/?`);
    alice.heard();
    await place.clock.advance(1_000);
    expect(alice.heard()).toHaveLength(size);
    alice.leave();
    expect(place.clock.timers).toBe(0);
  });
});

test('A message is worded once for each dialect, however many receive it', () => {
  const place = openPlace();
  const guests = upTo(10).map((index) => place.enter(`guest${index}`, index % 2 === 0 ? 'web' : 'line'));
  for (const guest of guests) guest.say('subscribe colour', 'subscribe presence(colour)');
  for (const guest of guests) guest.heard();
  const wording = vi.spyOn(JSON, 'stringify');
  place.enter('alice').say('subscribe colour');
  const worded = wording.mock.calls.length;
  wording.mockRestore();
  // Some for the welcome and the one event; each further receiver would add four.
  expect(worded).toBeLessThan(15);
  for (const guest of guests) expect(dataOf(guest.heard())).toEqual([{ channel: 'colour', join: 'alice' }]);
});

test('A message that functions shape is worded once for each form and dialect, however many receive it', () => {
  const place = openPlace();
  const forms = ['filter(n>0)', 'transform(m,n*2)', 'transform(m,sum(n,2))'];
  const guests = upTo(60).map((index) => place.enter(`guest${index}`, index % 2 === 0 ? 'web' : 'line'));
  const formOf = (index: number): string => forms[Math.floor(index / 2) % 3] ?? '';
  guests.forEach((guest, index) => void guest.say(`subscribe colour[${formOf(index)}]`));
  const alice = place.enter('alice');
  alice.say('sendjson colour {"n":1}');
  // One that comes later has an emptier window.
  const late = place.enter('late');
  late.say(`subscribe colour[${forms[2]}]`);
  const wording = vi.spyOn(Envelope.prototype, 'web', 'get');
  alice.say('sendjson colour {"n":2}');
  expect(new Set(wording.mock.contexts).size).toBe(4);
  wording.mockRestore();
  guests.forEach((guest, index) => {
    const [one, two] =
      [
        [{ n: 1 }, { n: 2 }],
        [
          { n: 1, m: 2 },
          { n: 2, m: 4 },
        ],
        [
          { n: 1, m: 1 },
          { n: 2, m: 3 },
        ],
      ][Math.floor(index / 2) % 3] ?? [];
    expect(dataOf(guest.heard())).toEqual([one, two]);
  });
  expect(dataOf(late.heard())).toEqual([{ n: 2, m: 2 }]);
  place.enter('bob').say('sendjson colour {"n":2}');
  expect(told(guests[0]?.heard() ?? [])).toMatchObject([{ sender: 'bob', data: { n: 2 } }]);
});

test('A broker that is closed leaves no timer, whatever it was busy with', () => {
  const place = openPlace();
  const [alice, bob] = [place.enter('alice'), place.enter('bob', 'line')];
  alice.say('subscribe presence(colour)', 'subscribe OOCSI_metrics', 'subscribe colour/?', 'subscribe OOCSI_events');
  bob.say('subscribe colour', 'sendraw colour {"_RETAIN":60}', 'sendraw alice {"_DELAY":60}', 'unsubscribe colour');
  expect(place.clock.timers).toBe(5);
  place.close();
  expect(place.clock.timers).toBe(0);
  expect(place.channels()).toEqual([]);
});
