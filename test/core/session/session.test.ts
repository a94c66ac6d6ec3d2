import { describe, expect, test } from 'vitest';
import { type ClientEvents, type ClientOptions, createClient, type State } from '../../../src/index';
import { createScriptedAdapter } from '../../helpers/script-link';
import { createVirtualClock } from '../../helpers/virtual-clock';

function scene(options: ClientOptions = {}, dialect: 'line' | 'web' = 'web') {
  const clock = createVirtualClock();
  const far = createScriptedAdapter(dialect);
  const states: State[] = [];
  const errors: unknown[] = [];
  const on: Partial<ClientEvents> = { state: (now) => states.push(now), error: (error) => errors.push(error) };
  const client = createClient(far, { handle: 'lamp', clock, ...options, on: { ...on, ...options.on } });
  return { client, clock, far, states, errors };
}

describe('connecting', () => {
  test('says the handle first, and nothing else before the welcome', async () => {
    const { client, clock, far } = scene();
    client.subscribe('colour', () => {});
    await clock.advance(0);
    await far.last.open();
    expect(far.last.sent).toEqual(['lamp']);
    expect(client.send('colour', { n: 1 })).toBe('queued');
    await far.last.welcome();
    expect(far.last.sent).toEqual(['lamp', 'subscribe colour', 'sendjson colour {"n":1}']);
  });

  test('takes the handle that the server welcomes', async () => {
    const { client, clock, far } = scene();
    expect(client.handle).toBe('lamp');
    await clock.advance(0);
    await far.last.welcome('webclient_1234');
    expect(client.handle).toBe('webclient_1234');
  });

  test('tells each attempt, with what went wrong and when it tries again', async () => {
    const { client, clock, far, states } = scene();
    expect(client.state).toEqual({ status: 'connecting', attempt: 1 });
    await clock.advance(0);
    await far.last.fail(new Error('cable unplugged'));
    expect(states).toEqual([
      {
        status: 'connecting',
        attempt: 2,
        cause: expect.objectContaining({ code: 'unreachable', message: expect.stringContaining('cable unplugged') }),
        retryAt: clock.now() + 250,
      },
    ]);
    await clock.advance(250);
    await far.last.welcome();
    expect(states.at(-1)).toEqual({ status: 'connected', since: clock.now() });
    expect(far.attempts).toHaveLength(2);
  });

  test('gives up an attempt that takes too long', async () => {
    const { clock, far, states } = scene({ timeout: 3_000 });
    await clock.advance(2_999);
    expect(states).toEqual([]);
    await clock.advance(1);
    expect(states).toMatchObject([{ cause: { code: 'timeout', message: expect.stringContaining('did not answer') } }]);
    expect(far.last.signal.aborted).toBe(true);
  });

  test('says that a server opened but sent no welcome', async () => {
    const { clock, far, states } = scene({ timeout: 3_000 });
    await clock.advance(0);
    await far.last.open();
    await clock.advance(3_000);
    expect(states).toMatchObject([{ cause: { code: 'timeout', message: expect.stringContaining('no welcome') } }]);
    expect(far.last.closed).toBe(true);
  });

  test('says what answers when it is no OOCSI server', async () => {
    const { clock, far, states } = scene();
    await clock.advance(0);
    await far.last.open();
    far.last.say('220 mail.example.com ESMTP');
    await clock.advance(0);
    expect(states).toMatchObject([{ cause: { code: 'protocol', message: expect.stringContaining('220 mail') } }]);
  });

  test('asks for address and handle anew at every attempt', async () => {
    const asked: string[] = [];
    const clock = createVirtualClock();
    const client = createClient(() => Promise.reject(new Error(`no address yet (${asked.push('address')})`)), {
      handle: () => 'lamp',
      clock,
    });
    await clock.advance(1_000);
    expect(asked.length).toBeGreaterThan(1);
    await client.close();
  });

  test('tells what is wrong with a handle that a function gives, and asks again', async () => {
    const handles = ['two words', 'lamp'];
    const { client, clock, far, states } = scene({ handle: () => handles.shift() ?? '' });
    await clock.advance(0);
    expect(states).toMatchObject([{ cause: { message: expect.stringContaining('handle cannot be "two words"') } }]);
    await clock.advance(1_000);
    await far.last.welcome();
    expect(client.handle).toBe('lamp');
  });

  test('goes on when a function fails as fetch does', async () => {
    const answers = [new TypeError('fetch failed'), undefined];
    const { client, clock, far } = scene({
      handle() {
        const failure = answers.shift();
        if (failure) throw failure;
        return 'lamp';
      },
    });
    await clock.advance(1_000);
    await far.last.welcome();
    expect(client.state.status).toBe('connected');
  });
});

