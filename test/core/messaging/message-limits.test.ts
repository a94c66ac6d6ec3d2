import { describe, expect, test } from 'vitest';
import { createLineSplitter } from '../../../src/protocol/line/splitter';
import { connectScripted } from '../../helpers/scripted-client';

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

describe('what goes out', () => {
  test('has at most 64 KiB, and the error names the limit and the option', async () => {
    const { client, far } = await connectScripted();
    const room = 65_536 - '{"text":""}'.length;
    client.send('colour', { text: 'a'.repeat(room) });
    const sent = far.last.sent.length;
    expect(() => client.send('colour', { text: 'a'.repeat(room + 1) })).toThrow(RangeError);
    expect(() => client.send('colour', { text: 'a'.repeat(room + 1) })).toThrow(/65537 bytes.*65536.*maxMessage/);
    // As it travels over TCP: six characters each.
    expect(() => client.send('colour', { text: '漢'.repeat(room / 6 + 1) })).toThrow(RangeError);
    expect(far.last.sent).toHaveLength(sent);
  });

  test('has as many bytes as `maxMessage` says', async () => {
    const { client } = await connectScripted({ maxMessage: 20 });
    expect(client.send('colour', { n: 1 })).toBe('sent');
    expect(() => client.send('colour', { text: 'a'.repeat(20) })).toThrow(/at most 20/);
    await expect(client.call('colour', 'mix', { text: 'a'.repeat(20) })).rejects.toThrow(/at most 20/);
    expect(() => client.variable('colour', 'text').set('a'.repeat(20))).toThrow(/at most 20/);
    for (const maxMessage of [0, -1, Number.NaN]) {
      await expect(connectScripted({ maxMessage })).rejects.toThrow(RangeError);
    }
  });

  test('nests at most 500 deep, brackets in texts aside', async () => {
    const { client } = await connectScripted();
    expect(client.send('colour', JSON.parse(nested(500)))).toBe('sent');
    expect(() => client.send('colour', JSON.parse(nested(501)))).toThrow(/500 deep/);
    expect(() => client.send('colour', { list: JSON.parse(`${'['.repeat(501)}${']'.repeat(501)}`) })).toThrow(
      RangeError,
    );
    expect(client.send('colour', { text: '["\\'.repeat(2_000) })).toBe('sent');
    expect(client.send('colour', { list: Array.from({ length: 2_000 }, () => [{}]) })).toBe('sent');
  });
});

describe('what comes in', () => {
  const message = (data: string): string => `{"recipient":"colour","sender":"dial","timestamp":1,"data":${data}}`;

  test('may nest 1,000 deep; what is deeper is told, and the connection lives', async () => {
    const { client, far, errors } = await connectScripted({ logger: () => undefined });
    const got: unknown[] = [];
    client.subscribe('colour', ({ data }) => got.push(data));
    far.last.say(message(nested(999)));
    far.last.say(message(nested(100_000)));
    far.last.say(message('{"n":1}'));
    expect(errors).toMatchObject([{ code: 'protocol' }]);
    expect([got.length, client.state.status]).toEqual([2, 'connected']);
  });

  test('has at most 1 MiB in a frame', async () => {
    const { client, far, errors } = await connectScripted();
    const got: unknown[] = [];
    client.subscribe('colour', ({ data }) => got.push(data));
    far.last.say(message(`{"text":"${'a'.repeat(2 ** 20)}"}`));
    far.last.say(message('{"n":1}'));
    expect(errors).toMatchObject([{ code: 'protocol', message: expect.stringContaining('1 MiB') }]);
    expect(got).toEqual([{ n: 1 }]);
  });

  test('is told once a second when it makes no sense, and always to the logger', async () => {
    const lines: string[] = [];
    const { clock, far, errors } = await connectScripted({ logger: (line) => lines.push(line) });
    for (let i = 0; i < 1_000; i++) far.last.say(`{broken ${i}`);
    expect(errors).toHaveLength(1);
    expect(lines.filter((line) => line.includes('broken'))).toHaveLength(1_000);
    await clock.advance(1_000);
    far.last.say('{broken again');
    expect(errors).toHaveLength(2);
  });

  test('is skipped up to the next line end when a line is too long', () => {
    const lines: string[] = [];
    const take = createLineSplitter((line) => lines.push(line), 10);
    for (const piece of ['one\n', 'much too long', ' and longer', ' still\nt', 'wo\r\n', 'x'.repeat(11), '\nthree\n'])
      take(piece);
    expect(lines).toEqual(['one', 'much too long', 'two', 'xxxxxxxxxxx', 'three']);
  });
});

describe('a call that asks to spread the answers', () => {
  test('says so, and a responder waits for a random time before it answers', async () => {
    const { client, clock, far, hear } = await connectScripted();
    client.callAll('lights', 'power', {}, { spread: 400 });
    expect(far.last.sent.at(-1)).toContain('"_SPREAD":400');
    client.register('lights', 'power', () => ({ watts: 5 }));
    const answers = (): number => far.last.sent.filter((frame) => frame.includes('watts')).length;
    for (const [spread, wait] of [
      [400, 200],
      [1e9, 500],
    ] as const) {
      const before = answers();
      hear({ _MESSAGE_HANDLE: 'power', _MESSAGE_ID: '1', _SPREAD: spread }, 'dial', 'lights');
      await clock.advance(wait - 1);
      expect(answers()).toBe(before);
      await clock.advance(1);
      expect(answers()).toBe(before + 1);
    }
    for (const odd of ['x', -5, null, {}]) {
      const before = answers();
      hear({ _MESSAGE_HANDLE: 'power', _MESSAGE_ID: '1', _SPREAD: odd }, 'dial', 'lights');
      await clock.advance(0);
      expect(answers()).toBe(before + 1);
    }
    expect(() => client.callAll('lights', 'power', {}, { spread: -1 })).toThrow(RangeError);
  });
});
