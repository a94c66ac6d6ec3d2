import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fileStore } from '../../../src/server/persistence/file-store';
import type { Snapshot, Store } from '../../../src/server/persistence/store';
import { type ServerOptions, startServer } from '../../../src/server/start-server';
import { until, within } from '../../helpers/raw';
import { createVirtualClock, type VirtualClock } from '../../helpers/virtual-clock';
import { dataOf, openWorld as openAnyWorld, say, told, type World } from '../../helpers/world';

/** A world whose clock may be that of another one. */
async function openWorld(options: ServerOptions & { readonly clock?: VirtualClock } = {}): Promise<World> {
  const clock = options.clock ?? createVirtualClock();
  return { ...(await openAnyWorld({ ...options, clock })), clock };
}

async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'store-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A store that remembers what it was given. */
function openStore(loaded: Snapshot = { retained: [], delayed: [] }): Store & { readonly saves: Snapshot[] } {
  const saves: Snapshot[] = [];
  return {
    saves,
    load: () => saves.at(-1) ?? loaded,
    async save(snapshot) {
      saves.push(snapshot);
    },
  };
}

const retained = (recipient: string, data: string, until: number) => ({
  ...{ recipient, sender: 'alice', timestamp: 1, data, until },
});
const delayed = (recipient: string, data: string, timestamp: number) => ({
  recipient,
  sender: 'alice',
  timestamp,
  data,
});

/** What somebody new gets who subscribes. */
async function given(world: World, channel: string): Promise<unknown[]> {
  const raw = await world.line(`late${Math.random()}`);
  await say(raw, `subscribe ${channel}`);
  const frames = await raw.heard();
  await raw.leave();
  return told(frames);
}

/** A server that goes on where another one stopped. */
async function restarted(world: World, store: Store): Promise<World> {
  const closing = world.server.close();
  await within(closing, 'the server to close');
  return openWorld({ store, clock: world.clock });
}

