import { describe, expect, test } from 'vitest';
import { type Client, type ClientOptions, connect, type Message, type OocsiError } from '../../../src/index';
import { createMemoryServer, createVirtualClock } from '../../../src/testing/index';
import { connectScripted } from '../../helpers/scripted-client';

const dialects = ['web', 'line'] as const;

/** A client that is subscribed to a channel, for which the server keeps what another one sent. */
async function scene(dialect: 'web' | 'line' = 'web', more: ClientOptions = {}) {
  const clock = createVirtualClock();
  const server = createMemoryServer({ clock, dialect });
  const errors: OocsiError[] = [];
  const on = { error: (error: OocsiError) => errors.push(error) };
  const join = (handle: string): Promise<Client> => connect(server.adapter, { handle, clock, on, ...more });
  const [lamp, dial] = [await join('lamp'), await join('dial')];
  const first: unknown[] = [];
  const stop = lamp.subscribe('lights', ({ data }) => first.push(data));
  await clock.advance(0);
  dial.send('lights', { color: 120 }, { retain: 60 });
  await clock.advance(10_000);
  return { clock, server, lamp, dial, first, stop, errors, join };
}

describe.each(dialects)('what the server keeps comes to each later listener of a client (%s)', (dialect) => {
  test('by `subscribe`, once, with its envelope, and not again to those before', async () => {
    const { lamp, clock, first } = await scene(dialect);
    const got: Message[] = [];
    const stop = lamp.subscribe('lights', (message) => {
      stop();
      got.push(message);
    });
    expect(got).toEqual([]);
    await clock.advance(0);
    expect(got).toMatchObject([{ sender: 'dial', recipient: 'lights', data: { color: 120 } }]);
    expect(first).toEqual([{ color: 120 }]);
  });

  test('by `next`, `messages` and `channel`', async () => {
    const { lamp, clock } = await scene(dialect);
    const lights = lamp.channel('lights');
    const heard = Promise.all([
      lamp.next('lights'),
      lights.next(),
      lamp
        .messages('lights')
        .next()
        .then(({ value }) => value),
      lights
        .messages()
        .next()
        .then(({ value }) => value),
    ]);
    await clock.advance(0);
    expect(await heard).toMatchObject(Array.from({ length: 4 }, () => ({ data: { color: 120 } })));
  });

  test('by `variable`, at once', async () => {
    const { lamp } = await scene(dialect);
    expect(lamp.variable('lights', 'color').value).toBe(120);
    expect(lamp.variable('lights', 'color', { initial: 0, max: 100 }).value).toBe(100);
    expect(lamp.channel('lights').variable('color', { initial: 5 }).value).toBe(120);
    expect(lamp.variable('lights', 'hue', { initial: 5 }).value).toBe(5);
  });

  test('also what this client sent itself', async () => {
    const { lamp, clock } = await scene(dialect);
    lamp.send('lights', { color: 7 }, { retain: 60 });
    const next = lamp.next('lights');
    await clock.advance(0);
    expect(await next).toMatchObject({ sender: 'lamp', recipient: 'lights', data: { color: 7 } });
    expect(lamp.variable('lights', 'color').value).toBe(7);
  });

  test('until it is over, or a newer message took its place, from whomever', async () => {
    const { lamp, dial, clock } = await scene(dialect);
    const late = (): unknown[] => {
      const got: unknown[] = [];
      lamp.subscribe('lights', ({ data }) => got.push(data));
      return got;
    };
    await clock.advance(49_999);
    const [before] = [late()];
    await clock.advance(1);
    expect(before).toEqual([{ color: 120 }]);
    const after = late();
    await clock.advance(0);
    expect(after).toEqual([]);
    for (const sender of [lamp, dial]) {
      dial.send('lights', { color: 1 }, { retain: 60 });
      await clock.advance(0);
      sender.send('lights', { tick: 1 });
      await clock.advance(0);
      const none = late();
      await clock.advance(0);
      expect(none).toEqual([]);
      using color = lamp.variable('lights', 'color');
      expect(color.value).toBeUndefined();
    }
  });

  test('before what is newer, if that comes in between', async () => {
    const { lamp, dial, clock } = await scene(dialect);
    const got: unknown[] = [];
    dial.send('lights', { n: 2 });
    lamp.subscribe('lights', ({ data }) => got.push(data));
    await clock.advance(0);
    expect(got).toEqual([{ color: 120 }, { n: 2 }]);
  });

  test('after a reconnect, as the server has it then', async () => {
    const { lamp, dial, server, clock } = await scene(dialect);
    server.cut();
    await clock.advance(5_000);
    const next = lamp.next('lights');
    await clock.advance(0);
    expect(await next).toMatchObject({ data: { color: 120 } });
    server.stop();
    server.start();
    await clock.advance(60_000);
    expect([lamp.state.status, dial.state.status]).toEqual(['connected', 'connected']);
    expect(lamp.variable('lights', 'color').value).toBeUndefined();
  });

  test('but to none that has unsubscribed or whose client was closed meanwhile', async () => {
    const { lamp, clock } = await scene(dialect);
    const got: unknown[] = [];
    lamp.subscribe('lights', () => got.push('stopped'))();
    lamp.subscribe('lights', () => got.push('aborted'), { signal: AbortSignal.abort() });
    lamp.subscribe('lights', () => got.push('closed'));
    void lamp.close();
    await clock.advance(5_000);
    expect(got).toEqual([]);
  });
});

