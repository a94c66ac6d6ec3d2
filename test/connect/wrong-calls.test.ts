import { describe, expect, test } from 'vitest';
import { connect, createClient } from '../../src/index';
import { createBroker, startServer } from '../../src/server/index';
import { tcp } from '../../src/tcp';

// Calls of programs in JavaScript, as other clients take them.
describe('A call that cannot be meant is told the right one', () => {
  const listener = (): void => {};
  test.each<[given: unknown[], right: string]>([
    [['ws://localhost:9000/ws', 'me', listener], "'ws://localhost:9000/ws', { handle: 'me' }"],
    [['localhost', 'me'], "'localhost', { handle: 'me' }"],
    [['lamp', 'localhost'], "'localhost', { handle: 'lamp' }"],
    [['lamp', '192.168.1.7:4444'], "'192.168.1.7:4444', { handle: 'lamp' }"],
    [[undefined, 'me'], "'tcp://localhost:4444', { handle: 'me' }"],
    [['localhost', 5555], "'localhost:5555'"],
    [['ws://localhost:9000/ws', 5555], "'ws://localhost:5555/ws'"],
    [['localhost', listener], "'localhost'"],
    [[5555], "'localhost:5555'"],
    [[{ host: 'localhost', port: 5555 }], "'localhost:5555'"],
    [[{ host: 'pi.local' }], "'pi.local'"],
    [[{ port: '5555' }], "'localhost:5555'"],
    [[{ handle: 'lamp', timeout: 1 }], "'tcp://localhost:4444', { handle, timeout }"],
    [['ws://a:secret@host:1/ws', 'me'], "'ws://host:1/ws', { handle: 'me' }"],
  ])('%j', async (given, right) => {
    const refusal = { name: 'TypeError', message: expect.stringMatching(/takes an address and an object of options/) };
    const error: unknown = await Reflect.apply(connect, undefined, given).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(refusal);
    expect(error).toMatchObject({ message: expect.stringContaining(`: connect(${right})`) });
    expect(() => Reflect.apply(createClient, undefined, given)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(`: createClient(${right})`) }),
    );
  });

  test.each<[options: unknown, said: string]>([
    [null, 'options cannot be null: use an object with handle'],
    [true, 'options cannot be true: use an object with handle'],
    [{ handel: 'lamp' }, 'Unknown option "handel": did you mean "handle"?'],
    [{ reconnect: { attempt: 5 } }, 'Unknown option "reconnect.attempt": did you mean "reconnect.attempts"?'],
    [{ outbox: { sise: 5 } }, 'Unknown option "outbox.sise": did you mean "outbox.size"?'],
    [{ on: { conected: listener } }, 'Unknown event "conected": use state, error, message'],
  ])('%j as options', async (options, said) => {
    const refusal = { name: 'TypeError', message: expect.stringContaining(said) };
    await expect(Reflect.apply(connect, undefined, ['localhost', options])).rejects.toMatchObject(refusal);
    expect(() => Reflect.apply(createClient, undefined, ['localhost', options])).toThrow(
      expect.objectContaining(refusal),
    );
  });
});

test.each<[options: unknown, said: string]>([
  [{ port: '4444' }, 'port must be a whole number from 1 to 65535, not "4444"'],
  [{ port: 0 }, 'port must be a whole number from 1 to 65535, not 0'],
  [{ prt: 4444 }, 'Unknown option "prt": did you mean "port"?'],
  ['localhost', 'options cannot be "localhost": use an object with host, port or tls'],
])('tcp(%j) says what can be', (options, said) => {
  expect(() => Reflect.apply(tcp, undefined, [options])).toThrow(said);
});

test.each<[options: unknown, said: string]>([
  [{ port: '9000' }, 'port must be a whole number from 0 to 65535, not "9000"'],
  [{ tcpPort: true }, 'tcpPort must be a whole number from 0 to 65535, not true'],
  [{ host: 5 }, 'host must be an address such as 127.0.0.1, not 5'],
  [{ tcpport: 1 }, 'Unknown option "tcpport": did you mean "tcpPort"?'],
  [{ limits: { client: 1 } }, 'Unknown option "limits.client": did you mean "limits.clients"?'],
  [9000, 'options cannot be 9000: use an object with host, port'],
])('startServer(%j) says what can be', async (options, said) => {
  await expect(Reflect.apply(startServer, undefined, [options])).rejects.toThrow(said);
});

test('createBroker says what can be', () => {
  expect(() => Reflect.apply(createBroker, undefined, [{ limit: {} }])).toThrow('did you mean "limits"?');
});
