import { expect, test } from 'vitest';
import type { Raw } from '../../helpers/raw';
import { dialects, objects, openWorld, say, told, type World } from '../../helpers/world';

/** Sends `data` as `sender` and gives the one frame that `receiver` gets. */
async function pass(sender: Raw, receiver: Raw, recipient: string, data: string): Promise<string> {
  sender.say(`sendjson ${recipient} ${data}`);
  await sender.settled();
  const frames = await receiver.heard();
  expect(frames).toHaveLength(1);
  return frames[0] ?? '';
}

async function bothDialects(): Promise<World & { readonly line1: Raw; readonly web1: Raw; readonly web2: Raw }> {
  const world = await openWorld();
  const [line1, web1, web2] = [await world.line('line1'), await world.web('web1'), await world.web('web2')];
  return { ...world, line1, web1, web2 };
}

test('A message from TCP arrives nested over WebSocket', async () => {
  const { line1, web1, clock } = await bothDialects();
  expect(JSON.parse(await pass(line1, web1, 'web1', '{"n":1,"text":"x"}'))).toEqual({
    recipient: 'web1',
    sender: 'line1',
    timestamp: clock.now(),
    data: { n: 1, text: 'x' },
  });
});

test('A message from WebSocket arrives flat over TCP', async () => {
  const { line1, web1, clock } = await bothDialects();
  expect(JSON.parse(await pass(web1, line1, 'line1', '{"n":1,"text":"x"}'))).toEqual({
    recipient: 'line1',
    sender: 'web1',
    timestamp: clock.now(),
    n: 1,
    text: 'x',
  });
});

test('A channel reaches its subscribers of both dialects', async () => {
  const { line1, web1, web2 } = await bothDialects();
  line1.say('subscribe colour');
  web1.say('subscribe colour');
  await Promise.all([line1.settled(), web1.settled()]);
  web2.say('sendjson colour {"n":1}');
  await web2.settled();
  expect(objects(await line1.heard())).toMatchObject([{ recipient: 'colour', sender: 'web2', n: 1 }]);
  expect(objects(await web1.heard())).toMatchObject([{ recipient: 'colour', sender: 'web2', data: { n: 1 } }]);
  expect(await web2.heard()).toEqual([]);
});

for (const number of [
  '1.0',
  '-0.0',
  '1e3',
  '1e-7',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
  '-9223372036854775809',
  '123456789012345678901234567890',
]) {
  test(`The number ${number} keeps its text in both directions`, async () => {
    const { line1, web1 } = await bothDialects();
    expect(await pass(line1, web1, 'web1', `{"n":${number}}`)).toContain(`"data":{"n":${number}}`);
    expect(await pass(web1, line1, 'line1', `{"n":${number},"m":null}`)).toContain(`{"n":${number},`);
  });
}

test('A null is dropped at the top level and kept further in', async () => {
  const { line1, web1 } = await bothDialects();
  const data = '{"gone":null,"list":[null],"object":{"k":null}}';
  const kept = { list: [null], object: { k: null } };
  expect(JSON.parse(await pass(line1, web1, 'web1', data)).data).toEqual(kept);
  const { recipient, sender, timestamp, ...flat } = JSON.parse(await pass(web1, line1, 'line1', data));
  expect(flat).toEqual(kept);
});

test('Text of any language arrives in both directions, over TCP as ASCII', async () => {
  const { line1, web1 } = await bothDialects();
  const text = 'é 中 😀 "quoted" \\ tab\t\u2028 \0';
  expect(JSON.parse(await pass(line1, web1, 'web1', JSON.stringify({ text }))).data).toEqual({ text });
  const line = await pass(web1, line1, 'line1', JSON.stringify({ text, ключ: 1 }));
  expect(JSON.parse(line)).toMatchObject({ text, ключ: 1 });
  expect(line).toMatch(/^[ -~]+$/);
});

test('A character that two packets share arrives whole', async () => {
  const { line1, web1 } = await bothDialects();
  const bytes = Buffer.from('sendraw web1 {"text":"é中😀"}\n');
  for (const byte of bytes) {
    line1.bytes(Uint8Array.of(byte));
    await new Promise(setImmediate);
  }
  await line1.settled();
  expect(objects(await web1.heard())).toMatchObject([{ data: { text: 'é中😀' } }]);
});