describe('a refused handle', () => {
  const taken = '{"message" : "ERROR: client lamp exists already"}';

  async function refuse(options: ClientOptions, answer = taken) {
    const world = scene(options);
    await world.clock.advance(0);
    await world.far.last.open();
    world.far.last.say(answer);
    await world.clock.advance(0);
    return world;
  }

  test('closes the client when it has no digits to change', async () => {
    const { client, far } = await refuse({});
    expect(client.state).toMatchObject({ status: 'closed', cause: { code: 'refused', permanent: true } });
    expect(far.last.closed).toBe(true);
  });

  test('is tried with other digits at once', async () => {
    const { far, states } = await refuse({ handle: 'lamp_###' });
    expect(far.attempts).toHaveLength(2);
    expect(far.attempts[0]?.closed).toBe(true);
    await far.last.welcome();
    expect(far.last.sent[0]).toMatch(/^lamp_\d{3}$/);
    expect(states).toMatchObject([{ status: 'connected' }]);
  });

  test('is not tried with other digits for ever', async () => {
    const { client, clock, far } = await refuse({ handle: 'lamp_#' });
    while (client.state.status !== 'closed') {
      await far.last.open();
      far.last.say(taken);
      await clock.advance(0);
    }
    expect(far.attempts).toHaveLength(21);
  });

  test('is waited for after a connection was lost', async () => {
    const { client, clock, far } = scene();
    await clock.advance(0);
    await far.last.welcome();
    far.last.drop();
    await clock.advance(1_000);
    await far.last.open();
    far.last.say(taken);
    await clock.advance(0);
    expect(client.state).toMatchObject({
      status: 'reconnecting',
      attempt: 2,
      cause: { code: 'refused', permanent: false },
    });
  });

  test('tells what else the server has against it', async () => {
    const { client } = await refuse({}, '{"message" : "ERROR: password wrong for name: lamp"}');
    expect(client.state).toMatchObject({
      cause: { message: expect.stringContaining('password wrong for name: lamp') },
    });
  });
});

