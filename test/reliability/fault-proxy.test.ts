import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { listening } from '../helpers/listening';
import { createFaultProxy, type FaultProxy } from '../kit/fault-proxy';
import type { Toxics } from '../kit/toxics';

/** A server that sends back what it gets, behind a proxy, and a socket that talks to it. */
async function scene(toxics: Toxics) {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
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
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await proxy[Symbol.asyncDispose]();
      await target.close();
    },
  };
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
    const began = Date.now();
    for (let n = 0; n < 10; n++) world.socket.write(`${n}`);
    await expect.poll(world.text).toBe('0123456789');
    expect(Date.now() - began).toBeGreaterThanOrEqual(18);
  });

  test('has a bandwidth', async () => {
    await using world = await scene({ bandwidth: 100_000 });
    const began = Date.now();
    world.socket.write('x'.repeat(5_000));
    await expect.poll(() => world.text().length).toBe(5_000);
    expect(Date.now() - began).toBeGreaterThanOrEqual(95);
  });

  test('cuts into pieces', async () => {
    await using world = await scene({ slicer: 2, latency: { ms: 1 } });
    world.socket.write('hello world');
    await expect.poll(world.text).toBe('hello world');
    expect(world.pieces.length).toBeGreaterThan(1);
  });

  test('joins pieces', async () => {
    await using world = await scene({ coalesce: 30 });
    for (const text of ['a', 'b', 'c']) {
      world.socket.write(text);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect.poll(world.text).toBe('abc');
    expect(world.pieces).toHaveLength(1);
  });

  test.each(['up', 'down', 'both'] as const)('is a black hole (%s)', async (way) => {
    await using world = await scene({ blackhole: way });
    world.socket.write('lost');
    delete world.proxy.toxics.blackhole;
    await new Promise((resolve) => setTimeout(resolve, 20));
    world.socket.write('here');
    await expect.poll(world.text).toContain('here');
    expect(world.proxy.connections).toBe(1);
  });

  test.each([
    ['a limit', { limitData: 5 }, 'limitData'],
    ['an early death', { killEvery: 5 }, 'killEvery'],
  ] satisfies [string, Toxics, string][])('ends a connection by %s', async (_what, toxics, told) => {
    await using world = await scene(toxics);
    world.socket.write('0123456789');
    await world.end;
    expect(world.text().length).toBeLessThanOrEqual(5);
    expect(world.proxy.log).toEqual(['1 open', `1 ${told}`]);
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
    const began = Date.now();
    world.socket.end();
    await world.end;
    expect(Date.now() - began).toBeGreaterThanOrEqual(48);
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
