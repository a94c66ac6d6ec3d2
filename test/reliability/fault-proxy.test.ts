import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { listening } from '../helpers/listening';
import { createFaultProxy, type FaultProxy } from '../kit/fault-proxy';
import type { Toxics } from '../kit/toxics';

/** A server that sends back what it gets, behind a proxy, and a socket that talks to it. */
async function scene(toxics: Toxics) {
  let left = 0;
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.on('close', () => left++);
    socket.pipe(socket);
  });
  const target = await listening(server);
  const proxy = await createFaultProxy(target.port, toxics, 7);
  const socket = connect(proxy.port, '127.0.0.1');
  const pieces: Buffer[] = [];
  socket.on('data', (piece) => pieces.push(piece));
  socket.on('error', () => undefined);
  const end = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'connect');
  return {
    proxy,
    socket,
    pieces,
    end,
    text: () => Buffer.concat(pieces).toString(),
    /** How many connections the server knows to be over. */
    left: () => left,
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await proxy[Symbol.asyncDispose]();
      await target.close();
    },
  };
}

/** Tells whether so many ms are over, by a timer that was set before what should take longer. */
function timer(ms: number): () => boolean {
  let isOver = false;
  setTimeout(() => {
    isOver = true;
  }, ms);
  return () => isOver;
}

describe('the fault proxy', () => {
  test('passes on what it gets, and tells what it did', async () => {
    await using world = await scene({});
    world.socket.write('hello');
    await expect.poll(world.text).toBe('hello');
    expect(world.proxy.log).toEqual(['1 open']);
    expect(world.proxy.connections).toBe(1);
  });

  test('lets it come late, in order', async () => {
    await using world = await scene({ latency: { ms: 40, jitter: 30 } });
    const isOver = timer(18);
    for (let n = 0; n < 10; n++) world.socket.write(`${n}`);
    await expect.poll(world.text).toBe('0123456789');
    expect(isOver()).toBe(true);
  });

  test('has a bandwidth', async () => {
    await using world = await scene({ bandwidth: 100_000 });
    const isOver = timer(45);
    world.socket.write('x'.repeat(5_000));
    await expect.poll(() => world.text().length).toBe(5_000);
    expect(isOver()).toBe(true);
  });

  test('cuts into pieces and joins them, and loses nothing', async () => {
    await using world = await scene({ slicer: 2, coalesce: 2, latency: { ms: 3, jitter: 3 } });
    const text = 'hello world, '.repeat(100);
    for (const one of text) world.socket.write(one);
    world.socket.end();
    await world.end;
    expect(world.text()).toBe(text);
  });

  test.each(['up', 'down', 'both'] as const)('is a black hole (%s), and tells so in its log only', async (way) => {
    await using world = await scene({ blackhole: way });
    const where = way === 'down' ? 'down' : 'up';
    world.socket.write('gone');
    await expect.poll(() => world.proxy.log).toContain(`1 ${where}: 4 lost`);
    delete world.proxy.toxics.blackhole;
    world.socket.write('here');
    await expect.poll(world.text).toBe('here');
    expect(world.proxy.connections).toBe(1);
  });

  test.each(['end', 'resetAndDestroy'] as const)(
    'keeps a ghost at the server when a client in a black hole goes by %s',
    async (how) => {
      await using world = await scene({ blackhole: 'up' });
      world.socket[how]();
      await expect.poll(() => world.proxy.log.length + Number(world.socket.destroyed)).toBeGreaterThan(1);
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
      expect([world.proxy.connections, world.left()]).toEqual([1, 0]);
      world.proxy.kill('all');
      await expect.poll(world.left).toBe(1);
    },
  );

  test('ends a connection behind so many bytes, and lets these pass', async () => {
    for (const down of [1, 5, 9]) {
      await using world = await scene({ limitData: { down } });
      world.socket.write('0123456789');
      await world.end;
      expect(world.text()).toBe('0123456789'.slice(0, down));
      expect(world.proxy.log).toEqual(['1 open', '1 limitData']);
    }
  });

  test('ends a connection by an early death', async () => {
    await using world = await scene({ killEvery: 5 });
    world.socket.write('0123456789');
    await world.end;
    expect(world.text().length).toBeLessThanOrEqual(5);
    expect(world.proxy.log).toEqual(['1 open', '1 killEvery']);
  });

  test('reads no more than passes, so that who sends feels a slow network', async () => {
    await using world = await scene({ bandwidth: 2 ** 20 });
    const size = 2 ** 23;
    world.socket.write(Buffer.alloc(size));
    await expect.poll(() => world.text().length).toBeGreaterThan(2 ** 16);
    expect(world.socket.writableLength).toBeGreaterThan(0);
    world.proxy.toxics.bandwidth = 2 ** 30;
    await expect.poll(() => world.text().length).toBe(size);
  });

  test('spoils a byte', async () => {
    await using world = await scene({ corruptByte: 2 });
    world.socket.write('aaaa');
    await expect.poll(() => Buffer.concat(world.pieces).length).toBe(4);
    const wrong = [...Buffer.concat(world.pieces)].flatMap((byte, index) => (byte === 0x61 ? [] : [index]));
    expect(wrong).toEqual([1]);
  });

  test('tells the end late', async () => {
    await using world = await scene({ slowClose: 50 });
    const isOver = timer(45);
    world.socket.end();
    await world.end;
    expect(isOver()).toBe(true);
  });

  test('resets one connection, or all, and refuses new ones while it is down', async () => {
    await using world = await scene({});
    expect(world.proxy.kill()).toBe(1);
    await world.end;
    expect(world.proxy.kill('all')).toBe(0);
    const up = world.proxy.down();
    const again = connect(world.proxy.port, '127.0.0.1');
    again.on('error', () => undefined);
    await new Promise((resolve) => again.once('close', resolve));
    up();
  });

  test('does the same with the same seed', async () => {
    const drawn = async (): Promise<number[]> => {
      await using proxy: FaultProxy = await createFaultProxy(1, {}, 42);
      return Array.from({ length: 5 }, () => proxy.random.whole(1, 1_000));
    };
    expect(await drawn()).toEqual(await drawn());
  });
});
