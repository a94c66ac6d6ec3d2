import { expect, test } from 'vitest';
import { connect, memory } from '../../../src/index';
import { createBroker } from '../../../src/server/broker/broker';
import { startServer } from '../../../src/server/start-server';
import { createMemoryServer } from '../../../src/testing/index';

const brokerMembers = ['accept', 'channels', 'clients', 'close', 'on', 'stats'];
const link = { send: () => undefined, close: () => undefined, buffered: 0 };

/** All that a program finds at run time, whatever the types say: of the object, and of its class. */
function membersOf(thing: object): string[] {
  const own = Object.getPrototypeOf(thing) === Object.prototype ? [] : Reflect.ownKeys(Object.getPrototypeOf(thing));
  const names = new Set([...Reflect.ownKeys(thing), ...own].map(String));
  names.delete('constructor');
  return [...names].sort();
}

test('A broker has its public members at run time, and no others', async () => {
  await using server = await startServer({ port: 0, tcpPort: 0 });
  for (const broker of [createBroker(), server.broker, createMemoryServer().broker]) {
    expect(membersOf(broker)).toEqual(brokerMembers);
    expect(membersOf(broker.accept(link))).toEqual(['close', 'frame']);
    broker.close();
  }
});

test('A server has its public members at run time, and no others', async () => {
  await using server = await startServer({ port: 0, tcpPort: 0 });
  expect(membersOf(server)).toEqual(
    [String(Symbol.asyncDispose), 'broker', 'close', 'on', 'port', 'stats', 'tcpPort', 'tcpUrl', 'url'].sort(),
  );
});

test('A client has its public members at run time, and no others', async () => {
  await using client = await connect(memory(createBroker().accept));
  expect(membersOf(client)).toEqual(
    [
      ...[String(Symbol.asyncDispose), 'call', 'callAll', 'channel', 'channels', 'clients', 'close', 'closed', 'flush'],
      ...[
        'handle',
        'members',
        'messages',
        'next',
        'on',
        'presence',
        'register',
        'send',
        'state',
        'subscribe',
        'variable',
      ],
    ].sort(),
  );
});
