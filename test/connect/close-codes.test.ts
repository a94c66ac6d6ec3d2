import { createServer as createWebServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { connect, createClient, type OocsiError } from '../../src/index';
import { listening } from '../helpers/listening';

/** A WebSocket server that does with each client what the test says; gives its port. */
async function webSocketServer(welcome: (socket: WebSocket) => void) {
  const server = createWebServer();
  new WebSocketServer({ server }).on('connection', (socket) => socket.once('message', () => welcome(socket)));
  return listening(server);
}

/** Closes a WebSocket as the test says, without a close frame for 1006. */
function closeWith(socket: WebSocket, code: number, reason: string): void {
  if (code === 1006) socket.terminate();
  else if (code === 1005) socket.close();
  else socket.close(code, reason);
}

const ends = [
  [1000, ''],
  [1001, 'the server stops'],
  [1005, ''],
  [1006, ''],
  [1008, 'not on this network'],
  [1009, 'longer than 1048576 bytes'],
  [1011, ''],
  [1013, 'try again later'],
  [4000, 'silent for too long'],
] as const;

describe('The error of a lost WebSocket tells how it was closed', () => {
  test.each(ends)('with code %i and the reason "%s"', async (code, reason) => {
    const { port, close } = await webSocketServer((socket) => {
      socket.send('{"message" : "welcome lamp"}');
      socket.once('message', () => closeWith(socket, code, reason));
    });
    const client = await connect(`ws://127.0.0.1:${port}`, { handle: 'lamp', reconnect: false });
    client.send('colour', {});
    const fault = await client.closed;
    const shown = reason ? `(close code ${code}: ${reason})` : `(close code ${code})`;
    expect(fault).toMatchObject({ code: 'disconnected', details: { closeCode: code, closeReason: reason } });
    expect(fault?.message).toBe(`Lost the connection to ws://127.0.0.1:${port}/ws ${shown}.`);
    await close();
  });
});

describe('The error of a WebSocket that is closed before the welcome tells how', () => {
  test.each(ends)('with code %i and the reason "%s"', async (code, reason) => {
    const { port, close } = await webSocketServer((socket) => closeWith(socket, code, reason));
    const fault: OocsiError = await connect(`ws://127.0.0.1:${port}`, { handle: 'lamp' }).catch((error) => error);
    const shown = reason ? `(close code ${code}: ${reason})` : `(close code ${code})`;
    // A server that closes by a rule of its own has said no; any other one is perhaps no OOCSI server.
    expect(fault.code).toBe(code === 1008 || code >= 4000 ? 'refused' : 'protocol');
    expect(fault.message).toContain(shown);
    expect(fault.details).toEqual({ closeCode: code, closeReason: reason });
    expect(fault.permanent).toBe(false);
    await close();
  });
});

test('An error without details has an empty object of them', async () => {
  const client = createClient('127.0.0.1:1', { reconnect: false });
  expect((await client.closed)?.details).toEqual({});
});

describe('A web server that answers instead of opening a WebSocket is named for what it is', () => {
  const answers: [status: number, headers: Record<string, string>, body: string, code: string, text: string][] = [
    [503, {}, 'too many connections from 192.0.2.1\n', 'refused', 'HTTP 503: too many connections from 192.0.2.1'],
    [503, {}, '', 'refused', 'HTTP 503'],
    [429, {}, 'slow down', 'refused', 'HTTP 429: slow down'],
    [401, {}, '', 'refused', 'HTTP 401'],
    [403, {}, 'host evil.test not known', 'refused', 'HTTP 403: host evil.test not known'],
    [502, {}, '<html>Bad Gateway</html>', 'unreachable', 'the server behind it does not (HTTP 502)'],
    [504, {}, '', 'unreachable', 'the server behind it does not (HTTP 504)'],
    [301, { Location: 'https://a:b@studio.example/ws?key=c' }, '', 'protocol', 'HTTP 301, to wss://studio.example/ws)'],
    [308, { Location: '/elsewhere' }, '', 'protocol', 'HTTP 308, to /elsewhere'],
    [200, {}, 'a web page', 'protocol', 'is no OOCSI server (HTTP 200)'],
    [404, {}, 'nothing here', 'protocol', 'is no OOCSI server (HTTP 404)'],
    [500, {}, '', 'protocol', 'is no OOCSI server (HTTP 500)'],
  ];

  test.each(answers)('with HTTP %i %o "%s"', async (status, headers, body, code, text) => {
    const answer = (_: IncomingMessage, response: ServerResponse): unknown =>
      response.writeHead(status, headers).end(body);
    const server = createWebServer(answer);
    const { port, close } = await listening(server);
    const fault: OocsiError = await connect(`ws://127.0.0.1:${port}`).catch((error) => error);
    expect(fault).toMatchObject({ code, permanent: false, details: { httpStatus: status } });
    expect(fault.message).toContain(text);
    await close();
  });

  test('although it goes on for ever with what it says', async () => {
    const { port, close } = await listening(
      createWebServer((_, response) => response.writeHead(503).write('too many connections: try again later\n')),
    );
    await expect(connect(`ws://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('HTTP 503: too many connections: try again later'),
      details: { httpStatus: 503, refusal: 'full' },
    });
    await close();
  });
});
