import { describe, expect, test } from 'vitest';
import type { ClientOptions } from '../../../src/index';
import { connectScripted } from '../../helpers/scripted-client';

const probes = { web: 'sendjson lamp {"_ECHO":1}', line: 'ping\n' };
const answers = { web: '{"recipient":"lamp","sender":"lamp","timestamp":1,"data":{"_ECHO":1}}', line: '.' };

describe.each(['web', 'line'] as const)('a client over the %s dialect', (dialect) => {
  async function scene(options?: ClientOptions) {
    const world = await connectScripted(options, dialect);
    const { far } = world;
    far.last.isAlive = false;
    return {
      ...world,
      asked: () => far.attempts.flatMap(({ sent }) => sent.filter((frame) => frame === probes[dialect])),
    };
  }

  test('asks a server that said nothing for 10 s whether it is there, and gives up 7 s later (N3)', async () => {
    const { client, clock, far, asked } = await scene();
    await clock.advance(9_999);
    expect(asked()).toHaveLength(0);
    await clock.advance(2_000);
    expect(asked()).toHaveLength(1);
    await clock.advance(5_000);
    expect([client.state.status, far.last.closed]).toEqual(['connected', false]);
    await clock.advance(1);
    expect(client.state).toMatchObject({ status: 'reconnecting', cause: { code: 'disconnected' } });
    expect(far.attempts[0]?.closed).toBe(true);
  });

  test('notices within 20 s after the last frame that the link is dead, whenever that frame came (N3)', async () => {
    for (let last = 0; last <= 2_000; last += 100) {
      const { client, clock, far } = await scene();
      await clock.advance(4_000 + last);
      far.last.say('?');
      await clock.advance(16_999);
      expect([last, client.state.status]).toEqual([last, 'connected']);
      // What is left is for timers that come late.
      await clock.advance(2_500);
      expect([last, client.state.status]).toEqual([last, 'reconnecting']);
    }
  });

  test('never asks a server that says something every 9 s', async () => {
    const { client, clock, far, asked } = await scene();
    for (let i = 0; i < 20; i++) {
      await clock.advance(9_000);
      far.last.say('?');
    }
    expect([client.state.status, asked()]).toEqual(['connected', []]);
  });

  test('does not take the questions of a server for answers: it may not hear us (N4)', async () => {
    const { client, clock, far } = await scene();
    for (let i = 0; i < 5; i++) {
      far.last.say('ping');
      await clock.advance(5_000);
    }
    expect(client.state.status).toBe('reconnecting');
  });

  test('keeps a connection whose server answers, over hours, and idle proxies see traffic every 12 s (N11)', async () => {
    const { client, clock, far, asked } = await scene();
    const told: unknown[] = [];
    client.on('state', (state) => told.push(state));
    client.on('message', (message) => told.push(message));
    client.subscribe((message) => told.push(message));
    for (let n = 1; n <= 300; n++) {
      await clock.advance(12_000);
      expect(asked()).toHaveLength(n);
      far.last.say(answers[dialect]);
    }
    expect([client.state.status, told]).toEqual(['connected', []]);
  });

  test('takes any frame for an answer, however odd', async () => {
    const { client, clock, far } = await scene();
    await clock.advance(12_000);
    far.last.say('?');
    await clock.advance(9_000);
    expect(client.state.status).toBe('connected');
  });

  test('asks at once after the machine slept, and gives up 3 s later (B2, T12)', async () => {
    const { client, clock, asked } = await scene();
    clock.sleep(3_600_000);
    await clock.advance(0);
    expect([client.state.status, asked().length]).toEqual(['connected', 1]);
    await clock.advance(5_000);
    expect(client.state.status).toBe('reconnecting');
  });

  test.each([-3_600_000, 3_600_000])(
    'notices a dead link as soon as ever, although the clock of the machine was set by %i ms (N3)',
    async (ms) => {
      const { client, clock } = await scene();
      await clock.advance(11_000);
      clock.setForward(ms);
      await clock.advance(5_999);
      expect(client.state.status).toBe('connected');
      await clock.advance(1);
      expect(client.state.status).toBe('reconnecting');
    },
  );

  test('notices a dead link although the clock of the machine is set again and again', async () => {
    const { client, clock } = await scene();
    for (let second = 0; second < 20; second++) {
      await clock.advance(1_000);
      clock.setForward(second % 2 ? 60_000 : -60_000);
    }
    expect(client.state.status).toBe('reconnecting');
  });

  test('keeps a connection whose server answers, although the clock of the machine is set again and again', async () => {
    const { client, clock, far } = await scene();
    far.last.isAlive = true;
    for (let second = 0; second < 100; second++) {
      await clock.advance(1_000);
      clock.setForward(second % 2 ? 60_000 : -60_000);
    }
    expect([client.state.status, far.attempts.length]).toEqual(['connected', 1]);
  });

  test('asks at once after a sleep in which the monotonic clock stood still', async () => {
    const { client, clock, asked } = await scene();
    clock.setForward(3_600_000);
    await clock.advance(2_000);
    expect([client.state.status, asked().length]).toEqual(['connected', 1]);
    await clock.advance(4_000);
    expect(client.state.status).toBe('reconnecting');
  });

  test('does not take a program that stood still for a dead server (M5)', async () => {
    const { client, clock, far } = await scene();
    await clock.advance(16_500);
    clock.sleep(5_000);
    await clock.advance(0);
    // What came in meanwhile is read after the timers.
    far.last.say('?');
    await clock.advance(9_000);
    expect(client.state.status).toBe('connected');
  });

  test('has a look after no connection once it is closed', async () => {
    const { client, clock, close } = await scene();
    await close();
    await clock.advance(60_000);
    expect([client.state.status, clock.timers]).toEqual(['closed', 0]);
  });
});

test('a question of a listing and the look after the link do not take each other’s answers', async () => {
  const { client, clock, far } = await connectScripted({}, 'line');
  far.last.isAlive = false;
  await clock.advance(9_500);
  const channels = client.channels();
  await clock.advance(2_000);
  const said = far.last.sent.join('');
  expect(said).toMatch(/channels\nping\n.*ping\n/s);
  far.last.say('a, b');
  far.last.say('.');
  expect(await channels).toEqual(['a', 'b']);
  const members = client.members('room');
  await clock.advance(0);
  far.last.say('.');
  far.last.say('x, y');
  far.last.say('.');
  expect(await members).toEqual(['x', 'y']);
});
