import { expect, test } from 'vitest';
import { createBroker } from '../../../src/server/broker/broker';
import type { ServerLimits } from '../../../src/server/config/limits';
import { ask } from '../../helpers/ask';
import { createVirtualClock } from '../../helpers/virtual-clock';
import { openWorld, say } from '../../helpers/world';

const day = 24 * 60 * 60;

/** A broker whose clients say where they come from. */
function openBroker(limits: Partial<ServerLimits>) {
  const clock = createVirtualClock();
  const broker = createBroker({ clock, limits: { idle: Number.POSITIVE_INFINITY, ...limits } });
  return {
    ...{ broker, clock },
    enter(handle: string, address?: string) {
      const heard: string[] = [];
      const link = { send: (frame: string) => void heard.push(frame), close() {}, buffered: 0 };
      const events = broker.accept(link, 'line', { address });
      events.frame(`${handle}(JSON)`);
      heard.length = 0;
      return {
        leave: () => events.close(),
        /** Sends a message that is kept, or waits; gives the server's complaint. */
        send(recipient: string, key: '_RETAIN' | '_DELAY' = '_RETAIN'): string | undefined {
          heard.length = 0;
          events.frame(`sendraw ${recipient} {"${key}":${day}}`);
          return heard.at(-1);
        },
        subscribe: (channel: string) => events.frame(`subscribe ${channel}`),
      };
    },
  };
}

for (const [key, limit, complaint] of [
  ['_RETAIN', 'retained', (whom: string) => `error (too many messages${whom} are kept: try again later)\n`],
  ['_DELAY', 'delayed', (whom: string) => `error (too many delayed messages${whom}: try again later)\n`],
] as const) {
  function open(places: number) {
    const world = openBroker({ [limit]: places });
    const subscriber = world.enter('subscriber');
    for (let index = 0; index < 2_000; index++) if (key === '_RETAIN') subscriber.subscribe(`c${index}`);
    let next = 0;
    return {
      ...world,
      /** Fills as many places as a client gets; gives how many these are, and what it is told then. */
      fill(handle: string, address?: string): readonly [number, string | undefined] {
        const client = world.enter(handle, address);
        let [filled, told] = [0, client.send(`c${next++}`, key)];
        while (told === undefined) {
          filled++;
          told = client.send(`c${next++}`, key);
        }
        client.leave();
        return [filled, told];
      },
    };
  }

  test(`One client has a quarter of the places of ${key}, one address half, and there is always room for another one`, () => {
    const { fill, broker } = open(1_000);
    expect(fill('a', '192.0.2.1')).toEqual([250, complaint(' of this client')]);
    // It comes back in vain, and under other handles it gets no more than its address.
    expect(fill('a', '192.0.2.1')).toEqual([0, complaint(' of this client')]);
    expect(fill('b', '192.0.2.1')).toEqual([250, complaint(' of this client')]);
    expect(fill('c', '192.0.2.1')).toEqual([0, complaint(' of this address')]);
    // Never more than is still free for the others.
    expect([fill('d', '192.0.2.2'), fill('e', '192.0.2.3'), fill('f', '192.0.2.4')]).toEqual([
      [250, complaint(' of this client')],
      [125, complaint('')],
      [63, complaint('')],
    ]);
    expect(broker.stats()[limit]).toBe(938);
  });

  test(`All addresses of a network count as one for ${key}; those in the same program have no address`, () => {
    const { fill } = open(8);
    expect([fill('a', '2001:db8::1')[0], fill('b', '2001:db8::2')[0]]).toEqual([2, 2]);
    expect(fill('c', '2001:db8::3')).toEqual([0, complaint(' of this address')]);
    expect(fill('d')).toEqual([2, complaint(' of this client')]);
  });

  test(`All networks of a site have half of the places of ${key} together`, () => {
    const { fill } = open(16);
    const filled = ['1', '2', '3', '4', '5'].map((net) => fill(`client${net}`, `2001:db8:0:${net}::1`)[0]);
    expect(filled).toEqual([4, 4, 0, 0, 0]);
    expect(fill('other', '2001:db8:1:1::1')[0]).toBe(4);
  });

  test(`What takes the place of another message of ${key} needs no room, and what is over makes room`, async () => {
    const { fill, enter, clock } = open(8);
    fill('a', '192.0.2.1');
    fill('b', '192.0.2.1');
    const c = enter('c', '192.0.2.1');
    expect(c.send('c9', key)).toBe(complaint(' of this address'));
    expect(c.send('c0', key)).toBeUndefined();
    await clock.advance(2 * day * 1_000);
    expect([c.send('c9', key), c.send('c8', key), c.send('c7', key)]).toEqual([
      ...[undefined, undefined],
      complaint(' of this client'),
    ]);
  });

  test(`A trusted address has no share of its own for ${key}`, () => {
    const world = openBroker({ [limit]: 8, trusted: ['192.0.2.1'] });
    const senders = ['a', 'b', 'c'].map((handle) => world.enter(handle, '192.0.2.1'));
    const subscriber = world.enter('subscriber');
    for (let index = 0; index < 6; index++) subscriber.subscribe(`c${index}`);
    const told = senders.flatMap((sender, at) => [sender.send(`c${2 * at}`, key), sender.send(`c${2 * at + 1}`, key)]);
    expect(told).toEqual(Array.from({ length: 6 }, () => undefined));
  });
}

test('What is sent over HTTP counts for its address, not for all who use HTTP', async () => {
  const world = await openWorld({ limits: { delayed: 8 } });
  const send = (channel: string) => ask(world, `/send/${channel}`, { method: 'POST', body: `{"_DELAY":${day}}` });
  const statuses = [];
  for (const channel of ['a', 'b', 'c', 'd', 'e']) statuses.push((await send(channel)).status);
  expect(statuses).toEqual([200, 200, 200, 200, 400]);
  expect((await send('e')).text).toContain('too many delayed messages of this address');
  const alice = await world.line('alice');
  await say(alice, `sendraw f {"_DELAY":${day}}`);
  expect(await alice.heard()).toEqual(['error (too many delayed messages of this address: try again later)']);
});
