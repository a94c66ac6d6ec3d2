import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { connect, createClient, type Target } from '../../../src/index';

const missing = (): string => runInNewContext('new TextDecoder()');

const memoryLink = { send: () => undefined, close: () => undefined, buffered: 0 };
const targets: readonly (readonly [string, Target])[] = [
  ['when it is made', missing],
  ['when it dials', { name: 'mine', dialect: 'web', dial: async () => ({ ...memoryLink, name: missing() }) }],
];

for (const [what, adapter] of targets) {
  test(`What a platform lacks is a fault of the program, and nothing is tried again (${what})`, async () => {
    const error = expect.objectContaining({
      ...{ code: 'invalid', message: 'TextDecoder is not defined' },
      cause: expect.objectContaining({ name: 'ReferenceError' }),
    });
    await expect(connect(adapter)).rejects.toEqual(error);
    const client = createClient(adapter);
    await expect.poll(() => client.state).toMatchObject({ status: 'closed', cause: error });
  });
}

test('What a platform lacks to send is an error of the program, too, and nothing is tried again', async () => {
  const link = { ...memoryLink, send: () => missing() };
  let dials = 0;
  const client = createClient({
    ...{ name: 'mine', dialect: 'web' },
    dial: async () => {
      dials++;
      return link;
    },
  });
  expect(await client.closed).toMatchObject({
    ...{ code: 'invalid', message: 'The link to mine cannot send: TextDecoder is not defined' },
    cause: { name: 'ReferenceError' },
  });
  expect(dials).toBe(1);
});
