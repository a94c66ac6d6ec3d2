import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { readLimits } from '../../../src/server/config/limits';
import { Backpressure } from '../../../src/server/flow/backpressure';
import { FairScheduler } from '../../../src/server/flow/fair-scheduler';
import { InboundQueue } from '../../../src/server/flow/inbound-queue';
import { systemClock } from '../../../src/util/clock';
import { type Raw, until } from '../../helpers/raw';
import { dataOf, openWorld, say, type World } from '../../helpers/world';

/** A clock that goes on only by what is done. */
function openScheduler() {
  let now = 0;
  const turns: (() => void)[] = [];
  const scheduler = new FairScheduler({ monotonic: () => now }, (task) => turns.push(task));
  return {
    scheduler,
    /** Works for as long as there is time; gives how long that was, in ms. */
    work(): number {
      const start = now;
      scheduler.begin();
      do now++;
      while (scheduler.hasTime() && now - start < 100);
      return now - start;
    },
    pass(ms: number) {
      now += ms;
    },
    nextTurn: () => turns.shift()?.(),
    get turns() {
      return turns.length;
    },
  };
}

test('Everybody has 2 ms at a stretch while others wait, and all together 8 ms in a turn', () => {
  const { scheduler, work, nextTurn } = openScheduler();
  scheduler.wait(() => undefined);
  expect(scheduler.isOver).toBe(false);
  expect([work(), work(), work(), work()]).toEqual([2, 2, 2, 2]);
  expect(scheduler.isOver).toBe(true);
  // One step is always taken.
  expect([work(), work()]).toEqual([1, 1]);
  nextTurn();
  expect(scheduler.isOver).toBe(false);
});

test('Who is alone has the whole turn, so that what he sends leaves together', () => {
  const { work, nextTurn } = openScheduler();
  expect([work(), work()]).toEqual([8, 1]);
  nextTurn();
  expect(work()).toBe(8);
});

test('Who waits goes on in a later turn, one after the other', () => {
  const { scheduler, work, nextTurn } = openScheduler();
  const seen: string[] = [];
  function toil(name: string, times: number): void {
    work();
    seen.push(name);
    if (times > 1) scheduler.wait(() => toil(name, times - 1));
  }
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) scheduler.wait(() => toil(name, 2));
  expect(seen).toEqual([]);
  const turns = [];
  for (let turn = 0; turn < 4; turn++) {
    nextTurn();
    turns.push(seen.splice(0).join(''));
  }
  expect(turns).toEqual(['abcd', 'efab', 'cdef', '']);
});

test('Who has little to do goes first, and one of the others goes on all the same', () => {
  const { scheduler, work, nextTurn } = openScheduler();
  const seen: string[] = [];
  const toil = (name: string, isLittle: boolean): void =>
    scheduler.wait(() => {
      work();
      seen.push(name);
      toil(name, isLittle);
    }, isLittle);
  for (const name of ['a', 'b', 'c']) toil(name, true);
  nextTurn();
  expect(seen.splice(0).join('')).toBe('abc');
  for (const name of ['A', 'B']) toil(name, false);
  const turns = [];
  for (let turn = 0; turn < 3; turn++) {
    nextTurn();
    turns.push(seen.splice(0).join(''));
  }
  expect(turns).toEqual(['abcA', 'abcB', 'abcA']);
  for (const name of ['d', 'e']) toil(name, true);
  nextTurn();
  nextTurn();
  expect(seen.join('')).toBe('abcdBeabcA');
});

test('When nobody has anything to do, nothing is planned', () => {
  const world = openScheduler();
  world.work();
  expect(world.turns).toBe(1);
  world.nextTurn();
  expect(world.turns).toBe(0);
});

test('Who had much to do waits when the turn is over, who had not is served at once', async () => {
  const seen: string[] = [];
  let now = 0;
  const backpressure = new Backpressure({ clock: { ...systemClock, monotonic: () => now }, limits: readLimits() });
  const inlet = { pause: () => undefined, resume: () => undefined };
  function open(name: string, ms: number): { run(): void } {
    let isThere = false;
    const source = new InboundQueue(inlet, backpressure, () => {
      if (!isThere) return false;
      isThere = false;
      now += ms;
      seen.push(name);
      return true;
    });
    return {
      run() {
        isThere = true;
        source.run();
      },
    };
  }
  const [heavy, heavier, light] = [open('heavy', 12), open('heavier', 12), open('light', 0)];
  heavy.run();
  await new Promise(setImmediate);
  heavier.run();
  await new Promise(setImmediate);
  seen.length = 0;
  light.run();
  heavy.run();
  heavier.run();
  light.run();
  expect(seen).toEqual(['light', 'heavy', 'light']);
  await until(() => seen.length === 4, 'the other one has had its turn');
  expect(seen.at(-1)).toBe('heavier');
});

