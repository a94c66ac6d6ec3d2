import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { createClient } from '../../src/index';
import { listening } from '../helpers/listening';

test('a password and a token in an address are shown neither by faults nor to the logger', async () => {
  const lines: string[] = [];
  const client = createClient('ws://me:secret123@127.0.0.1:1/ws?token=secret123', {
    logger: (line) => lines.push(line),
    reconnect: false,
  });
  const fault = await client.closed;
  expect(fault?.message).toContain('ws://me@127.0.0.1:1/ws');
  expect([fault?.message, ...lines].join('\n')).not.toContain('secret123');
});

test.each(['tls://me:secret123@host:1', 'me:secret123@host', 'ftp://me:secret@123@host'])(
  'a password is not shown when %s is refused',
  (address) => {
    expect(() => createClient(address)).toThrow(expect.objectContaining({ code: 'unsupported' }));
    expect(() => createClient(address)).toThrow(/^Cannot connect to "(tls:\/\/|ftp:\/\/)?host(:1)?"\. /);
  },
);

test('a password and a token in an address are sent to the server', async () => {
  const asked: unknown[] = [];
  const { port, close } = await listening(
    createServer((_request, response) => response.end()).on('upgrade', ({ headers, url }, socket) => {
      asked.push(headers.authorization, url);
      socket.destroy();
    }),
  );
  const client = createClient(`ws://me:secret123@127.0.0.1:${port}/ws?token=secret456`, { reconnect: false });
  await client.closed;
  await close();
  expect(asked).toEqual([`Basic ${btoa('me:secret123')}`, '/ws?token=secret456']);
});
