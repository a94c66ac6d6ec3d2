import { expect, test } from 'vitest';
import { objects, openWorld, say } from '../helpers/world';

test('A Pure Data client is welcomed, and every answer to it ends in a semicolon', async () => {
  const world = await openWorld();
  const pd = await world.tcp('pd;');
  expect(await pd.heard()).toEqual(['welcome pd;']);
  pd.say('ping;', 'clients;', 'subscribe colour;', 'channels;', 'channels colour;');
  expect(await pd.heard()).toEqual(['.;', 'pd;', 'colour, pd;', 'pd;']);
});

test('A Pure Data client is refused in its own wording', async () => {
  const world = await openWorld();
  await world.line('alice');
  const pd = await world.tcp('alice;');
  expect(await pd.closed()).toEqual(['error (name already registered: alice);']);
});

test('A Pure Data client gets the envelope and then the data, keys in the order of the alphabet', async () => {
  const world = await openWorld();
  const pd = await world.tcp('pd;');
  const alice = await world.line('alice');
  await pd.heard();
  alice.say('sendraw pd {"b":1.0,"a_b":2,"C":"see","a":true,"ab":9007199254740993}');
  await alice.settled();
  expect(await pd.heard()).toEqual([
    `pd timestamp=${world.clock.now()} sender=alice a=true a_b=2 ab=9007199254740993 b=1.0 C=see ;`,
  ]);
});

test('A Pure Data client gets lists joined by commas and the recipient as the sender wrote it', async () => {
  const world = await openWorld();
  const pd = await world.tcp('pd;', 'subscribe colour:red;');
  const alice = await world.line('alice');
  await pd.heard();
  alice.say('sendraw colour:red {"list":[1,2.50,"x"],"none":[],"text":"two words","nested":{"k":1}}');
  await alice.settled();
  expect(await pd.heard()).toEqual([
    `colour:red timestamp=${world.clock.now()} sender=alice list=1,2.50,x nested={"k":1} none= text=two words ;`,
  ]);
});

test.each([
  ['{"obj":{"a": 1}}', 'obj={"a":1}'],
  ['{"obj":{ "a" : [ 1 ,\t2 ] , "b" : { } }}', 'obj={"a":[1,2],"b":{}}'],
  ['{"obj":{"a b": "two  words, \\" : 1"}}', 'obj={"a b":"two  words, \\" : 1"}'],
  ['{"list":[ {"a": 1} , [ 2, 3 ], "x, y", [ ] ]}', 'list={"a":1},[2,3],x, y,[]'],
  ['{"list":[1.0, 9007199254740993, true, null]}', 'list=1.0,9007199254740993,true,null'],
  ['{"list":[ ]}', 'list='],
  ['{"list":[""]}', 'list='],
  ['{"refresh":["a", "b"]}', 'refresh=a,b'],
])('A Pure Data client gets %s without the blanks of its sender: %s', async (data, words) => {
  const world = await openWorld();
  const pd = await world.tcp('pd;');
  const [alice, bob] = [await world.line('alice'), await world.web('bob')];
  await pd.heard();
  for (const [raw, verb] of [
    [alice, 'sendraw'],
    [bob, 'sendjson'],
  ] as const) {
    raw.say(`${verb} pd ${data}`);
    await raw.settled();
  }
  const sent = (sender: string): string => `pd timestamp=${world.clock.now()} sender=${sender} ${words} ;`;
  expect(await pd.heard()).toEqual([sent('alice'), sent('bob')]);
});

test('A Pure Data client gets who is present in one pair of brackets, as its patches read it', async () => {
  const world = await openWorld();
  const pd = await world.tcp('pd;');
  await pd.heard();
  await say(pd, 'subscribe presence(colour);');
  const [alice, bob] = [await world.line('alice'), await world.web('bob')];
  for (const raw of [alice, bob]) await say(raw, 'subscribe colour');
  await world.clock.advance(5_000);
  const line = (event: string, at = 5_000): string =>
    `presence(colour) timestamp=${world.clock.now() - 5_000 + at} sender=colour channel=colour ${event} ;`;
  expect(await pd.heard()).toEqual([
    line('refresh=[]', 0),
    line('join=alice', 0),
    line('join=bob', 0),
    line('refresh=[alice, bob]'),
  ]);
});

test('A line break or a semicolon in the data does not end the message early', async () => {
  const world = await openWorld();
  const pd = await world.tcp('pd;');
  const alice = await world.line('alice');
  await pd.heard();
  alice.say('sendraw pd {"text":"one;\\ntwo\\r\\nthree"}');
  await alice.settled();
  const frames = await pd.heard();
  expect(frames).toHaveLength(1);
  expect(frames[0]).toMatch(/^pd timestamp=\d+ sender=alice text=one {2}two {2}three ;$/);
});

test('A Pure Data client cannot be told another sender by the data', async () => {
  const world = await openWorld();
  const pd = await world.tcp('pd;');
  const alice = await world.line('alice');
  await pd.heard();
  alice.say('sendraw pd {"sender":"SERVER","timestamp":1,"recipient":"x","n":1}');
  await alice.settled();
  expect(await pd.heard()).toEqual([`pd timestamp=${world.clock.now()} sender=alice n=1 ;`]);
});

test('In what a Pure Data client says, semicolons are dropped and single quotes stand for commas', async () => {
  const world = await openWorld();
  const pd = await world.tcp('pd;');
  const alice = await world.line('alice');
  await pd.heard();
  pd.say(`sendraw alice {"x":1'"y":2};`, `sendraw alice 1'2'3;`);
  await pd.settled();
  expect(objects(await alice.heard())).toMatchObject([{ x: 1, y: 2, sender: 'pd' }, { data: '1,2,3' }]);
});

test('A Pure Data client is told about data that cannot be read, and lives on', async () => {
  const world = await openWorld();
  const pd = await world.tcp('pd;');
  await pd.heard();
  pd.say(`sendraw pd {"x":${'['.repeat(2_000)}${']'.repeat(2_000)}};`, 'clients;');
  expect(await pd.heard()).toEqual(['error (data is nested deeper than 1000 levels);', 'pd;']);
});

test('A Pure Data client that quits gets a bye', async () => {
  const world = await openWorld();
  const pd = await world.tcp('pd;');
  await pd.heard();
  pd.say('quit;');
  expect(await pd.closed()).toEqual(['bye']);
});
