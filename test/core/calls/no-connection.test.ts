import { describe, expect, test } from 'vitest';
import type { Client, OocsiError } from '../../../src/index';
import { connectScripted, createScriptedClient } from '../../helpers/scripted-client';

/** All that waits for something of the server or of others. */
const waits: Readonly<Record<string, (client: Client) => Promise<unknown>>> = {
  call: (client) => client.call('dice', 'roll', {}, { timeout: 100 }),
  'call of a channel': (client) => client.channel('dice').call('roll', {}, { timeout: 100 }),
  callAll: async (client) => {
    const answers: unknown[] = [];
    for await (const { data } of client.callAll('dice', 'roll', {}, { timeout: 100 })) answers.push(data);
    return answers;
  },
  flush: (client) => client.flush({ timeout: 100 }),
  clients: (client) => client.clients({ timeout: 100 }),
  channels: (client) => client.channels({ timeout: 100 }),
  members: (client) => client.members('dice', { timeout: 100 }),
  next: (client) => client.next('dice', { timeout: 100 }),
  'send with ack': (client) => client.send('dice', {}, { ack: { timeout: 100 } }),
};

const failed = (promise: Promise<unknown>): Promise<OocsiError> =>
  promise.then(
    (value) => Promise.reject(new Error(`it gave ${JSON.stringify(value)}`)),
    (error) => error,
  );

describe.each(['web', 'line'] as const)('Without a connection, over the %s dialect,', (dialect) => {
  test.each(Object.entries(waits))('%s says that there is none, and why', async (_verb, wait) => {
    const world = createScriptedClient({ reconnect: { delay: () => 400 } }, dialect);
    const { client, clock, far } = world;
    await clock.advance(0);
    await far.last.fail(new Error('the cable is unplugged'));
    const ended = failed(wait(client));
    await clock.advance(100);
    const error = await ended;
    expect(error).toMatchObject({ code: 'timeout', cause: { code: 'unreachable' } });
    expect(error.message).toBe('There is no connection, so nothing came within 100 ms: the cable is unplugged');
    await client.close();
  });

  test.each(Object.entries(waits))('%s says so during the first attempt, too', async (_verb, wait) => {
    const { client, clock } = createScriptedClient({}, dialect);
    const ended = failed(wait(client));
    await clock.advance(100);
    const error = await ended;
    expect(error).toMatchObject({ code: 'timeout', cause: undefined });
    expect(error.message).toBe('There is no connection, so nothing came within 100 ms.');
    await client.close();
  });

  test.each(Object.entries(waits))('%s says so after one was lost', async (_verb, wait) => {
    const { client, clock, far } = await connectScripted({ reconnect: { delay: () => 400 } }, dialect);
    far.last.drop(new Error('reset'));
    const ended = failed(wait(client));
    await clock.advance(100);
    const error = await ended;
    expect(error).toMatchObject({ code: 'timeout', cause: { code: 'disconnected' } });
    expect(error.message).toContain('There is no connection, so nothing came within 100 ms: Lost the connection to');
    await client.close();
  });
});

describe.each(['web', 'line'] as const)('With a connection over the %s dialect', (dialect) => {
  test('a call that nobody answers still asks whether it is registered', async () => {
    const { client, clock } = await connectScripted({}, dialect);
    const ended = failed(client.call('dice', 'roll', {}, { timeout: 100 }));
    await clock.advance(100);
    expect(await ended).toMatchObject({ code: 'timeout', message: expect.stringContaining('Is "roll" registered') });
  });

  test('callAll that nobody answers ends', async () => {
    const { client, clock } = await connectScripted({}, dialect);
    const ended = client.callAll('dice', 'roll', {}, { timeout: 100 }).next();
    await clock.advance(100);
    expect(await ended).toEqual({ done: true, value: undefined });
  });

  test('a question that was asked before it is lost says why it was lost', async () => {
    const { client, clock, far } = await connectScripted({}, dialect);
    far.last.isAlive = false;
    const ended = failed(client.flush({ timeout: 10_000 }));
    await clock.advance(0);
    far.last.drop(new Error('reset'));
    expect(await ended).toMatchObject({ code: 'disconnected', message: expect.stringContaining('script://test') });
  });
});

test('A listing that was asked for before the connection is lost says why it was lost', async () => {
  const { client, clock, far } = await connectScripted({}, 'line');
  far.last.isAlive = false;
  const ended = failed(client.clients());
  await clock.advance(0);
  far.last.drop(new Error('reset'));
  expect(await ended).toMatchObject({
    code: 'disconnected',
    message: 'Lost the connection to script://test.',
    cause: expect.objectContaining({ message: 'reset' }),
  });
});