/** Sources that each say one thing at a time, which takes `ms`, or what comes of it `later` ms, on a clock of their own. */
function openSources() {
  const seen: string[] = [];
  let [now, due] = [0, 0];
  const work = {
    begin() {},
    end() {
      now += due;
      due = 0;
    },
  };
  const backpressure = new Backpressure({
    clock: { ...systemClock, monotonic: () => now },
    limits: readLimits(),
    observer: work,
  });
  const inlet = { pause: () => seen.push('pause'), resume: () => seen.push('resume') };
  return {
    seen,
    open(name: string, ms: number, later = 0): () => void {
      const source = new InboundQueue(inlet, backpressure, () => {
        now += ms;
        due += later;
        seen.push(name);
        return false;
      });
      return () => source.run();
    },
  };
}

test('Who says little of which much comes has much to do', async () => {
  const { seen, open } = openSources();
  const [first, second] = [open('first', 0, 12), open('second', 0, 12)];
  for (const run of [first, second]) {
    run();
    await new Promise(setImmediate);
  }
  seen.length = 0;
  first();
  second();
  expect(seen).toEqual(['first', 'pause']);
  await until(() => seen.length === 4, 'the other one has had its turn');
  expect(seen.slice(2)).toEqual(['second', 'resume']);
});

const windows = Array.from({ length: 120 }, () => 'sum(x,50)').join('+');
const bomb = `[${[0, 1, 2].map((index) => `transform(y${index},${windows})`).join(';')}]`;
const blows = 1_500;

for (const ending of ['goes on', 'closes at once', 'is cut'] as const) {
  test(`A client whose messages cost much keeps nobody waiting, and loses none, when it ${ending}`, async () => {
    const world = await openWorld({ clock: systemClock });
    const [target, bystander] = [await world.line('target'), await world.line('bystander')];
    target.say(`subscribe bomb${bomb}`);
    await target.settled();
    const flood = connect({ host: '127.0.0.1', port: world.server.tcpPort ?? 0 }).on('error', () => undefined);
    onTestFinished(() => void flood.destroy());
    flood.resume().write(`flood(JSON)\n${'sendraw bomb {"x":1}\n'.repeat(blows)}`);
    if (ending === 'closes at once') flood.end();
    const done = (): number => world.server.stats().messagesIn;
    await until(() => done() > 0, 'the first messages');
    if (ending === 'is cut') flood.resetAndDestroy();
    await bystander.settled();
    expect(done()).toBeLessThan(blows);
    await until(() => done() === blows, 'the last message');
    expect(await target.heard()).toHaveLength(blows);
    if (ending !== 'goes on') await until(() => world.server.stats().clients === 2, 'it is gone');
  });
}

for (const [way, enter] of [
  ['TCP', (world: World) => world.line('light')],
  ['WebSocket', (world: World) => world.web('light')],
] as const) {
  test(`Who says little over ${way} is answered before those who have much to do go on`, async () => {
    let now = 1_000_000;
    const world = await openWorld({ clock: { ...systemClock, monotonic: () => now } });
    const light = await enter(world);
    world.server.on('message', ({ recipient }) => {
      if (recipient === 'much') now += 12;
    });
    const heavy = await Promise.all(Array.from({ length: 20 }, (_, index) => world.line(`heavy${index}`)));
    for (const raw of heavy) raw.say(...Array.from({ length: 50 }, () => 'sendraw much {}'));
    for (let count = 1; count <= 20; count++) await say(light, 'sendjson light {}');
    expect(dataOf(await light.heard())).toHaveLength(20);
    expect(world.server.stats().messagesIn).toBeLessThan(300);
    for (const raw of heavy) await raw.settled();
    expect(world.server.stats().messagesIn).toBe(1_020);
  });
}

for (const [way, enter, ask] of [
  ['TCP', (world: World) => world.line('light'), (raw: Raw) => raw.settled()],
  ['WebSocket', (world: World) => world.web('light'), (raw: Raw) => say(raw, 'sendjson light {}')],
] as const) {
  test(`Who has said all over ${way} does not wait behind those who have more to say`, async () => {
    let now = 1_000_000;
    const world = await openWorld({ clock: { ...systemClock, monotonic: () => now } });
    const light = await enter(world);
    world.server.on('message', ({ recipient }) => {
      if (recipient === 'much') now += 12;
    });
    const [heavy, ...others] = await Promise.all(Array.from({ length: 21 }, (_, index) => world.line(`other${index}`)));
    heavy?.say('sendraw much {}');
    // Nobody can know yet that these have much to do.
    for (const raw of others) raw.say('sendraw little {}', ...Array.from({ length: 20 }, () => 'sendraw much {}'));
    for (let count = 0; count < 3; count++) await ask(light);
    expect(world.server.stats().messagesIn).toBeLessThan(40);
  });
}