test('a late listener that throws is told by `error`, and only that', async () => {
  const { lamp, clock, errors } = await scene();
  lamp.subscribe('lights', () => {
    throw new Error('broken');
  });
  await clock.advance(0);
  expect(errors).toMatchObject([{ code: 'invalid', message: 'A listener failed: broken' }]);
});

test('only what a server takes for a time to keep a message is one', async () => {
  for (const [retain, isKept] of [
    [5, true],
    ['5', true],
    [0, false],
    [-1, false],
    [1.5, false],
    [true, false],
    ['x', false],
    [[5], false],
  ]) {
    const { client, clock, hear } = await connectScripted();
    client.subscribe('colour', () => {});
    hear({ n: 1, _RETAIN: retain });
    const got: unknown[] = [];
    client.subscribe('colour', ({ data }) => got.push(data));
    await clock.advance(0);
    expect([retain, got.length]).toEqual([retain, isKept ? 1 : 0]);
  }
});

describe('two variables of one key of one client agree from birth', () => {
  test('the second begins with what the first has, set here, by others, or as `initial`', async () => {
    const { client, hear, far } = await connectScripted();
    const one = client.variable('colour', 'color', { initial: 1 });
    expect(client.variable('colour', 'color').value).toBe(1);
    one.set(2);
    expect(client.variable('colour', 'color', { initial: 9 }).value).toBe(2);
    hear({ color: 3 });
    const third = client.variable('colour', 'color', { initial: 9 });
    const seen: unknown[] = [];
    third.subscribe((value, origin) => seen.push([value, origin]));
    expect(seen).toEqual([[3, 'remote']]);
    expect(far.last.sent.filter((frame) => frame.startsWith('send'))).toHaveLength(1);
  });

  test('a first one without a value begins with `initial` of the second', async () => {
    const { client } = await connectScripted();
    const one = client.variable('colour', 'color');
    const seen: unknown[] = [];
    one.subscribe((value, origin) => seen.push([value, origin]));
    const two = client.variable('colour', 'color', { initial: 5 });
    expect([one.value, two.value, seen]).toEqual([5, 5, [[5, 'local']]]);
  });

  test('the second holds within its own bounds, and keeps `initial` where the other is of no use to it', async () => {
    const { client, errors } = await connectScripted();
    client.variable('colour', 'color').set(300);
    expect(client.variable('colour', 'color', { initial: 0, max: 255 }).value).toBe(255);
    client.variable('colour', 'mode').set('on');
    expect(client.variable('colour', 'mode', { initial: 1 }).value).toBe(1);
    expect(errors).toMatchObject([{ code: 'invalid' }]);
  });

  test('a smoothed one begins with the mean, and one that is retained is kept', async () => {
    const { client, far } = await connectScripted();
    const smooth = { window: 2 };
    const one = client.variable('colour', 'color', { smooth });
    one.set(10);
    one.set(20);
    expect(client.variable('colour', 'color', { smooth, retain: 5 }).value).toBe(15);
    client.variable('colour', 'mode', { retain: 5 }).set('on');
    expect(far.last.sent.at(-1)).toContain('{"color":20,"mode":"on","_RETAIN":5,');
  });

  test('also when one is opened while a value of the other waits for its interval or a connection', async () => {
    const { client, clock, far, hear } = await connectScripted();
    const one = client.variable('colour', 'color', { interval: 100 });
    one.set(1);
    one.set(2);
    const two = client.variable('colour', 'color', { interval: 100 });
    hear({ color: 9 });
    expect([one.value, two.value]).toEqual([2, 2]);
    await clock.advance(100);
    far.last.drop();
    one.set(3);
    expect([two.value, client.variable('colour', 'color').value]).toEqual([3, 3]);
  });
});
