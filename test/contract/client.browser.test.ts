import { expect, inject, test } from 'vitest';
import { connect, type OocsiError } from '../../src/index';
import { createInbox } from '../helpers/inbox';
import { clientContract } from './client';

// Every test has a server of its own: the page asks the machine that runs the tests for one.
async function createWorld() {
  const control = inject('control');
  const url = await (await fetch(`${control}/start`, { method: 'POST' })).text();
  return {
    target: url,
    async [Symbol.asyncDispose]() {
      await fetch(`${control}/stop?url=${encodeURIComponent(url)}`, { method: 'POST' });
    },
  };
}

clientContract('websocket in Chromium', createWorld);

test('A page, which loads what reads filters when it uses one, is told what cannot be read', async () => {
  await using world = await createWorld();
  const errors = createInbox<OocsiError>();
  const lamp = await connect(world.target, { handle: 'lamp', on: { error: errors.push } });
  const dial = await connect(world.target, { handle: 'dial' });
  const why = '"v >> 1" cannot be read at character 3, ">>": use >';
  lamp.subscribe('colour', () => {}, { filter: 'v >> 1' });
  const told = [await errors.next(), await errors.next()].map(({ message }) => message);
  expect(told).toContain(`Not subscribed: ${why}.`);
  expect(told).toContainEqual(expect.stringContaining('ERROR'));
  const refusal = expect.objectContaining({ name: 'TypeError', message: why });
  await expect(lamp.next('colour', { filter: 'v >> 1' })).rejects.toEqual(refusal);
  await expect(lamp.messages('colour', { filter: 'v >> 1' }).next()).rejects.toEqual(refusal);
  await lamp.flush();
  expect(await dial.members('colour')).toEqual([]);
  const next = lamp.next('colour', { filter: 'v > 1' });
  await lamp.flush();
  dial.send('colour', { v: 1 });
  dial.send('colour', { v: 2 });
  expect((await next).data).toEqual({ v: 2 });
  await Promise.all([lamp.close(), dial.close()]);
});
