import { expect, test } from 'vitest';
import { connectScripted, createScriptedClient } from '../helpers/scripted-client';

// JSON that JavaScript can make neither a text nor a number of: whoever tries gets a TypeError, which in Node ends the
// program when it is thrown where the network hands over what came in.
const odd = { toString: 1, valueOf: 1 };
const reliable = [true, false];
const keys = ['_SID', '_SEQ', '_BASE', '_ACK', '_MESSAGE_HANDLE', '_MESSAGE_ID', '_MESSAGE_ERROR', '_SPREAD', '_ECHO'];

test.each(keys)('whatever stands in %s of a message, those behind it arrive', async (key) => {
  for (const isReliable of reliable) {
    for (const recipient of ['colour', 'lamp']) {
      const { client, clock, hear, close } = await connectScripted();
      const got: number[] = [];
      client.subscribe('colour', ({ data }) => got.push(data.n), { reliable: isReliable });
      client.subscribe(({ data }) => got.push(data.n), { reliable: isReliable });
      client.register('colour', 'mix', () => ({}));
      const call = { _MESSAGE_HANDLE: 'mix', _MESSAGE_ID: '1' };
      for (const others of [{}, { _SID: '1', _SEQ: 1, _BASE: 1 }, call]) {
        expect(() => hear({ n: 1, ...others, [key]: odd }, 'stranger', recipient)).not.toThrow();
      }
      hear({ n: 2 }, 'dial', recipient);
      await clock.advance(1_000);
      expect(got.at(-1)).toBe(2);
      await close();
    }
  }
});

test('an odd acknowledgement is told, and the right one still counts', async () => {
  const { client, clock, errors, far, hear } = await connectScripted();
  const sent = client.send('colour', { n: 1 }, { ack: true });
  await clock.advance(0);
  const id = /"_SID":"(\d+)"/.exec(far.last.sent.at(-1) ?? '')?.[1];
  for (const ack of [odd, [odd], [id, odd, 1], [id, 1, odd]]) {
    expect(() => hear({ _ACK: ack }, 'stranger', 'lamp')).not.toThrow();
  }
  hear({ _ACK: [id, 1, 1] }, 'dial', 'lamp');
  expect((await sent).receivers).toEqual(['dial']);
  expect(errors.map(({ code }) => code)).toEqual(['protocol']);
});

test.each(['timestamp', 'recipient', 'sender', 'data', 'message'])(
  'an odd %s of a server hurts nobody',
  async (key) => {
    const { client, errors, far, hear } = await connectScripted();
    const got: unknown[] = [];
    client.subscribe('colour', ({ data }) => got.push(data));
    const frame = { recipient: 'a', sender: 'b', timestamp: 1, data: 5, [key]: odd };
    expect(() => far.last.say(JSON.stringify(frame))).not.toThrow();
    hear({ n: 2 });
    expect([got, client.state.status]).toEqual([[{ n: 2 }], 'connected']);
    if (key !== 'data') expect(errors.map(({ code }) => code)).toEqual(['protocol']);
  },
);

test('a logger is told of names that are none, as they are', async () => {
  const lines: string[] = [];
  const { hear } = await connectScripted({ logger: (line) => lines.push(line) });
  const data = { recipient: odd, sender: 5 };
  hear(data);
  expect(lines.map((line) => JSON.parse(line)).at(-1)).toMatchObject(['message', { sender: 'dial', data }]);
});

test('an odd greeting is that of no OOCSI server', async () => {
  const { client, clock, far } = createScriptedClient();
  await clock.advance(0);
  far.last.open();
  await clock.advance(0);
  expect(() => far.last.say(JSON.stringify({ message: odd }))).not.toThrow();
  expect(client.state).toMatchObject({ status: 'connecting', cause: { code: 'protocol' } });
});

test('a number too large to count on from is none: nothing is held for ever', async () => {
  for (const first of ['9007199254740992', '1e400', '-1e400', '-1e300']) {
    const { client, clock, far } = await connectScripted();
    const got: number[] = [];
    client.subscribe('colour', ({ data }) => got.push(data.n), { reliable: true });
    for (let n = 0; n < 200; n++) {
      const number = n === 0 || first.includes('e') ? first : BigInt(first) + 2n * BigInt(n);
      const data = `{"n":${n},"_SID":"1","_SEQ":${number}}`;
      far.last.say(`{"recipient":"colour","sender":"stranger","timestamp":1,"data":${data}}`);
    }
    await clock.advance(0);
    expect(got.length, first).toBeGreaterThan(100);
  }
});
