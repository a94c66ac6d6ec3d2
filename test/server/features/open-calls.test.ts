import { describe, expect, test } from 'vitest';
import { fromMembers } from '../../../src/protocol/index';
import { createOpenCalls } from '../../../src/server/features/index';
import { createVirtualClock } from '../../../src/testing/index';
import { until } from '../../helpers/raw';
import { dataOf, dialects, openWorld, say, type World } from '../../helpers/world';

const call = (to: string, id: string): string => `sendjson ${to} {"_MESSAGE_HANDLE":"mix","_MESSAGE_ID":"${id}"}`;
const answer = (id: string, from: string): string => `sendjson dial {"_MESSAGE_ID":"${id}","from":"${from}"}`;
const notCalled = 'answer not passed on: its call went to others';

/** The handles that the answers of `dial` came from. */
const answered = (frames: readonly string[]): unknown[] => dataOf(frames).map((data) => Object(data).from);

for (const dialect of dialects) {
  describe(`over ${dialect}`, () => {
    async function scene() {
      const world = await openWorld();
      const join = (handle: string) => world[dialect](handle);
      return { world, dial: await join('dial'), lamp: await join('lamp'), stranger: await join('stranger') };
    }

    test('an answer counts from the handle that was called, and from nobody else', async () => {
      const { world, dial, lamp, stranger } = await scene();
      await say(dial, call('lamp', 'id1'));
      await say(stranger, answer('id1', 'stranger'));
      expect((await stranger.heard()).join()).toContain(notCalled);
      await say(lamp, answer('id1', 'lamp'));
      expect(answered(await dial.heard())).toEqual(['lamp']);
      expect(world.server.stats().dropped).toBe(1);
    });

    test('an answer counts from the members of the channel that was called', async () => {
      const { dial, lamp, stranger } = await scene();
      await say(lamp, 'subscribe lamps');
      await say(dial, call('lamps', 'id1'));
      await say(stranger, answer('id1', 'stranger'));
      await say(lamp, answer('id1', 'lamp'));
      expect(answered(await dial.heard())).toEqual(['lamp']);
      expect(dataOf(await stranger.heard())).toEqual([]);
    });

    test('an answer counts from who has left the channel since, but not from who left it before', async () => {
      const { dial, lamp, stranger, world } = await scene();
      await say(lamp, 'subscribe lamps');
      await say(stranger, 'subscribe lamps', 'unsubscribe lamps');
      await world.clock.advance(1);
      await say(dial, call('lamps', 'id1'));
      await say(lamp, 'unsubscribe lamps');
      await say(stranger, answer('id1', 'stranger'));
      await say(lamp, answer('id1', 'lamp'));
      expect(answered(await dial.heard())).toEqual(['lamp']);
    });

    test('a channel with a password is answered by those who know it', async () => {
      const { dial, lamp, stranger } = await scene();
      await say(lamp, 'subscribe lamps:pw');
      await say(stranger, 'subscribe lamps', 'subscribe lamps:no');
      await say(dial, call('lamps:pw', 'id1'));
      await say(stranger, answer('id1', 'stranger'));
      await say(lamp, answer('id1', 'lamp'), 'unsubscribe lamps', answer('id1', 'late'));
      expect(answered(await dial.heard())).toEqual(['lamp', 'late']);
    });

    test('a key in other letters of JSON, a delay or the name of a call hide no answer', async () => {
      const { world, dial, stranger } = await scene();
      await say(dial, call('lamp', 'id1'));
      await say(
        stranger,
        'sendjson dial {"\\u005fMESSAGE_ID":"id1"}',
        'sendjson dial {"_MESSAGE_ID":"i\\u00641"}',
        'sendjson dial {"_MESSAGE_ID":"no","_MESSAGE_ID":"id1"}',
        'sendjson dial {"_MESSAGE_ID":"id1","_DELAY":1}',
        'sendjson dial {"_MESSAGE_ID":"id1","_RETAIN":9}',
        'sendjson dial {"_MESSAGE_ID":"id1","_MESSAGE_HANDLE":"x"}',
      );
      await world.clock.advance(5_000);
      expect(dataOf(await dial.heard())).toEqual([]);
    });

    test('messages with an id that nobody was called with pass, and so do those to other handles', async () => {
      const { dial, lamp, stranger } = await scene();
      await say(dial, call('lamp', 'id1'), 'sendjson dial {"_MESSAGE_ID":"own"}');
      await say(stranger, 'sendjson lamp {"_MESSAGE_ID":"id1"}', answer('id2', 'stranger'));
      expect(dataOf(await dial.heard())).toEqual([{ _MESSAGE_ID: 'own' }, { _MESSAGE_ID: 'id2', from: 'stranger' }]);
      expect(dataOf(await lamp.heard())).toHaveLength(2);
    });

    test('a responder that comes back under its handle may answer what it was called before', async () => {
      const { world, dial, lamp } = await scene();
      await say(dial, call('lamp', 'id1'));
      await lamp.leave();
      await until(() => !world.server.broker.clients().includes('lamp'), 'lamp is gone');
      const again: Awaited<ReturnType<World['line']>> = await world[dialect]('lamp');
      await say(again, answer('id1', 'lamp'));
      expect(answered(await dial.heard())).toEqual(['lamp']);
    });

    test('a caller that uses one id for two recipients is answered by anybody', async () => {
      const { dial, lamp, stranger } = await scene();
      await say(dial, call('lamp', '1'), call('stranger', '1'));
      await say(stranger, answer('1', 'stranger'));
      await say(lamp, answer('1', 'lamp'));
      expect(answered(await dial.heard())).toEqual(['stranger', 'lamp']);
    });
  });
}

