import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Dialect } from '../../../src/protocol/link';
import { readAccounts } from '../../../src/server/admission/accounts';
import { ChannelDelivery } from '../../../src/server/broker/channel-delivery';
import { assembleBroker } from '../../../src/server/broker/server-broker';
import { readLimits } from '../../../src/server/config/limits';
import { createCounts } from '../../../src/server/config/stats';
import { createServerEvents } from '../../../src/server/domain/events';
import { unlimitedTime } from '../../../src/server/flow/slices';
import { createVirtualClock } from '../../helpers/virtual-clock';
import { dataOf, openWorld, say } from '../../helpers/world';

/** `npm run soak` tries far more. */
const runs = process.env['SOAK'] === undefined ? 300 : 30_000;

const handles = ['anna', 'ben', 'carla', 'dora'] as const;

/** Lines of one client that come in one piece. */
interface Piece {
  readonly from: number;
  readonly lines: readonly string[];
}

/** What happens when one client is sent more than so many characters. */
interface Weakness {
  readonly of: number;
  readonly room: number;
  readonly what: 'waits' | 'throws';
}

/** A broker with four clients, two of each dialect, some of whom do something at once when a certain message is sent, and one of
 * whom does not take everything; gives all that each was told. */
function run(pieces: readonly Piece[], gathers: boolean, weakness: Weakness): unknown {
  const delivery = new ChannelDelivery();
  const broker = assembleBroker({
    clock: createVirtualClock(),
    accounts: readAccounts(['dora:secret']),
    limits: readLimits({ queue: weakness.room }),
    events: createServerEvents(),
    counts: createCounts(),
    delivery,
    fairScheduler: unlimitedTime,
  }).broker;
  const clients = handles.map((handle, index) => {
    const dialect: Dialect = index % 2 === 0 ? 'line' : 'web';
    const told: string[] = [];
    const isWeak = weakness.of === index;
    let size = 0;
    const link = {
      send(text: string) {
        told.push(text);
        if (isWeak) size += text.length;
        if (weakness.what === 'throws' && size > weakness.room) throw new Error('it cannot be sent');
      },
      close: () => told.push('closed'),
      get buffered() {
        return weakness.what === 'waits' ? size : 0;
      },
    };
    const events = broker.accept(link, dialect);
    events.frame(handle === 'dora' ? 'dora:secret' : dialect === 'line' ? `${handle}(JSON)` : handle);
    return { told, events };
  });
  const isWeakness = weakness.room < Number.POSITIVE_INFINITY;
  if (isWeakness) {
    // Whether a channel is open must not hang on the one who is to go.
    const holder = broker.accept({ send() {}, close() {}, buffered: 0 });
    for (const text of ['holder', 'subscribe x', 'subscribe y']) holder.frame(text);
  }
  const meanwhile = new Map([
    [5, () => clients[1]?.events.frame('subscribe x')],
    [4, () => clients[1]?.events.frame('unsubscribe x')],
    [3, () => clients[2]?.events.frame('sendjson x {"n":0}')],
    [2, () => clients[1]?.events.close()],
  ]);
  broker.on('message', ({ data }) => void meanwhile.get(Number(data['n']))?.());
  for (const { from, lines } of pieces) {
    const isGathered = gathers && from !== weakness.of;
    if (isGathered) delivery.begin();
    for (const line of lines) clients[from]?.events.frame(line);
    if (isGathered) delivery.end();
  }
  const { messagesIn, messagesOut, bytesOut, dropped } = broker.stats();
  // When others hear that one is gone is nobody's business who only sent it too much.
  const counts = (text: string): boolean => !isWeakness || !text.includes('"presence(');
  return { told: clients.map(({ told }) => told.filter(counts)), messagesIn, messagesOut, bytesOut, dropped };
}

