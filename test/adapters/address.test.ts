import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { createClient } from '../../src/index';
import { listening } from '../helpers/listening';

test('a password in an address is shown neither by faults nor to the logger', async () => {
  const lines: string[] = [];
  const client = createClient('ws://me:secret123@127.0.0.1:1/ws', {
    logger: (line) => lines.push(line),
    reconnect: false,
  });
  const fault = await client.closed;
  expect(fault?.message).toContain('ws://me@127.0.0.1:1/ws');
  expect([fault?.message, ...lines].join('\n')).not.toContain('secret123');
});

test('a password in an address is sent to the server', async () => {
  const asked: (string | undefined)[] = [];
  const { port, close } = await listening(
    createServer((_request, response) => response.end()).on('upgrade', ({ headers }, socket) => {
      asked.push(headers.authorization);
      socket.destroy();
    }),
  );
  const client = createClient(`ws://me:secret123@127.0.0.1:${port}/ws`, { reconnect: false });
  await client.closed;
  await close();
  expect(asked).toEqual([`Basic ${btoa('me:secret123')}`]);
});