describe('what is noted of calls', () => {
  function notes() {
    const clock = createVirtualClock();
    const calls = createOpenCalls(clock, () => false);
    const message = (sender: string, recipient: string, id: unknown, name?: string) => {
      const handle = name === undefined ? [] : [['_MESSAGE_HANDLE', JSON.stringify(name)] as const];
      const data = fromMembers([['_MESSAGE_ID', JSON.stringify(id)], ...handle]);
      return calls.refuses({ sender, recipient, data });
    };
    return {
      clock,
      calls,
      call: (caller: string, id: unknown) => message(caller, 'lamp', id, 'mix'),
      isRefused: (caller: string, id: unknown) => message('stranger', caller, id),
    };
  }

  test('is forgotten after ten minutes, and with it that nobody else may answer', async () => {
    const { clock, calls, call, isRefused } = notes();
    call('dial', 'a');
    await clock.advance(599_999);
    expect(isRefused('dial', 'a')).toBe(true);
    await clock.advance(1);
    expect(isRefused('dial', 'a')).toBe(false);
    call('dial', 'b');
    expect(calls.size).toBe(1);
  });

  test('is bounded for each caller: who calls much forgets its own first', () => {
    const { calls, call, isRefused } = notes();
    call('dial', 'first');
    for (let n = 0; n < 1_001; n++) call('busy', `${n}`);
    expect([isRefused('busy', '0'), isRefused('busy', '1'), isRefused('dial', 'first')]).toEqual([false, true, true]);
    expect(calls.size).toBe(1_001);
  });

  test('is bounded for all callers together', () => {
    const { calls, call, isRefused } = notes();
    for (let caller = 0; caller < 101; caller++) for (let n = 0; n < 1_000; n++) call(`c${caller}`, `${n}`);
    expect(calls.size).toBe(100_000);
    expect(isRefused('c100', '999')).toBe(true);
  });

  test('has ids that are texts or numbers of at most 100 characters, and no others', () => {
    const { calls, call, isRefused } = notes();
    for (const odd of [{}, [], true, 'x'.repeat(101)]) call('dial', odd);
    expect(calls.size).toBe(0);
    call('dial', 7);
    expect([isRefused('dial', 7), isRefused('dial', '7'), isRefused('dial', 'constructor')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
