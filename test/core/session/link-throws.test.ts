import { expect, test } from 'vitest';
import { type Adapter, createClient, type OocsiError } from '../../../src/index';
import { createMemoryServer, createVirtualClock } from '../../../src/testing/index';

/** A client over links whose `send` or `close` throws once the test says so, as that of an adapter from elsewhere may. */
function scene(dialect: 'web' | 'line') {
  const clock = createVirtualClock();
  const server = createMemoryServer({ dialect });
  const broken = new Set<'send' | 'close'>();
  const adapter: Adapter = {
    name: 'custom',
    dialect,
    async dial(events, signal) {
      const link = await server.adapter.dial(events, signal);
      const run = (what: 'send' | 'close', task: () => void): void => {
        if (broken.has(what)) throw new Error(`${what} is broken`);
        task();
      };
      return {
        send: (frame) => run('send', () => link.send(frame)),
        close: () => run('close', () => link.close()),
        buffered: 0,
      };
    },
  };
  const errors: OocsiError[] = [];
  const client = createClient(adapter, { handle: 'lamp', clock, on: { error: (error) => errors.push(error) } });
  return { clock, server, broken, client, errors };
}

test.each(['web', 'line'] as const)(
  'a link that throws as it sends is lost, and the client comes back (%s)',
  async (at) => {
    const { clock, broken, client } = scene(at);
    await clock.advance(0);
    broken.add('send');
    client.send('colour', { n: 1 });
    await clock.advance(0);
    expect(client.state).toMatchObject({ status: 'reconnecting', cause: { code: 'disconnected' } });
    expect(`${client.state.cause}`).toContain('send is broken');
    broken.clear();
    await clock.advance(30_000);
    expect(client.state.status).toBe('connected');
  },
);

test.each(['web', 'line'] as const)('close ends the session although the link throws (%s)', async (at) => {
  const { clock, broken, client, errors } = scene(at);
  await clock.advance(0);
  const hue = client.variable('colour', 'hue', { interval: 100 });
  hue.set(1);
  hue.set(2);
  broken.add('send').add('close');
  const closing = client.close();
  await clock.advance(1_000);
  await closing;
  expect([client.state.status, clock.timers]).toEqual(['closed', 0]);
  expect(errors).toMatchObject([{ message: 'close is broken' }]);
});