describe('A restart', () => {
  test('keeps what channels keep, as it was, and for as long as it had left', async () => {
    const store = fileStore(join(await openFolder(), 'kept.json'));
    const first = await openWorld({ store });
    const [alice, bob] = [await first.line('alice'), await first.web('bob')];
    await say(bob, 'subscribe colour', 'subscribe room:pw', 'subscribe plain');
    await say(alice, 'sendraw colour {"n":1.0,"big":9007199254740993,"t":"ü","_RETAIN":60}');
    await say(alice, 'sendraw room:pw {"n":2,"_RETAIN":120}', 'sendraw plain {"n":3}');
    const sent = first.clock.now();
    await first.clock.advance(10_000);
    const second = await restarted(first, store);
    expect(second.server.broker.channels()).toEqual(['colour']);
    const carol = await second.web('carol');
    await say(carol, 'subscribe colour');
    expect((await carol.heard())[0]).toBe(
      `{"recipient":"colour","timestamp":${sent},"sender":"alice","data":{"n":1.0,"big":9007199254740993,"t":"ü","_RETAIN":60}}`,
    );
    expect(await given(second, 'room:pw')).toMatchObject([{ recipient: 'room:pw', data: { n: 2 } }]);
    expect(await given(second, 'room')).toEqual([]);
    expect(await given(second, 'plain')).toEqual([]);
    await second.clock.advance(49_999);
    expect(await given(second, 'colour')).toHaveLength(1);
    await second.clock.advance(2_000);
    expect(await given(second, 'colour')).toEqual([]);
    expect(await given(second, 'room:pw')).toHaveLength(1);
  });

  test('keeps what waits for its time, which comes as if nothing had been', async () => {
    const store = fileStore(join(await openFolder(), 'kept.json'));
    const first = await openWorld({ store });
    const alice = await first.line('alice');
    await say(alice, 'sendraw bob {"n":1,"_DELAY":30}', 'sendraw room {"n":2,"_DELAY":30,"_RETAIN":60}');
    const sent = first.clock.now();
    await first.clock.advance(5_000);
    const second = await restarted(first, store);
    const bob = await second.line('bob');
    await say(bob, 'subscribe room');
    await second.clock.advance(24_999);
    expect(await bob.heard()).not.toContainEqual(expect.stringContaining('"n"'));
    await second.clock.advance(1_000);
    expect(told(await bob.heard())).toEqual([
      { recipient: 'bob', sender: 'alice', timestamp: sent + 30_000, data: { n: 1, _DELAY: 30 } },
      { recipient: 'room', sender: 'alice', timestamp: sent + 30_000, data: { n: 2, _DELAY: 30, _RETAIN: 60 } },
    ]);
    expect(await given(second, 'room')).toHaveLength(1);
  });

  test('delivers what fell due meanwhile as soon as somebody is there for it, within a minute', async () => {
    const clock = createVirtualClock();
    const due = clock.now() - 5_000;
    const store = openStore({
      retained: [],
      delayed: [delayed('room', '{"n":1}', due), delayed('bob', '{"n":2}', due), delayed('hall', '{"n":3}', due)],
    });
    const world = await openWorld({ store, clock });
    await clock.advance(10_000);
    const bob = await world.line('bob');
    await say(bob, 'subscribe room');
    await clock.advance(1_000);
    expect(told(await bob.heard())).toMatchObject([
      { recipient: 'room', timestamp: due, data: { n: 1 } },
      { recipient: 'bob', timestamp: due, data: { n: 2 } },
    ]);
    expect(world.server.stats().delayed).toBe(1);
    await clock.advance(50_000);
    expect(world.server.stats().delayed).toBe(0);
    await say(bob, 'subscribe hall');
    await clock.advance(5_000);
    expect(dataOf(await bob.heard())).toEqual([]);
  });

  test('drops what is over', async () => {
    const clock = createVirtualClock();
    const store = openStore({ retained: [retained('colour', '{}', clock.now())], delayed: [] });
    const world = await openWorld({ store, clock });
    expect(world.server.broker.channels()).toEqual([]);
    expect(await given(world, 'colour')).toEqual([]);
  });

  test('gives nobody a channel that is the handle of a registered user, or of the server', async () => {
    const clock = createVirtualClock();
    const until = clock.now() + 60_000;
    const store = openStore({ retained: [retained('lamp', '{}', until), retained('room', '{}', until)], delayed: [] });
    const world = await openWorld({ store, clock, users: ['lamp:secret'] });
    expect(world.server.broker.channels()).toEqual(['room']);
    const lamp = await world.tcp('lamp:secret(JSON)');
    expect(await lamp.heard()).toEqual([expect.stringContaining('welcome lamp')]);
  });
});

