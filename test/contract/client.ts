import { describe, expect, test } from 'vitest';
import type { ClientOptions, Message, Target } from '../../src/index';
import { connect } from '../../src/index';
import { createInbox } from '../helpers/inbox';

/** A server of its own for one test, and how clients reach it. */
export interface ClientWorld extends AsyncDisposable {
  readonly target: Target;
}

/** What a client must do over every transport, against our own server. */
export function clientContract(transport: string, createWorld: () => Promise<ClientWorld>): void {
  interface Scene extends AsyncDisposable {
    join(handle: string, options?: ClientOptions): ReturnType<typeof connect>;
  }

  async function scene(): Promise<Scene> {
    const world = await createWorld();
    const clients: { close(): Promise<void> }[] = [];
    return {
      async join(handle, options) {
        const client = await connect(world.target, { handle, ...options });
        clients.push(client);
        return client;
      },
      async [Symbol.asyncDispose]() {
        await Promise.all(clients.map((client) => client.close()));
        await world[Symbol.asyncDispose]();
      },
    };
  }

  describe(`a client over ${transport}`, () => {
    test('is welcomed under its handle', async () => {
      await using world = await scene();
      const client = await world.join('lamp');
      expect(client.handle).toBe('lamp');
      expect(client.state).toMatchObject({ status: 'connected', since: expect.any(Number) });
    });

    test('fills in digits for #', async () => {
      await using world = await scene();
      expect((await world.join('lamp_###')).handle).toMatch(/^lamp_\d{3}$/);
    });

    test('sends to a handle', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const got = createInbox<Message>();
      lamp.subscribe(got.push);
      expect(dial.send('lamp', { color: 120 })).toBe('sent');
      expect(await got.next()).toEqual({
        sender: 'dial',
        recipient: 'lamp',
        timestamp: expect.any(Number),
        data: { color: 120 },
      });
    });

    test('sends to itself', async () => {
      await using world = await scene();
      const lamp = await world.join('lamp');
      const got = createInbox<Message>();
      lamp.subscribe(got.push);
      lamp.send('lamp', { note: 'to myself' });
      expect((await got.next()).data).toEqual({ note: 'to myself' });
    });

    test('hears a channel that it is subscribed to, but not its own words', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const got = createInbox<Message>();
      lamp.subscribe('colour', got.push);
      lamp.subscribe(got.push);
      lamp.send('colour', { color: 1 });
      // What a client sends to itself comes back after all that it sent before was dealt with.
      lamp.send('lamp', { color: 2 });
      expect((await got.next()).data).toEqual({ color: 2 });
      dial.send('colour', { color: 3 });
      expect(await got.next()).toMatchObject({ sender: 'dial', recipient: 'colour', data: { color: 3 } });
    });

    test('carries every kind of JSON value', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const got = createInbox<Message>();
      lamp.subscribe(got.push);
      const data = {
        text: 'é中😀\n\t"\\',
        yes: true,
        list: [1, null, 'x', [], {}],
        deep: { a: { b: null } },
        half: 0.5,
      };
      dial.send('lamp', data);
      expect((await got.next()).data).toEqual(data);
    });

    test('subscribes once for any number of listeners, and until the last one stops', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const [first, second, own] = [createInbox<Message>(), createInbox<Message>(), createInbox<Message>()];
      const stopFirst = lamp.subscribe('colour', first.push);
      const stopSecond = lamp.subscribe('colour', second.push);
      lamp.subscribe(own.push);
      const settled = async (): Promise<void> => {
        lamp.send('lamp', {});
        await own.next();
      };
      await settled();
      dial.send('colour', { n: 1 });
      await Promise.all([first.next(), second.next()]);
      stopFirst();
      stopFirst();
      dial.send('colour', { n: 2 });
      expect((await second.next()).data).toEqual({ n: 2 });
      stopSecond();
      await settled();
      dial.send('colour', { n: 3 });
      dial.send('lamp', { n: 4 });
      expect((await own.next()).data).toEqual({ n: 4 });
      expect([...first.waiting, ...second.waiting]).toEqual([]);
    });

    test('loops over messages, and leaves the channel with the loop', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const ready = createInbox<Message>();
      lamp.subscribe(ready.push);
      const messages = lamp.messages('colour');
      lamp.send('lamp', {});
      await ready.next();
      for (let n = 0; n < 3; n++) dial.send('colour', { n });
      const seen: number[] = [];
      for await (const { data } of messages) {
        seen.push(data.n);
        if (seen.length === 3) break;
      }
      expect(seen).toEqual([0, 1, 2]);
      expect(await messages.next()).toEqual({ done: true, value: undefined });
    });

    test('uses a channel with a password', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const got = createInbox<Message>();
      lamp.subscribe('colour:secret', got.push);
      lamp.subscribe(got.push);
      lamp.send('lamp', {});
      await got.next();
      dial.send('colour', { n: 1 });
      dial.send('colour:wrong', { n: 2 });
      dial.send('colour:secret', { n: 3 });
      expect(await got.next()).toMatchObject({ recipient: 'colour:secret', data: { n: 3 } });
    });

    test('is told that its handle is taken', async () => {
      await using world = await scene();
      await world.join('lamp');
      await expect(world.join('lamp')).rejects.toMatchObject({
        name: 'OocsiError',
        code: 'refused',
        permanent: true,
        message: expect.stringContaining('"lamp" is taken'),
      });
    });

    test('takes another name when it is asked to', async () => {
      await using world = await scene();
      await world.join('lamp');
      expect((await world.join('lamp', { onHandleTaken: 'suffix' })).handle).toMatch(/^lamp_\d{4}$/);
    });

    test('says goodbye, and is closed for good', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const got = createInbox<Message>();
      dial.subscribe(got.push);
      for (let n = 0; n < 100; n++) lamp.send('dial', { n });
      await Promise.all([lamp.close(), lamp.close()]);
      expect(lamp.state).toEqual({ status: 'closed' });
      expect(await lamp.closed).toBeUndefined();
      expect((await got.take(100)).at(-1)?.data).toEqual({ n: 99 });
      expect(() => lamp.send('dial', {})).toThrow(expect.objectContaining({ code: 'closed' }));
      // The server let go of the handle.
      expect((await world.join('lamp')).handle).toBe('lamp');
    });

    test('receives 10,000 messages of one burst in order', async () => {
      await using world = await scene();
      const [lamp, dial] = [await world.join('lamp'), await world.join('dial')];
      const got = createInbox<Message>();
      lamp.subscribe(got.push);
      for (let n = 0; n < 10_000; n++) dial.send('lamp', { n });
      const numbers = (await got.take(10_000)).map(({ data }) => data.n);
      expect(numbers.every((n, index) => n === index)).toBe(true);
    });
  });
}
