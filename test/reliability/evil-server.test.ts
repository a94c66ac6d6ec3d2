import { createServer as createWebServer } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { type Client, connect, type Message } from '../../src/index';
import { memoryInUse } from '../helpers/heap';
import { createInbox } from '../helpers/inbox';
import { listening } from '../helpers/listening';

const sane = (n: number): object => ({ recipient: 'lamp', sender: 'dial', timestamp: 1, data: { n } });

/** What the client was told, once it is connected to a server that means no good. */
async function victim(url: string) {
  const [errors, causes] = [[] as string[], [] as string[]];
  const client: Client = await connect(url, {
    handle: 'lamp',
    reconnect: { delay: () => 50 },
    on: {
      error: ({ message }) => errors.push(message),
      state: ({ cause }) => cause && causes.push(`${cause.code}: ${cause.cause}`),
    },
  });
  const got = createInbox<Message>();
  client.subscribe(got.push);
  return { client, errors, causes, got };
}

test('a line without an end, and then a million of one character, cost a client no memory over TCP (P2)', {
  timeout: 60_000,
}, async () => {
  const [chunk, chunks] = [Buffer.alloc(2 ** 20, 'x'), 200];
  const last = `${JSON.stringify({ recipient: 'lamp', sender: 'dial', timestamp: 1, n: 1 })}\n`;
  function talk(socket: Socket): void {
    let count = 0;
    function next(): void {
      if (count++ < chunks) socket.write(chunk, next);
      else socket.write(`\n${'x\n'.repeat(9e5)}${'{\n'.repeat(1e5)}\xff\0\xfe\n${last}`, 'latin1');
    }
    socket.write('{\'message\' : "welcome lamp"}\n', next);
  }
  const far = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => talk(socket));
  });
  const { port, close } = await listening(far);
  const before = await memoryInUse();
  const { client, errors, got } = await victim(`tcp://127.0.0.1:${port}`);
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().heapUsed - before);
  }, 10);
  expect((await got.take(1))[0]?.data).toEqual({ n: 1 });
  clearInterval(watch);
  const grown = (await memoryInUse()) - before;
  const inMiB = [grown, most].map((bytes) => (bytes / 2 ** 20).toFixed(1));
  console.log(`P2: after ${chunks} MiB in one line ${inMiB[0]} MiB more, ${inMiB[1]} at most`);
  expect(grown).toBeLessThan(10 * 2 ** 20);
  expect(most).toBeLessThan(64 * 2 ** 20);
  expect(errors[0]).toContain('1 MiB');
  // One a second, however many there are.
  expect(errors.length).toBeLessThan(20);
  expect(client.state.status).toBe('connected');
  await Promise.all([client.close(), close()]);
});

test('frames that are no text, too large or no frames at all are skipped, or end the connection for a while (P2)', {
  timeout: 60_000,
}, async () => {
  const server = createWebServer();
  let count = 0;
  new WebSocketServer({ server }).on('connection', (socket, { socket: raw }) => {
    const n = ++count;
    socket.on('error', () => undefined);
    socket.once('message', () => {
      socket.send('{"message" : "welcome lamp"}');
      socket.send(Buffer.alloc(1_000));
      socket.send('x'.repeat(2 ** 21));
      socket.send(JSON.stringify(sane(n)));
      // Text that is none, bits that nobody knows, a length that cannot be, a frame of control that is too long.
      const odd = [
        [0x81, 0x02, 0xff, 0xfe],
        [0xf7, 0x7f],
        [0x81, 0x7f, ...Array(8).fill(0xff)],
        [0x89, 0x7e, 0, 200],
      ];
      const bytes = odd[n - 1];
      if (bytes) raw.write(Buffer.from(bytes));
    });
  });
  const { port, close } = await listening(server);
  const { client, errors, causes, got } = await victim(`ws://127.0.0.1:${port}`);
  expect((await got.take(5)).map(({ data }) => data.n)).toEqual([1, 2, 3, 4, 5]);
  expect(causes).toHaveLength(4);
  for (const cause of causes) expect(cause).toMatch(/^disconnected: RangeError|^disconnected: Error/);
  expect(new Set(errors)).toEqual(new Set([expect.stringContaining('1 MiB')]));
  expect(client.state.status).toBe('connected');
  await Promise.all([client.close(), close()]);
});

test('a frame of more than 16 MiB ends the connection over WebSocket before it fills the memory (P2)', {
  timeout: 60_000,
}, async () => {
  const server = createWebServer();
  let count = 0;
  new WebSocketServer({ server }).on('connection', (socket) => {
    const n = ++count;
    socket.on('error', () => undefined);
    socket.once('message', () => {
      socket.send('{"message" : "welcome lamp"}');
      // The last one that is still read, and skipped; and the first one that is not.
      socket.send('x'.repeat(2 ** 24 + (n === 1 ? 1 : 0)));
      socket.send(JSON.stringify(sane(n)));
    });
  });
  const { port, close } = await listening(server);
  const { client, errors, causes, got } = await victim(`ws://127.0.0.1:${port}`);
  expect((await got.take(1))[0]?.data).toEqual({ n: 2 });
  expect(causes).toEqual(['disconnected: RangeError: Max payload size exceeded']);
  expect(errors).toEqual([expect.stringContaining('1 MiB')]);
  await Promise.all([client.close(), close()]);
});
