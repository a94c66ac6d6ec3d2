import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { takeTurns } from '../../../src/server/flow/fairness';
import { dialTcp, until } from '../../helpers/raw';
import { dataOf, openWorld } from '../../helpers/world';

/** How many sockets this process holds, of servers and clients. */
const held = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

test('Who says much at once is read on in the next turn, who says little at once', async () => {
  const said: string[] = [];
  let tell = (_piece: { readonly length: number }): void => undefined;
  const inlet = {
    on(_event: 'data', listener: typeof tell) {
      tell = listener;
    },
  };
  takeTurns(inlet, { hold: () => said.push('hold'), release: () => said.push('release') });
  tell({ length: 1_000 });
  expect(said).toEqual([]);
  tell({ length: 2 ** 16 });
  expect(said).toEqual(['hold']);
  await new Promise(setImmediate);
  expect(said).toEqual(['hold', 'release']);
});

test('Who goes on after the end is cut after 5 s, however little he sends', async () => {
  const world = await openWorld();
  const stubborn = connect({ host: '127.0.0.1', port: world.server.tcpPort ?? 0, allowHalfOpen: true }).resume();
  const drip = async (): Promise<void> => {
    stubborn.write('x');
    for (let turns = 0; turns < 10; turns++) await new Promise(setImmediate);
  };
  stubborn.write('stubborn(JSON)\nquit\n');
  await until(() => world.server.stats().bytesIn > 0 && world.server.stats().clients === 0, 'it has quit');
  do await drip();
  while (world.clock.timers === 0);
  for (let seconds = 0; seconds < 4; seconds++) {
    await world.clock.advance(1_000);
    await drip();
  }
  const before = held();
  await world.clock.advance(999);
  expect(held()).toBe(before);
  await world.clock.advance(1);
  // The far side, which is in this process as well, does not look any more.
  await until(() => held() === before - 1, 'the server has cut it');
  stubborn.destroy();
});

test('Who goes on after a refusal with very much is cut at once', async () => {
  const world = await openWorld();
  const flood = await dialTcp(world.server.tcpPort ?? 0, { allowHalfOpen: true });
  flood.bytes(`flood(JSON)\nquit\n${'x'.repeat(2 ** 22)}`);
  // Only one that still writes learns that it was cut: it has read the end, and looks no more.
  while (!flood.isClosed) {
    flood.bytes('x');
    await new Promise(setImmediate);
  }
});

test('A message in a thousand fragments arrives, one in more ends the WebSocket', async () => {
  const world = await openWorld();
  const alice = await world.web('alice');
  async function send(pieces: number): Promise<WebSocket> {
    const socket = new WebSocket(world.server.url);
    socket.on('error', () => undefined);
    await once(socket, 'open');
    socket.send('bob_##');
    const text = 'sendjson alice {"n":1}'.padEnd(pieces);
    for (let at = 0; at < pieces; at++) socket.send(text.slice(at, at + 1), { fin: at === pieces - 1 });
    return socket;
  }
  const fine = await send(1_024);
  await once(fine, 'message');
  await expect.poll(async () => dataOf(await alice.heard())).toEqual([{ n: 1 }]);
  fine.close();
  const [code] = await once(await send(1_025), 'close');
  expect(code).toBe(1_008);
  expect(await alice.heard()).toEqual([]);
});
