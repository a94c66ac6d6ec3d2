import { describe, expect, test } from 'vitest';
import { type Client, type ClientEvents, createClient, isOocsiError } from '../../src/index';
import { createMemoryServer, createVirtualClock } from '../../src/testing/index';

/** Whatever a program may do in a listener. */
const verbs: Readonly<Record<string, (client: Client) => unknown>> = {
  send: (client) => client.send('colour', { n: 1 }),
  'send to itself': (client) => client.send('lamp', { n: 1 }),
  'send with ack': (client) => client.send('colour', { n: 1 }, { ack: { timeout: 100 } }),
  'send later': (client) => client.send('colour', { n: 1 }, { delay: 1 }),
  subscribe: (client) => client.subscribe('colour', () => undefined)(),
  'subscribe for good': (client) => client.subscribe('sound', () => undefined),
  next: (client) => client.next('colour', { timeout: 100 }),
  messages: (client) => client.messages('colour').return?.(undefined),
  call: (client) => client.call('colour', 'mix', {}, { timeout: 100 }),
  'call all': async (client) => {
    for await (const _ of client.callAll('colour', 'mix', {}, { timeout: 100 }));
  },
  register: (client) => client.register('colour', 'mix', () => ({}))(),
  variable: (client) => {
    const hue = client.variable('colour', 'hue');
    hue.set(Math.round(hue.age % 7));
    hue[Symbol.dispose]();
  },
  presence: (client) => client.presence('colour')[Symbol.dispose](),
  clients: (client) => client.clients({ timeout: 100 }),
  flush: (client) => client.flush({ timeout: 100 }),
  'bind a listener': (client) => client.on('state', () => undefined),
  throw: () => {
    throw new Error('the mistake of a program');
  },
  reject: () => Promise.reject(new Error('the mistake of a program')),
  close: (client) => client.close(),
};

const events: readonly (keyof ClientEvents)[] = ['state', 'error', 'message', 'dropped', 'gap', 'lost', 'restored'];

describe.each(events.filter((event) => event !== 'error'))('in a listener of %s', (event) => {
  test.each(Object.keys(verbs))('%s harms nobody (I4, I5)', async (verb) => {
    const clock = createVirtualClock();
    const server = createMemoryServer({ clock });
    let [calls, others] = [0, 0];
    const faults: unknown[] = [];
    const fine = (thrown: unknown): void => {
      const isMine = verb === 'throw' || verb === 'reject';
      const isKnown = isOocsiError(thrown, 'closed') || isOocsiError(thrown, 'timeout');
      if (!isMine && !isKnown && !isOocsiError(thrown, 'disconnected')) faults.push(thrown);
      if (isMine) throw thrown;
    };
    const act = (): unknown => {
      // Some of them bring about the event that they are called in.
      if (calls++ > 5) return undefined;
      try {
        const result = verbs[verb]?.(client);
        return result instanceof Promise ? result.catch(fine) : result;
      } catch (thrown) {
        return fine(thrown);
      }
    };
    const errors: string[] = [];
    const client = createClient(server.adapter, {
      handle: 'lamp',
      clock,
      outbox: { size: 1 },
      on: { [event]: act, error: ({ message }) => errors.push(message) },
    });
    client.on(event, () => others++);
    const dial = createClient(server.adapter, { handle: 'dial', clock });
    await clock.advance(0);
    const stop =
      client.state.status === 'closed' ? undefined : client.subscribe('colour', () => undefined, { reliable: true });
    await clock.advance(0);
    dial.send('colour', { n: 1 });
    await clock.advance(0);
    // A number that leaves out those before it, as a sender says who gave them up.
    for (const [n, base] of [
      [1, 1],
      [9, 9],
    ]) {
      const frame = `sendjson colour {"_SID":"1","_SEQ":${n},"_BASE":${base}}`;
      const link = await server.adapter.dial(
        { frame: () => undefined, close: () => undefined },
        new AbortController().signal,
      );
      for (const text of [`raw_${n}`, frame]) link.send(text);
      await clock.advance(0);
      link.close();
    }
    await clock.advance(0);
    server.stop();
    await clock.advance(0);
    for (let n = 0; n < 3; n++) if (client.state.status !== 'closed') client.send('colour', { n });
    await clock.advance(10_000);
    server.start();
    await clock.advance(60_000);

    expect([faults, others, calls]).toEqual([[], expect.any(Number), expect.any(Number)]);
    // The other listener was called whatever this one did, and as often.
    expect(others).toBeGreaterThan(0);
    expect(calls).toBeGreaterThan(0);
    if (verb === 'throw' || verb === 'reject') expect(errors.join()).toContain('the mistake of a program');
    expect(client.state.status).toBe(verb === 'close' ? 'closed' : 'connected');
    stop?.();
    await Promise.all([client.close(), client.close(), dial.close(), clock.advance(5_000)]);
    expect(await client.closed).toBe(undefined);
    server.stop();
    await clock.advance(5_000);
    expect([clock.timers, server.connections]).toEqual([0, 0]);
  });
});
