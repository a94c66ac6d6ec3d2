import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClientOptions } from '../../src/index';
import { createClient } from '../../src/index';
import { createServerEvents } from '../../src/server/domain/events';
import { createScriptedAdapter } from '../helpers/script-link';
import { connectScripted } from '../helpers/scripted-client';
import { collectUncaught } from '../helpers/uncaught';
import { createVirtualClock } from '../helpers/virtual-clock';

const told: string[] = [];
beforeEach(() => {
  told.length = 0;
  vi.spyOn(process, 'emitWarning').mockImplementation((text) => void told.push(`${text}`));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A client that nobody listens to the errors of. */
async function scene(options: ClientOptions = {}, dialect: 'line' | 'web' = 'web') {
  const [clock, far] = [createVirtualClock(), createScriptedAdapter(dialect)];
  const client = createClient(far, { handle: 'lamp', clock, ...options });
  await clock.advance(0);
  await far.last.welcome();
  const envelope = { recipient: 'colour', sender: 'stranger', timestamp: 1 };
  const hear = (data: object): void =>
    far.last.say(JSON.stringify(dialect === 'web' ? { ...envelope, data } : { ...data, ...envelope }));
  return { client, clock, far, hear };
}

describe('what a listener throws while nobody listens to `error`', () => {
  test.each(['web', 'line'] as const)('is a warning, once per listener and text, over %s', async (dialect) => {
    const { client, hear } = await scene({}, dialect);
    client.subscribe('colour', ({ data }) => data.color.toFixed());
    client.subscribe('colour', ({ data }) => data.color.toFixed());
    for (const data of [{ colour: 1 }, { colour: 1 }, { color: 'red' }, { color: 'red' }]) hear(data);
    const [missing, wrong] = [
      `A listener failed: Cannot read properties of undefined (reading 'toFixed')`,
      'A listener failed: data.color.toFixed is not a function',
    ];
    expect(told).toEqual([missing, missing, wrong, wrong]);
  });

  test('shows where it was thrown', async () => {
    const { client, hear } = await scene();
    client.subscribe('colour', function careless() {
      throw new Error('broken');
    });
    hear({});
    const detail = expect.stringMatching(/Error: broken\n +at .*careless/);
    expect(process.emitWarning).toHaveBeenCalledWith('A listener failed: broken', { type: 'OocsiWarning', detail });
  });

  test('is a warning of whatever kind the listener is', async () => {
    const { client, clock, far, hear } = await scene({
      reconnect: {
        delay() {
          throw new Error('delay');
        },
      },
    });
    const fail = (text: string) => (): never => {
      throw new Error(text);
    };
    client.subscribe('colour', fail('channel'));
    client.subscribe('colour', async () => fail('async')());
    client.subscribe('colour', fail('limited'), { limit: { rate: 1, per: 1 } });
    client.on('message', fail('event'));
    client.on('state', fail('state'));
    client.variable('colour', 'hue').subscribe(fail('variable'));
    hear({ hue: 1 });
    await clock.advance(0);
    far.last.drop();
    const texts = ['event', 'channel', 'limited', 'variable', 'async', 'delay', 'state'];
    expect(told).toEqual(texts.map((text) => `A listener failed: ${text}`));
  });

  test('is reported where the platform is a page', async () => {
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error));
    Reflect.set(process, 'emitWarning', undefined);
    const { client, hear } = await scene();
    const cause = new Error('broken');
    client.subscribe('colour', () => {
      throw cause;
    });
    hear({});
    hear({});
    expect(reported).toEqual([expect.objectContaining({ message: 'A listener failed: broken', cause })]);
  });

  test('is no warning where somebody listens, and goes to the logger in any case', async () => {
    const { client, hear, errors } = await connectScripted();
    client.subscribe('colour', () => Promise.reject(new Error('broken')));
    hear({});
    await Promise.resolve();
    expect([errors.length, told]).toEqual([1, []]);
    const lines: string[] = [];
    const silent = await scene({ logger: (line) => lines.push(line) });
    silent.client.subscribe('colour', () => {
      throw new Error('broken');
    });
    silent.hear({});
    expect(lines.at(-1)).toMatch(/error.*A listener failed: broken/);
  });

  test('does not fill the screen, however many texts a stranger causes', async () => {
    const { client, hear } = await scene();
    client.subscribe('colour', ({ data }) => {
      throw new Error(data.text);
    });
    for (let n = 0; n < 100; n++) hear({ text: `${n}` });
    expect(told).toHaveLength(20);
  });

  test.each(['error', 'logger'])('is a warning where the %s itself fails', async (what) => {
    const fail = (): never => {
      throw new Error('broken');
    };
    const { far } = await scene(what === 'error' ? { on: { error: fail } } : { logger: fail });
    const uncaught = await collectUncaught(async () => {
      for (const text of ['no sense', 'no sense']) far.last.say(text);
    });
    const who = what === 'error' ? 'A listener' : 'The logger';
    expect([uncaught, told]).toEqual([[], [`${who} failed: broken`]]);
  });

  test(`is thrown with unhandled: 'throw', as it is`, async () => {
    const broken = new Error('broken');
    const uncaught = await collectUncaught(async () => {
      const { client, hear } = await scene({ unhandled: 'throw' });
      client.subscribe('colour', () => {
        throw broken;
      });
      hear({});
      hear({});
    });
    expect([uncaught, told]).toEqual([[broken, broken], []]);
  });
});

test('what peers, the server or the network cause goes to the logger only', async () => {
  const lines: string[] = [];
  const uncaught = await collectUncaught(async () => {
    const { client, far, hear } = await scene({ unhandled: 'throw', logger: (line) => lines.push(line) });
    client.variable('colour', 'hue', { initial: 1 });
    far.last.say('no sense');
    hear({ hue: 'red' });
    far.last.drop();
  });
  expect([uncaught, told]).toEqual([[], []]);
  expect(lines.filter((line) => line.startsWith('["error"'))).toHaveLength(2);
});

test.each(['warm', 1, null])('unhandled cannot be %j', async (unhandled) => {
  await expect(scene({ unhandled: unhandled as 'warn' })).rejects.toThrow(TypeError);
});

test('a listener of a server that fails is a warning, too', async () => {
  const news = createServerEvents();
  const client = { handle: 'lamp', dialect: 'web' as const, address: undefined };
  news.on('join', () => {
    throw new Error('broken');
  });
  const uncaught = await collectUncaught(async () => {
    news.emit('join', client);
    news.emit('join', client);
  });
  expect([uncaught, told]).toEqual([[], ['A listener failed: broken']]);
});
