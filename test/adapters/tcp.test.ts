import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tcp } from '../../src/adapters/tcp';
import { createLineSplitter } from '../../src/protocol/line/splitter';
import { certificate } from '../helpers/certificate';
import { createInbox } from '../helpers/inbox';
import { listening } from '../helpers/listening';

async function dialed() {
  const sockets = createInbox<Socket>();
  const server = await listening(createServer({ noDelay: true }, sockets.push));
  const frames = createInbox<string>();
  const closes = createInbox<unknown>();
  const link = await tcp({ host: '127.0.0.1', port: server.port }).dial(
    { frame: frames.push, close: closes.push },
    new AbortController().signal,
  );
  return { link, frames, closes, socket: await sockets.next(), [Symbol.asyncDispose]: server.close };
}

describe('lines', () => {
  test('come whole, however their bytes were cut', async () => {
    await using world = await dialed();
    const text = 'é中😀 first\r\nsecond\n\n漢字 last\n';
    const lines = ['é中😀 first', 'second', '', '漢字 last'];
    const bytes = Buffer.from(text);
    for (let cut = 1; cut < bytes.length; cut++) {
      world.socket.write(bytes.subarray(0, cut));
      // A write of its own per piece; the kernel may still join them, which must not matter either.
      await new Promise((resolve) => setImmediate(resolve));
      world.socket.write(bytes.subarray(cut));
      expect(await world.frames.take(4)).toEqual(lines);
    }
    world.link.close();
  });

  test('are the same for any pieces of any text', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.nat(20)), (texts, sizes) => {
        const lines = texts.map((text) => text.replace(/[\r\n]/g, ' '));
        const all = lines.map((line) => `${line}\n`).join('');
        const got: string[] = [];
        const push = createLineSplitter((line) => got.push(line));
        let at = 0;
        for (const size of [...sizes, all.length]) {
          push(all.slice(at, at + size));
          at += size;
        }
        expect(got).toEqual(lines);
      }),
    );
  });

  test('without an end are not handed over', async () => {
    await using world = await dialed();
    world.socket.end('whole\nhalf');
    await world.closes.next();
    expect(world.frames.waiting).toEqual(['whole']);
  });
});

describe('a connection', () => {
  test('that is reset tells why', async () => {
    await using world = await dialed();
    world.socket.resetAndDestroy();
    expect(await world.closes.next()).toMatchObject({ code: 'ECONNRESET' });
  });

  test('to a port that is none is a RangeError', () => {
    for (const port of [-1, 0, 65_536, 1.5, Number.NaN]) expect(() => tcp({ port })).toThrow(RangeError);
  });

  test('may use TLS', async () => {
    const server = await listening(createTlsServer(certificate, (socket) => socket.pipe(socket)));
    const events = { frame: createInbox<string>(), close: createInbox<unknown>() };
    const { signal } = new AbortController();
    const told = { frame: events.frame.push, close: events.close.push };
    const link = await tcp({ host: 'localhost', port: server.port, tls: { ca: certificate.cert } }).dial(told, signal);
    link.send('secret\n');
    expect(await events.frame.next()).toBe('secret');
    link.close();
    await events.close.next();
    await expect(tcp({ host: 'localhost', port: server.port, tls: true }).dial(told, signal)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('self-signed certificate'),
    });
    await server.close();
  });
});
