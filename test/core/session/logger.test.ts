import * as v from 'valibot';
import { describe, expect, test, vi } from 'vitest';
import type { ClientOptions } from '../../../src/index';
import { connectScripted } from '../../helpers/scripted-client';
import { collectUncaught } from '../../helpers/uncaught';

async function scene(options?: ClientOptions, dialect?: 'line' | 'web') {
  const lines: string[] = [];
  const world = await connectScripted({ logger: (line) => lines.push(line), ...options }, dialect);
  /** The lines since it was asked last. */
  return { ...world, lines, said: () => lines.splice(0) };
}

const nothing = (): void => {};

describe('the logger', () => {
  test('is told in one line of everything that happens', async () => {
    const { client, said, hear, far, clock } = await scene();
    expect(said()).toEqual([expect.stringMatching(/state.*connected/)]);
    const stop = client.subscribe('colour', nothing);
    expect(said()).toEqual([expect.stringMatching(/\bsubscribe\b.*colour/)]);
    client.send('colour', { text: 'two\nlines\r\u2028' });
    expect(said()).toEqual([expect.stringMatching(/send.*colour.*two\\nlines/)]);
    hear({ n: 1 });
    expect(said()).toEqual([expect.stringMatching(/message.*dial/)]);
    stop();
    expect(said()).toEqual([expect.stringMatching(/\bunsubscribe\b.*colour/)]);
    far.last.say('no sense');
    expect(said()).toEqual([expect.stringMatching(/error.*no sense/)]);
    far.last.drop(new Error('cable\nunplugged'));
    expect(said()).toEqual([expect.stringMatching(/state.*reconnecting/)]);
    client.send('colour', { n: 1 }, { whenOffline: 'drop' });
    expect(said()).toEqual([expect.stringMatching(/dropped.*colour.*offline/)]);
    await clock.advance(1_000);
    await far.last.welcome();
    for (const line of said()) expect(line).not.toMatch(/[\r\n]/);
  });

  test('is told when the client closes', async () => {
    const { close, lines } = await scene();
    await close();
    expect(lines.at(-1)).toMatch(/state.*closed/);
  });

  test('is told of variables and of what waits for its time', async () => {
    const { client, said, clock } = await scene();
    client.variable('colour', 'color', { initial: 0 }).set(1);
    client.send('later', { n: 1 }, { delay: 1 });
    await clock.advance(1_000);
    expect(said().filter((line) => /^\W*send\b/.test(line))).toEqual([
      expect.stringContaining('colour'),
      expect.stringContaining('later'),
    ]);
  });

  test('is silent by default, and nothing goes to the console', async () => {
    const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) => vi.spyOn(console, name));
    const { client, far, hear, close } = await scene({ logger: undefined });
    client.subscribe('colour', nothing);
    client.send('colour', { n: 1 });
    hear({ n: 1 });
    far.last.say('no sense');
    await close();
    for (const spy of spies) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });

  test('that throws breaks nothing, and what it throws is not swallowed', async () => {
    const broken = new Error('the logger is broken');
    const got: unknown[] = [];
    const uncaught = await collectUncaught(async () => {
      const { client, hear, far, close } = await scene({
        logger() {
          throw broken;
        },
      });
      client.on('error', () => got.push('error'));
      client.subscribe('colour', ({ data }) => got.push(data));
      expect(client.send('colour', { n: 1 })).toBe('sent');
      hear({ n: 2 });
      far.last.say('no sense');
      expect(far.last.sent).toEqual(['lamp', 'subscribe colour', 'sendjson colour {"n":1}']);
      await close();
      expect(client.state.status).toBe('closed');
    });
    expect(got).toContainEqual({ n: 2 });
    expect(got).toContain('error');
    expect(uncaught.every((error) => error === broken) || uncaught.length === 0).toBe(true);
  });
});

describe('a password', () => {
  const secret = 'open-sesame';

  test.each(['line', 'web'] as const)('of a channel is shown as *** (%s)', async (dialect) => {
    const { client, lines, far, clock } = await scene({}, dialect);
    client.subscribe('one', nothing, { password: secret })();
    client.subscribe(`two:${secret}`, nothing);
    client.send('three', { n: 1 }, { password: secret });
    client.send(`four:${secret}`, { n: 1 });
    client.channel('five').send({ n: 1 }, { password: secret });
    client.send('six', { n: 1 }, { password: secret, delay: 1 });
    client.variable('seven', 'x', { initial: 0, password: secret }).set(1);
    await clock.advance(1_000);
    expect(far.last.sent.join(' ').split(secret).length).toBeGreaterThanOrEqual(8);
    const all = lines.join('\n');
    expect(all).not.toContain(secret);
    for (const name of ['one', 'two', 'three', 'four', 'five', 'six', 'seven']) expect(all).toContain(`${name}:***`);
  });

  test('of a channel is not shown when a message comes in, is dropped or is asked for', async () => {
    const { client, lines, hear, far } = await scene();
    client.subscribe('colour', nothing, { password: secret });
    hear({ n: 1 }, 'dial', `colour:${secret}`);
    client.send('colour', { n: 1 }, { password: secret, delay: 5 });
    client.send('colour', { n: 2 }, { password: secret, delay: 5 });
    far.last.drop();
    client.send('colour', { n: 1 }, { password: secret });
    await client.close();
    expect(lines.join('\n')).not.toContain(secret);
    expect(lines.filter((line) => /^\W*dropped\b/.test(line))).toHaveLength(3);
  });

  test('of a sender, which some servers tell with the name, is not shown', async () => {
    const { lines, hear } = await scene();
    hear({ n: 1 }, `dial:${secret}`);
    expect(lines.join('\n')).not.toContain(secret);
  });

  test('of a handle is not shown, whatever becomes of it', async () => {
    for (const options of [
      { handle: `lamp:${secret}` },
      { handle: 'lamp', password: secret },
      { handle: () => `lamp:${secret}`, reconnect: false as const },
      { handle: 'lamp', password: () => secret },
    ]) {
      const { lines, far, clock, close } = await scene(options);
      expect(far.last.sent[0]).toBe(`lamp:${secret}`);
      far.last.drop();
      await clock.advance(1_000);
      await far.last.open();
      far.last.say('{"message" : "ERROR: client lamp exists already"}');
      await clock.advance(60_000);
      await close();
      expect(lines.join('\n')).not.toContain(secret);
    }
  });

  test('is not shown by faults that tell of a channel', async () => {
    const { client, lines, hear, clock } = await scene();
    const name = `colour:${secret}`;
    client.channel(name, v.object({ n: v.number() })).subscribe(nothing);
    hear({ n: 'text' }, 'dial', name);
    const loop = client.messages(name, { buffer: 1 });
    for (const n of [1, 2, 3]) hear({ n }, 'dial', name);
    await loop.next();
    await loop.return?.();
    const variable = client.variable(name, 'n', { initial: 0 });
    hear({ n: 'text' }, 'dial', name);
    variable[Symbol.dispose]();
    await clock.advance(0);
    expect(lines.filter((line) => /^\W*error\b/.test(line)).length).toBeGreaterThanOrEqual(3);
    expect(lines.join('\n')).not.toContain(secret);
  });
});