describe('A server with a store', () => {
  async function opened(store: Store, clock: VirtualClock = createVirtualClock()): Promise<World> {
    const world = await openWorld({ store, clock });
    const bob = await world.line('bob');
    await say(bob, 'subscribe room');
    return world;
  }

  test('saves a tenth of a second after a change, and only then', async () => {
    const store = openStore();
    const world = await opened(store);
    const alice = await world.line('alice');
    await say(alice, 'sendraw room {"n":0}');
    await world.clock.advance(5_000);
    expect(store.saves).toEqual([]);
    await say(alice, 'sendraw room {"n":1,"_RETAIN":60}');
    await world.clock.advance(50);
    await say(alice, 'sendraw later {"n":2,"_DELAY":60}', 'sendraw room {"n":3,"_RETAIN":60}');
    await world.clock.advance(49);
    expect(store.saves).toEqual([]);
    await world.clock.advance(1);
    expect(store.saves).toMatchObject([
      { retained: [{ data: '{"n":3,"_RETAIN":60}' }], delayed: [{ recipient: 'later' }] },
    ]);
    await world.clock.advance(55_000);
    expect(store.saves).toHaveLength(1);
    // Both fall due.
    await world.clock.advance(10_000);
    expect(store.saves.at(-1)).toEqual({ retained: [], delayed: [] });
    await say(alice, 'sendraw room {"n":4,"_RETAIN":60}', 'sendraw room {"n":5}');
    await world.clock.advance(1_000);
    expect(store.saves.at(-1)).toEqual({ retained: [], delayed: [] });
  });

  test('saves once when it closes, also when something has just changed', async () => {
    const store = openStore();
    const world = await opened(store);
    const alice = await world.line('alice');
    await say(alice, 'sendraw room {"n":1,"_RETAIN":60}');
    await within(world.server.close(), 'the server to close');
    expect(world.clock.timers).toBe(0);
    await world.clock.advance(20_000);
    expect(store.saves).toMatchObject([{ retained: [{ recipient: 'room' }], delayed: [] }]);
  });

  test('saves once at a time, and once more when something changed meanwhile', async () => {
    let done = (): void => undefined;
    let saves = 0;
    const store: Store = {
      load: () => ({ retained: [], delayed: [] }),
      save() {
        saves++;
        return new Promise((resolve) => {
          done = resolve;
        });
      },
    };
    const world = await opened(store);
    const alice = await world.line('alice');
    await say(alice, 'sendraw room {"n":1,"_RETAIN":60}');
    await world.clock.advance(1_000);
    await say(alice, 'sendraw room {"n":2,"_RETAIN":60}');
    await world.clock.advance(5_000);
    expect(saves).toBe(1);
    done();
    await world.clock.advance(1_000);
    expect(saves).toBe(2);
    done();
    const closing = world.server.close();
    await until(() => saves === 3, 'the last save');
    done();
    await within(closing, 'the server to close');
  });

  test('tells once that it cannot save, tries again, and fails to close without it', async () => {
    let isBroken = true;
    let saves = 0;
    const store: Store = {
      load: () => ({ retained: [], delayed: [] }),
      async save() {
        saves++;
        if (isBroken) throw new Error('the disk is full');
      },
    };
    const world = await opened(store);
    const errors: string[] = [];
    world.server.on('error', ({ code, message }) => errors.push(`${code} ${message}`));
    const alice = await world.line('alice');
    await say(alice, 'sendraw room {"n":1,"_RETAIN":600}');
    await world.clock.advance(21_000);
    const fault = 'Cannot save what is kept and delayed (the disk is full): it is lost when the server stops.';
    expect([saves, errors]).toEqual([3, [`unsupported ${fault}`]]);
    isBroken = false;
    await world.clock.advance(10_000);
    isBroken = true;
    await say(alice, 'sendraw room {"n":2,"_RETAIN":600}');
    await world.clock.advance(1_000);
    expect(errors).toHaveLength(2);
    await expect(within(world.server.close(), 'the server to close')).rejects.toMatchObject({
      code: 'unsupported',
      message: fault,
    });
    expect(world.server.broker.clients()).toEqual([]);
    // A world closes its server, too, and that is no second fault.
    world.server.close = async () => undefined;
  });

  test('has saved every change within a second, however fast they come, while a save takes 400 ms', async () => {
    const clock = createVirtualClock();
    let written = 0;
    const saved = new Map<number, number>();
    const store: Store = {
      load: () => ({ retained: [], delayed: [] }),
      async save({ retained: [kept] }) {
        const count = Number(/\d+/.exec(kept?.data ?? '')?.[0] ?? 0);
        await new Promise<void>((resolve) => clock.after(400, resolve));
        for (; written < count; written++) saved.set(written + 1, clock.now());
      },
    };
    const world = await openWorld({ store, clock });
    const alice = await world.line('alice');
    await say(alice, 'subscribe room');
    const sent: number[] = [];
    for (let count = 1; count <= 200; count++) {
      sent[count] = clock.now();
      await say(alice, `sendraw room {"n":${count},"_RETAIN":600}`);
      await clock.advance(25);
    }
    await clock.advance(1_000);
    expect(saved.size).toBe(200);
    const waits = [...saved].map(([count, at]) => at - (sent[count] ?? 0));
    expect(Math.max(...waits)).toBeLessThan(1_000);
    const closing = world.server.close();
    await clock.advance(400);
    await within(closing, 'the server to close');
  });

  test('closes although its store never answers', async () => {
    const store: Store = { load: () => ({ retained: [], delayed: [] }), save: () => new Promise(() => undefined) };
    const world = await opened(store);
    const closing = world.server.close().catch((error: unknown) => error);
    await world.clock.advance(5_000);
    expect(await within(closing, 'the server to close')).toMatchObject({
      message: expect.stringContaining('it took more than 5 s'),
    });
    world.server.close = async () => undefined;
  });

  test('does not start when the store fails, or gives what is no snapshot', async () => {
    const save = async (): Promise<void> => undefined;
    const failing: Store = { load: () => Promise.reject(new Error('no such disk')), save };
    await expect(startServer({ port: 0, tcpPort: 0, store: failing })).rejects.toThrow('no such disk');
    const odd: Store = { load: () => JSON.parse('{"retained":[]}'), save };
    await expect(startServer({ port: 0, tcpPort: 0, store: odd })).rejects.toThrow(
      /^delayed cannot be undefined: use a list/,
    );
    const options: Record<string, unknown> = { store: 'kept.json' };
    await expect(startServer(options)).rejects.toThrow(/^store cannot be "kept.json": use fileStore\('kept\.json'\)/);
  });

  test('leaves no timer behind when it cannot listen', async () => {
    const clock = createVirtualClock();
    const store = openStore({ retained: [retained('colour', '{}', clock.now() + 60_000)], delayed: [] });
    await expect(startServer({ host: '192.0.2.1', port: 0, clock, store })).rejects.toThrow('192.0.2.1');
    expect(clock.timers).toBe(0);
  });
});

