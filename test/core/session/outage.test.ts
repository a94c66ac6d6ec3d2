import { describe, expect, test } from 'vitest';
import { type ClientOptions, createClient } from '../../../src/index';
import { createScriptedAdapter } from '../../helpers/script-link';
import { createVirtualClock } from '../../helpers/virtual-clock';

function scene(options: ClientOptions = {}) {
  const clock = createVirtualClock();
  const far = createScriptedAdapter();
  const told: string[] = [];
  const on = { lost: () => told.push('lost'), restored: () => told.push('restored') };
  const client = createClient(far, { handle: 'lamp', clock, on, ...options });
  return { client, clock, far, told };
}

describe('a client without a connection', () => {
  test('tells `lost` after five seconds, once, and `restored` when it is back', async () => {
    const { clock, far, told } = scene();
    await clock.advance(0);
    await far.last.welcome();
    far.last.drop();
    await clock.advance(4_999);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual(['lost']);
    await clock.advance(5_001);
    await far.last.welcome();
    expect(told).toEqual(['lost', 'restored']);
    expect(far.last.closed).toBe(false);
  });

  test('tells nothing of a short gap', async () => {
    const { clock, far, told } = scene();
    await clock.advance(0);
    await far.last.welcome();
    far.last.drop();
    await clock.advance(1_000);
    await far.last.welcome();
    await clock.advance(60_000);
    expect(told).toEqual([]);
  });

  test('tells it also when it never had one, after as long as it is to', async () => {
    const { clock, told } = scene({ lostAfter: 100 });
    await clock.advance(100);
    expect(told).toEqual(['lost']);
  });

  test('tells nothing once it is closed, and leaves no timer', async () => {
    const { client, clock, told } = scene();
    await clock.advance(0);
    await client.close();
    await clock.advance(60_000);
    expect([told, clock.timers]).toEqual([[], 0]);
  });
});