describe('a lost connection', () => {
  test('comes back, subscribed to what is still wanted, once', async () => {
    const { client, clock, far } = scene();
    client.subscribe('colour', () => {});
    client.subscribe('colour', () => {});
    client.subscribe('sound:secret', () => {});
    const stop = client.subscribe('gone', () => {});
    await clock.advance(0);
    await far.last.welcome();
    stop();
    far.last.drop(new Error('reset'));
    expect(client.state).toMatchObject({ status: 'reconnecting', attempt: 1, cause: { code: 'disconnected' } });
    await clock.advance(1_000);
    await far.last.welcome();
    expect(far.last.sent).toEqual(['lamp', 'subscribe colour', 'subscribe sound:secret']);
  });

  test('is not hammered: the wait doubles, up to 20 s', async () => {
    const { clock, far, states } = scene();
    clock.chance = 0.999_999;
    const waits: number[] = [];
    await clock.advance(0);
    for (let attempt = 0; attempt < 8; attempt++) {
      await far.last.fail(new Error('still down'));
      const state = states.at(-1);
      if (state?.status !== 'connecting' || state.retryAt === undefined) throw new Error('no wait');
      waits.push(Math.round(state.retryAt - clock.now()));
      await clock.advance(state.retryAt - clock.now());
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
  });

  test('survives a reconnect.delay that throws, and tells of it', async () => {
    const { client, clock, far, errors } = scene({
      reconnect: {
        delay() {
          throw new Error('no idea');
        },
      },
    });
    await clock.advance(0);
    await far.last.fail(new Error('down'));
    expect(errors).toMatchObject([{ message: expect.stringContaining('no idea') }]);
    await clock.advance(50);
    await far.last.welcome();
    expect(client.state.status).toBe('connected');
  });

  test('stays lost without reconnect', async () => {
    const { client, clock, far } = scene({ reconnect: false });
    await clock.advance(0);
    await far.last.welcome();
    far.last.drop();
    expect(client.state).toMatchObject({ status: 'closed', cause: { code: 'disconnected' } });
    await clock.advance(60_000);
    expect(far.attempts).toHaveLength(1);
    expect(await client.closed).toMatchObject({ code: 'disconnected' });
  });

  test('waits as reconnect.delay says, and survives one that makes no sense', async () => {
    const { clock, far } = scene({ reconnect: { delay: (losses) => (losses === 1 ? 7_000 : Number.NaN) } });
    await clock.advance(0);
    await far.last.fail(new Error('down'));
    await clock.advance(6_999);
    expect(far.attempts).toHaveLength(1);
    await clock.advance(1);
    await far.last.fail(new Error('down'));
    await clock.advance(49);
    expect(far.attempts).toHaveLength(2);
    await clock.advance(1);
    expect(far.attempts).toHaveLength(3);
  });
});

describe('while connected', () => {
  test('answers ping at once, in the words of its dialect', async () => {
    for (const [dialect, answer] of [
      ['web', '.'],
      ['line', '.\n'],
    ] as const) {
      const { clock, far, errors } = scene({}, dialect);
      await clock.advance(0);
      await far.last.welcome();
      far.last.say('ping');
      await clock.advance(0);
      expect(far.last.sent.at(-1)).toBe(answer);
      expect(errors).toEqual([]);
    }
  });

  test('reports a frame that makes no sense, and goes on', async () => {
    const { client, clock, far, errors } = scene();
    const got: unknown[] = [];
    client.subscribe('colour', ({ data }) => got.push(data));
    await clock.advance(0);
    await far.last.welcome();
    for (const frame of [
      '{broken',
      '{"recipient":"colour"}',
      '{"recipient":1,"sender":2,"timestamp":3,"data":{}}',
      '{"recipient":"colour","sender":"x","timestamp":1,"data":[1]}',
    ]) {
      far.last.say(frame);
      // In between there is a second, or only the logger would be told.
      await clock.advance(1_000);
    }
    expect(errors).toEqual(Array.from({ length: 4 }, () => expect.objectContaining({ code: 'protocol' })));
    far.last.say('{"recipient":"colour","sender":"x","timestamp":1,"data":{"n":1}}');
    expect(got).toEqual([{ n: 1 }]);
  });

  test('joins the lines of one turn, pads messages, and writes data in ASCII and names in UTF-8', async () => {
    const { client, clock, far } = scene({}, 'line');
    await clock.advance(0);
    await far.last.welcome();
    client.send('colour', { n: 1 });
    client.send('colour', { text: 'é😀' });
    client.subscribe('sound', () => {});
    client.subscribe('grün', () => {});
    client.send('grün', { 'ü ü': 'ü\u2028sendraw ü {ü' });
    await clock.advance(0);
    const piece = far.last.sent.at(-1) ?? '';
    const [first = '', second = '', third, fourth, fifth] = piece.split('\n');
    expect(first).toHaveLength(49);
    expect(first.trimEnd()).toBe('sendraw colour {"n":1}');
    expect(second.trimEnd()).toBe('sendraw colour {"text":"\\u00e9\\ud83d\\ude00"}');
    expect(third).toBe('subscribe sound');
    expect(fourth).toBe('subscribe grün');
    expect(fifth?.trimEnd()).toBe('sendraw grün {"\\u00fc \\u00fc":"\\u00fc\\u2028sendraw \\u00fc {\\u00fc"}');
  });
});

describe('closing', () => {
  test('ends an attempt that is under way', async () => {
    const { client, clock, far } = scene();
    await clock.advance(0);
    await client.close();
    expect(far.last.signal.aborted).toBe(true);
    await clock.advance(60_000);
    expect(far.attempts).toHaveLength(1);
    expect(clock.timers).toBe(0);
  });

  test('dials never again when it comes before the first dial', async () => {
    const { client, clock, far } = scene();
    await client.close();
    await clock.advance(60_000);
    expect(far.attempts).toHaveLength(0);
  });

  test('ends the wait for the next attempt', async () => {
    const { client, clock, far } = scene();
    await clock.advance(0);
    await far.last.fail(new Error('down'));
    await client.close();
    await clock.advance(60_000);
    expect([far.attempts.length, clock.timers]).toEqual([1, 0]);
  });

  test('closes a link that opens too late', async () => {
    const { client, clock, far } = scene();
    await clock.advance(0);
    const { last } = far;
    await client.close();
    await last.open();
    expect(last.sent).toEqual([]);
  });

  test('waits a second at most for a link that does not end', async () => {
    const { client, clock, far } = scene();
    await clock.advance(0);
    await far.last.welcome();
    let done = false;
    const closing = client.close().then(() => {
      done = true;
    });
    expect(client.state).toEqual({ status: 'closed' });
    await clock.advance(999);
    expect(done).toBe(false);
    await clock.advance(1);
    await closing;
    expect(clock.timers).toBe(0);
  });

  test('is what aborting the signal does', async () => {
    const abort = new AbortController();
    const { client, clock, far } = scene({ signal: abort.signal });
    await clock.advance(0);
    abort.abort();
    expect(client.state).toEqual({ status: 'closed' });
    expect(await client.closed).toBeUndefined();
    expect(far.attempts).toHaveLength(1);
  });

  test('leaves nothing to work with, also before it was ever welcomed', async () => {
    const { client } = scene();
    await client.close();
    const closed = expect.objectContaining({ name: 'OocsiError', code: 'closed' });
    expect(client.send('colour', {})).toBe('dropped');
    expect(() => client.messages('colour')).toThrow(closed);
    expect(() => client.channel('colour')).toThrow(closed);
    await client.close();
  });
});