test('Keys named like the envelope lose over TCP and stay in the data over WebSocket', async () => {
  const { line1, web1, web2, clock } = await bothDialects();
  const data = '{"sender":"mallory","recipient":"x","timestamp":1,"n":1}';
  expect(JSON.parse(await pass(web1, line1, 'line1', data))).toEqual({
    sender: 'web1',
    recipient: 'line1',
    timestamp: clock.now(),
    n: 1,
  });
  expect(JSON.parse(await pass(web1, web2, 'web2', data))).toEqual({
    sender: 'web1',
    recipient: 'web2',
    timestamp: clock.now(),
    data: { sender: 'mallory', recipient: 'x', timestamp: 1, n: 1 },
  });
});

test('A key that spells the name of the envelope with escapes appears once over TCP', async () => {
  const { line1, web1 } = await bothDialects();
  const line = await pass(web1, line1, 'line1', '{"\\u0073ender":"mallory","n":1}');
  expect(JSON.parse(line)).toMatchObject({ sender: 'web1', n: 1 });
  expect(line).not.toContain('mallory');
});

test('Keys that mean something to JavaScript arrive as any other', async () => {
  const { line1, web1 } = await bothDialects();
  const data = '{"__proto__":{"x":1},"constructor":1,"toString":2}';
  expect(await pass(line1, web1, 'web1', data)).toContain(`"data":${data}`);
  expect(await pass(web1, line1, 'line1', data)).toContain(data.slice(1, -1));
});

test('The last of a repeated key counts', async () => {
  const { line1, web1 } = await bothDialects();
  expect(await pass(line1, web1, 'web1', '{"a":1,"b":2,"a":3.0}')).toContain('"data":{"b":2,"a":3.0}');
});

test('What follows the object is ignored', async () => {
  const { line1, web1 } = await bothDialects();
  expect(await pass(line1, web1, 'web1', '{"text":"}{"} {"b":2}')).toContain('"data":{"text":"}{"}}');
});

for (const broken of ['{', '{"a":', '{"a"}', '{a:1}', "{'a':1}", '{"a":1,}', '{"a":NaN}', '{"a":"', '{"a":[1}', '{]']) {
  test(`Broken JSON arrives as an empty message: ${broken}`, async () => {
    const { line1, web1, clock } = await bothDialects();
    expect(JSON.parse(await pass(line1, web1, 'web1', broken)).data).toEqual({});
    expect(JSON.parse(await pass(web1, line1, 'line1', broken))).toEqual({
      recipient: 'line1',
      sender: 'web1',
      timestamp: clock.now(),
    });
  });
}

test('Line breaks between the parts of an object stay within one line over TCP', async () => {
  const { line1, web1 } = await bothDialects();
  const line = await pass(web1, line1, 'line1', '{\r\n  "n": 1,\n  "list": [\n    1\n  ]\n}\nbye');
  expect(JSON.parse(line)).toMatchObject({ n: 1, list: [1], sender: 'web1' });
});

test.each(['quote"', 'back\\slash', 'f\u00e4rbe', '\u{1f3a8}', 'a\u200db'])(
  'Messages to a channel named %s can be read',
  async (name) => {
    const world = await openWorld();
    for (const dialect of dialects) {
      const client = await world[dialect](`"${dialect}\\`);
      client.say(`subscribe ${name}`);
      await client.settled();
      const other = await world.line(`other-${dialect}`);
      await say(other, `sendraw ${name} {"n":1}`, `sendraw "${dialect}\\ {"n":2}`);
      await say(client, `sendjson "${dialect}\\ {"n":3}`);
      expect(told(await client.heard())).toMatchObject([
        { recipient: name, sender: `other-${dialect}`, data: { n: 1 } },
        { recipient: `"${dialect}\\`, sender: `other-${dialect}`, data: { n: 2 } },
        { recipient: `"${dialect}\\`, sender: `"${dialect}\\`, data: { n: 3 } },
      ]);
    }
  },
);
