import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClientOptions } from '../../../src/index';
import { connectScripted, createScriptedClient } from '../../helpers/scripted-client';

/** What a client looks for in a page, where there is none. */
let page: EventTarget;
let signals: AbortSignal[];

beforeEach(() => {
  page = new EventTarget();
  signals = [];
  vi.stubGlobal('document', { hidden: false });
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('addEventListener', (name: string, listener: () => void, options: AddEventListenerOptions) => {
    expect(name).not.toMatch(/unload/);
    if (options.signal) signals.push(options.signal);
    page.addEventListener(name, listener, options);
  });
});
afterEach(() => vi.unstubAllGlobals());

const happen = (name: string): unknown => page.dispatchEvent(new Event(name));

async function scene(options?: ClientOptions) {
  const world = await connectScripted(options);
  world.far.last.isAlive = false;
  return {
    ...world,
    probes: () => world.far.attempts.flatMap(({ sent }) => sent).filter((text) => text.includes('_ECHO')).length,
  };
}

describe('a client in a page', () => {
  test.each([
    ['pagehide', 'pageshow'],
    ['freeze', 'resume'],
  ])('closes its connection on %s and dials again on %s, not before (B4, B5)', async (hide, show) => {
    const { client, clock, far, welcome } = await scene();
    client.subscribe('colour', () => undefined);
    happen(hide);
    expect([client.state.status, far.last.closed]).toEqual(['reconnecting', true]);
    await clock.advance(3_600_000);
    expect(far.attempts).toHaveLength(1);
    happen(show);
    await clock.advance(0);
    expect(far.attempts).toHaveLength(2);
    await welcome();
    expect([client.state.status, far.last.sent.slice(1)]).toEqual(['connected', ['subscribe colour']]);
  });

  test('tells of no gap while the page sleeps, but of one when it wakes and cannot connect', async () => {
    const told: string[] = [];
    const on = { lost: () => told.push('lost'), restored: () => told.push('restored') };
    const { clock, far, welcome } = await scene({ on });
    happen('pagehide');
    clock.sleep(60_000);
    happen('pageshow');
    await welcome();
    await clock.advance(60_000);
    expect(told).toEqual([]);
    happen('pagehide');
    clock.sleep(60_000);
    happen('pageshow');
    await clock.advance(0);
    await far.last.fail(new Error('no network'));
    await clock.advance(4_999);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect(told).toEqual(['lost']);
  });

  test('does not give up its first attempt because the page is left', async () => {
    const { client, clock, far } = createScriptedClient();
    await clock.advance(0);
    happen('pagehide');
    expect([client.state.status, far.last.signal.aborted]).toEqual(['connecting', false]);
  });

  test.each(['online', 'pageshow', 'resume', 'visibilitychange'])(
    'asks at once on %s whether the server is there, and gives up 3 s later (N12)',
    async (name) => {
      const { client, clock, probes } = await scene();
      happen(name);
      expect(probes()).toBe(1);
      await clock.advance(5_000);
      expect(client.state.status).toBe('reconnecting');
    },
  );

  test.each(['online', 'pageshow', 'resume', 'visibilitychange'])(
    'dials at once on %s when it waits for its next attempt, and once',
    async (name) => {
      const { clock, far } = await scene({ reconnect: { delay: () => 60_000 } });
      far.last.drop();
      await clock.advance(1_000);
      happen(name);
      happen(name);
      await clock.advance(0);
      expect(far.attempts).toHaveLength(2);
    },
  );

  test('does nothing when it is hidden, and declares no connection dead while it is (B1)', async () => {
    const { client, clock, probes } = await scene();
    vi.stubGlobal('document', { hidden: true });
    happen('visibilitychange');
    expect(probes()).toBe(0);
    for (let minute = 0; minute < 60; minute++) {
      clock.sleep(60_000);
      await clock.advance(0);
    }
    await clock.advance(100_000);
    expect(client.state.status).toBe('connected');
    vi.stubGlobal('document', { hidden: false });
    happen('visibilitychange');
    await clock.advance(5_000);
    expect(client.state.status).toBe('reconnecting');
  });

  test('keeps its connection when the browser says that it is offline, and asks as always (B3)', async () => {
    const { client, clock } = await scene();
    vi.stubGlobal('navigator', { onLine: false });
    happen('offline');
    await clock.advance(9_000);
    expect(client.state.status).toBe('connected');
  });

  test.each([
    ['ws://oocsi.example.com/ws', 20_000],
    ['ws://localhost.example.com/ws', 20_000],
    ['ws://127.example.com/ws', 20_000],
    ['ws://localhost:9000/ws', 250],
    ['ws://127.0.0.1:9000/ws', 250],
    ['ws://[::1]:9000/ws', 250],
    ['ws://192.168.1.7:9000/ws', 250],
  ])('waits for %s as long as it should while it is offline (B3)', async (name, wait) => {
    vi.stubGlobal('navigator', { onLine: false });
    const { client, clock, far } = createScriptedClient();
    Object.assign(far, { name });
    await clock.advance(0);
    const now = clock.now();
    await far.last.fail(new Error('no network'));
    expect(client.state).toMatchObject({ retryAt: now + wait });
  });

  test('hears of the page no more once it is closed', async () => {
    const { close } = await scene();
    expect(signals.map(({ aborted }) => aborted)).toEqual(Array(9).fill(false));
    await close();
    expect(signals.map(({ aborted }) => aborted)).toEqual(Array(9).fill(true));
  });
});