const channel = fc.constantFrom('x', 'y', 'y:key', 'x[filter(n>2)]', 'OOCSI_events', 'presence(x)');
const recipient = fc.oneof({ arbitrary: fc.constant('x'), weight: 3 }, fc.constantFrom('y', 'y:key', ...handles));
const line = fc.oneof(
  {
    arbitrary: fc.tuple(recipient, fc.nat(5)).map(([name, n]) => `sendjson ${name} {"n":${n}}`),
    weight: 6,
  },
  { arbitrary: channel.map((name) => `subscribe ${name}`), weight: 3 },
  channel.map((name) => `unsubscribe ${name}`),
  fc.constantFrom('sendjson x {"_RETAIN":5}', 'sendjson x {"_DELAY":2}', 'sendjson x {', 'ping', 'channels', 'quit'),
);
const weakness = fc.record({
  // Not carla, who says something in the middle: she may do so until she was told what is too much for her.
  of: fc.constantFrom(0, 1, 3),
  room: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.integer({ min: 100, max: 600 })),
  what: fc.constantFrom('waits', 'throws'),
});
const piece = fc.record({ from: fc.nat(3), lines: fc.array(line, { maxLength: 12 }) });

test('What is gathered is told in the same order as if it were not', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), weakness, (pieces, weak) => {
      expect(run(pieces, true, weak)).toEqual(run(pieces, false, weak));
    }),
    { numRuns: runs },
  );
});

test('Messages of one client to one channel go to one member after the other', () => {
  const delivery = new ChannelDelivery();
  const order: string[] = [];
  const broker = assembleBroker({
    clock: createVirtualClock(),
    accounts: readAccounts([]),
    limits: readLimits({ clients: 8_000 }),
    events: createServerEvents(),
    counts: createCounts(),
    delivery,
    fairScheduler: unlimitedTime,
  }).broker;
  const enter = (handle: string): ReturnType<typeof broker.accept> => {
    const send = (text: string): void => void order.push(`${handle}: ${text.slice(0, 8)}`);
    const events = broker.accept({ send, close() {}, buffered: 0 }, 'line');
    for (const text of [`${handle}(JSON)`, 'subscribe x']) events.frame(text);
    return events;
  };
  const [anna] = [enter('anna'), enter('ben'), enter('carla')];
  const say = (count: number): string[] => {
    order.length = 0;
    for (let n = 0; n < count; n++) anna.frame(`sendjson x {"n":${n}}`);
    return [...order];
  };
  expect(say(2)).toEqual(['ben: {"n":0,"', 'carla: {"n":0,"', 'ben: {"n":1,"', 'carla: {"n":1,"']);
  delivery.begin();
  expect(say(2)).toEqual([]);
  anna.frame('ping');
  expect(order).toEqual(['ben: {"n":0,"', 'ben: {"n":1,"', 'carla: {"n":0,"', 'carla: {"n":1,"', 'anna: .\n']);
  // So many are not to wait any longer.
  expect(say(64)).toHaveLength(128);
  expect(say(1)).toEqual([]);
  delivery.end();
  expect(order).toHaveLength(2);
  for (let index = 0; index < 6_998; index++) enter(`more${index}`);
  delivery.begin();
  expect(say(9)).toEqual([]);
  expect(say(1)).toHaveLength(70_000);
});

test('A member whose link fails is gone, and the others get everything', async () => {
  const world = await openWorld();
  function send(text: string): void {
    if (text.includes('recipient')) throw new Error('it cannot be sent');
  }
  const broken = world.server.broker.accept({ send, close() {}, buffered: 0 });
  for (const text of ['broken', 'subscribe room']) broken.frame(text);
  const [sender, listener] = [await world.line('sender'), await world.web('listener')];
  await say(listener, 'subscribe room');
  sender.say('sendraw room {"n":1}', 'sendraw room {"n":2}', 'sendraw broken {"n":3}', 'channels room');
  expect(await sender.heard()).toEqual(['listener']);
  expect(dataOf(await listener.heard())).toEqual([{ n: 1 }, { n: 2 }]);
  expect(world.server.broker.clients()).toEqual(['sender', 'listener']);
});
