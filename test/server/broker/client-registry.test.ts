import { expect, test } from 'vitest';
import { ask, post } from '../../helpers/ask';
import { dataOf, objects, openWorld, say } from '../../helpers/world';

test('A message as long as a line can be comes back from echo, which goes on answering', async () => {
  const world = await openWorld();
  const alice = await world.line('a'.repeat(100));
  const head = 'sendraw echo {"t":"';
  await say(alice, `${head}${'x'.repeat(2 ** 20 - head.length - 2)}"}`);
  expect(objects(await alice.heard())).toMatchObject([{ sender: 'echo' }]);
  expect(await ask(world, '/echo/it?n=1')).toMatchObject({ status: 200, text: '{"n":"1"}\n' });
});

test('What is sent over HTTP may be longer than a line of a client', async () => {
  const world = await openWorld({ limits: { line: 500 } });
  const alice = await world.web('alice');
  for (const length of [1_000, 10]) {
    const { status } = await ask(world, '/send/alice', post(JSON.stringify({ t: 'x'.repeat(length) })));
    expect(status).toBe(200);
  }
  expect(dataOf(await alice.heard())).toHaveLength(2);
});

const levels = 999;
const deepest = `{"n":1,"deep":${'['.repeat(levels)}${']'.repeat(levels)}}`;

test('Data as deep as can be comes back from echo', async () => {
  const world = await openWorld();
  const alice = await world.line('alice');
  await say(alice, `sendraw echo ${deepest}`);
  expect(objects(await alice.heard())).toMatchObject([{ sender: 'echo', n: 1 }]);
});