describe('fileStore', () => {
  const empty: Snapshot = { retained: [], delayed: [] };
  const snapshot: Snapshot = { retained: [retained('colour', '{"n":1.0}', 5)], delayed: [delayed('bob', '{}', 7)] };
  const load = async (store: Store): Promise<{ loaded: Snapshot; warnings: string[] }> => {
    const warnings: string[] = [];
    return { loaded: await store.load((text) => warnings.push(text)), warnings };
  };

  test('begins with nothing, and makes the folder', async () => {
    const path = join(await openFolder(), 'a/b/kept.json');
    expect(await load(fileStore(path))).toEqual({ loaded: empty, warnings: [] });
    await fileStore(path).save(snapshot);
    expect(await load(fileStore(path))).toEqual({ loaded: snapshot, warnings: [] });
  });

  test('puts a whole file in the place of the old one, which only its owner can read', async () => {
    const folder = await openFolder();
    const store = fileStore(join(folder, 'kept.json'));
    await store.save(snapshot);
    const before = await stat(join(folder, 'kept.json'));
    // What an earlier save left behind that was cut off.
    await writeFile(join(folder, 'kept.json.new'), '{"ver');
    await store.save(empty);
    const after = await stat(join(folder, 'kept.json'));
    expect(after.ino).not.toBe(before.ino);
    expect(after.mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['kept.json']);
    expect(await load(store)).toEqual({ loaded: empty, warnings: [] });
  });

  test('keeps the old file when the new one cannot be written', async () => {
    const folder = await openFolder();
    const store = fileStore(join(folder, 'kept.json'));
    await store.save(snapshot);
    await mkdir(join(folder, 'kept.json.new'));
    await expect(store.save(empty)).rejects.toThrow(/EISDIR/);
    expect(await load(store)).toEqual({ loaded: snapshot, warnings: [] });
  });

  for (const [what, text] of [
    ['is cut off', '{"version":1,"retained":[{"recip'],
    ['is empty', ''],
    ['is something else', '[1,2]'],
    ['comes from another version', '{"version":3,"retained":[],"delayed":[]}'],
    ['has no checksum', '{"version":2}\n{"retained":[],"delayed":[]}\n'],
    ['lacks a list', '{"version":1,"retained":[]}'],
    [
      'holds a message without a sender',
      '{"version":1,"delayed":[],"retained":[{"recipient":"a","timestamp":1,"data":"{}"}]}',
    ],
    ['holds data that is none', `{"version":1,"retained":[],"delayed":[${JSON.stringify(delayed('a', '[1]', 1))}]}`],
    [
      'holds a line break in a name',
      `{"version":1,"retained":[],"delayed":[${JSON.stringify(delayed('a\nb', '{}', 1))}]}`,
    ],
    [
      'holds data that is too deep',
      `{"version":1,"retained":[],"delayed":[${JSON.stringify(delayed('a', `{"x":${'['.repeat(1_000)}${']'.repeat(1_000)}}`, 1))}]}`,
    ],
    ['holds no time', `{"version":1,"delayed":[],"retained":[${JSON.stringify(delayed('a', '{}', 1))}]}`],
  ] as const) {
    test(`sets a file aside that ${what}, and the server says so and starts`, async () => {
      const folder = await openFolder();
      const path = join(folder, 'kept.json');
      await writeFile(path, text);
      const clock = createVirtualClock();
      const lines: string[] = [];
      const world = await openWorld({ clock, store: fileStore(path, { clock }), logger: (line) => lines.push(line) });
      const aside = `${path}.damaged-${clock.now()}`;
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(
        /^warning .*kept\.json is damaged \(.+\): it is now .*, and nothing is kept from before$/,
      );
      expect(lines[0]).toContain(aside);
      expect(await readFile(aside, 'utf8')).toBe(text);
      expect(world.server.broker.channels()).toEqual([]);
      await world.server.close();
      expect((await readdir(folder)).sort()).toEqual(['kept.json', `kept.json.damaged-${clock.now()}`]);
      expect(await load(fileStore(path))).toEqual({ loaded: empty, warnings: [] });
    });
  }

  test('does not let a server start that could not read it, or it would write over it', async () => {
    const path = join(await openFolder(), 'kept.json');
    await mkdir(path);
    await expect(startServer({ port: 0, tcpPort: 0, store: fileStore(path) })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/^Cannot read the store .*kept\.json \(it is a directory, not a file\)/),
    });
  });

  test.each([
    ['pipe', async (path: string): Promise<void> => void execFileSync('mkfifo', [path])],
    ['device', async (path: string) => symlink('/dev/zero', path)],
    [
      'socket',
      async (path: string): Promise<void> => {
        const server = createServer().listen(path);
        await once(server, 'listening');
        onTestFinished(() => void server.close());
      },
    ],
  ] as const)('does not wait for ever for a %s', async (kind, make) => {
    const path = join(await openFolder(), 'kept.json');
    await make(path);
    const starting = startServer({ port: 0, tcpPort: 0, store: fileStore(path) });
    await expect(within(starting, 'the server to say why not')).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining(`${path} (it is a ${kind}, not a file)`),
    });
  });

  test('takes no file for whole in which a single bit is another one', async () => {
    const path = join(await openFolder(), 'kept.json');
    const clock = createVirtualClock();
    const store = fileStore(path, { clock });
    await store.save(snapshot);
    const bytes = await readFile(path);
    expect((await load(store)).loaded).toEqual(snapshot);
    for (let at = 0; at < bytes.length; at++) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      await writeFile(path, flipped);
      const { loaded, warnings } = await load(store);
      expect([at, loaded, warnings.length]).toEqual([at, empty, 1]);
    }
  });

  test('reads what a version without checksums has written', async () => {
    const path = join(await openFolder(), 'kept.json');
    await writeFile(path, `${JSON.stringify({ version: 1, ...snapshot })}\n`);
    expect(await load(fileStore(path))).toEqual({ loaded: snapshot, warnings: [] });
  });

  test('takes what a killed server had written whole, but not put in its place', async () => {
    const folder = await openFolder();
    const path = join(folder, 'kept.json');
    const [store, other] = [fileStore(path), fileStore(join(folder, 'other.json'))];
    await store.save(empty);
    await other.save(snapshot);
    await rename(join(folder, 'other.json'), `${path}.new`);
    expect(await load(store)).toEqual({ loaded: snapshot, warnings: [] });
    expect(await readdir(folder)).toEqual(['kept.json']);
    expect(await load(store)).toEqual({ loaded: snapshot, warnings: [] });
  });

  test('leaves what a killed server had written in part', async () => {
    const path = join(await openFolder(), 'kept.json');
    const store = fileStore(path);
    await store.save(empty);
    const whole = await readFile(path);
    await store.save(snapshot);
    for (let length = 0; length < whole.length; length++) {
      await writeFile(`${path}.new`, whole.subarray(0, length));
      expect(await load(store)).toEqual({ loaded: snapshot, warnings: [] });
    }
  });

  test('needs a path', () => {
    expect(() => fileStore('')).toThrow(TypeError);
  });
});
