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

describe('a client that was connected, and whose dial is not answered,', () => {
  test.each([
    ['tcp://192.168.1.20:4444', 3_500],
    ['ws://localhost:9000/ws', 3_500],
    ['ws://oocsi.example.com/ws', 10_000],
  ])('dials %s again after %i ms', async (name, limit) => {
    const delay = 50;
    const { client, clock, far } = scene({ reconnect: { delay: () => delay } });
    const { dial } = far;
    let dials = 0;
    const counted: typeof dial = (...args) => {
      dials++;
      return dial(...args);
    };
    Object.assign(far, { name, dial: counted });
    await clock.advance(0);
    // Whoever has never been there waits for its whole timeout.
    await clock.advance(9_999);
    expect(client.state.cause).toBeUndefined();
    await clock.advance(1 + delay);
    await far.last.welcome();
    far.last.drop();
    await clock.advance(delay);
    expect(dials).toBe(3);
    await clock.advance(limit - 1 + delay);
    expect(dials).toBe(3);
    await clock.advance(1);
    expect(dials).toBe(4);
    // Once the link is open, the welcome may take its time.
    await far.last.open();
    await clock.advance(9_999);
    expect(dials).toBe(4);
    await client.close();
    expect(clock.timers).toBe(0);
  });
});
