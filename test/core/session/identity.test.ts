import { describe, expect, test } from 'vitest';
import { Identity } from '../../../src/core/session/identity';
import { type ClientOptions, connect, createClient, isOocsiError, type Message, type State } from '../../../src/index';
import { refusalOf } from '../../../src/protocol/refusals';
import { createScriptedAdapter } from '../../helpers/script-link';
import { connectScripted } from '../../helpers/scripted-client';
import { createVirtualClock } from '../../helpers/virtual-clock';

const secret = 'open-sesame';

function alone(options: ClientOptions, dialect: 'line' | 'web' = 'web') {
  const clock = createVirtualClock();
  const far = createScriptedAdapter(dialect);
  const states: State[] = [];
  const client = createClient(far, { clock, on: { state: (now) => states.push(now) }, ...options });
  return { client, clock, far, states };
}

/** All that an error tells. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return [error.message, error.stack, JSON.stringify(error), error.cause === undefined ? '' : told(error.cause)].join(
    '\n',
  );
}

function thrownBy(task: () => unknown): unknown {
  try {
    task();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

const hello = { line: (claim: string) => `${claim}(JSON)\n`, web: (claim: string) => claim };
const refusal = {
  line: (reason: string) => `error (${reason})`,
  web: (reason: string) => `{"message" : "ERROR: ${reason}"}`,
};
const taken = { line: 'name already registered: lamp', web: 'client lamp exists already' };

describe.each(['line', 'web'] as const)('a password over %s', (dialect) => {
  test.each<[ClientOptions]>([
    [{ handle: 'lamp', password: secret }],
    [{ handle: 'lamp', password: () => secret }],
    [{ handle: 'lamp', password: async () => secret }],
    [{ handle: `lamp:${secret}` }],
    [{ handle: () => `lamp:${secret}` }],
    [{ handle: async () => 'lamp', password: secret }],
    // The option counts.
    [{ handle: 'lamp:other', password: secret }],
  ])('goes behind the handle in the first frame, and nowhere else: %o', async (options) => {
    const { client, clock, far } = alone(options, dialect);
    await clock.advance(0);
    await far.last.open();
    expect(far.last.sent).toEqual([hello[dialect](`lamp:${secret}`)]);
    await far.last.welcome('lamp');
    expect(client.handle).toBe('lamp');
    const got: Message[] = [];
    client.subscribe((message) => got.push(message));
    client.send('lamp', { n: 1 });
    const envelope = { recipient: 'lamp', sender: 'lamp', timestamp: 1 };
    far.last.say(JSON.stringify(dialect === 'web' ? { ...envelope, data: { n: 1 } } : { ...envelope, n: 1 }));
    expect(got).toMatchObject([{ data: { n: 1 } }]);
    await clock.advance(0);
    expect(far.last.sent.slice(2).join('')).not.toContain(secret);
  });

  test('is no part of the handle, before the welcome either', () => {
    expect(alone({ handle: `lamp:${secret}` }, dialect).client.handle).toBe('lamp');
    expect(alone({ handle: 'lamp', password: secret }, dialect).client.handle).toBe('lamp');
    expect(alone({ handle: `lamp_##:${secret}` }, dialect).client.handle).toMatch(/^lamp_\d\d$/);
  });

  test('is asked for before every attempt', async () => {
    let asked = 0;
    const { clock, far } = alone({ handle: 'lamp', password: () => `pw${++asked}` }, dialect);
    await clock.advance(0);
    await far.last.welcome('lamp');
    far.last.drop();
    await clock.advance(1_000);
    await far.last.welcome('lamp');
    expect(far.attempts.map(({ sent }) => sent[0])).toEqual([hello[dialect]('lamp:pw1'), hello[dialect]('lamp:pw2')]);
  });

  test('keeps its `#`, which are digits in handles only, and goes with every new name', async () => {
    const { clock, far } = alone({ handle: 'lamp_#', password: 'a#b' }, dialect);
    for (let attempt = 0; attempt < 3; attempt++) {
      await clock.advance(0);
      await far.last.open();
      far.last.say(refusal[dialect](taken[dialect]));
    }
    await clock.advance(0);
    await far.last.open();
    expect(far.attempts).toHaveLength(4);
    for (const { sent } of far.attempts) expect(sent[0]).toMatch(/^lamp_\d:a#b/);
  });

  test('goes with the name that takes the place of one that is taken', async () => {
    const { clock, far, client } = alone({ handle: `lamp:${secret}`, onHandleTaken: 'suffix' }, dialect);
    await clock.advance(0);
    await far.last.open();
    far.last.say(refusal[dialect](taken[dialect]));
    await clock.advance(0);
    await far.last.open();
    expect(client.handle).toMatch(/^lamp_\d{4}$/);
    expect(far.last.sent).toEqual([hello[dialect](`${client.handle}:${secret}`)]);
  });

  test('that is wrong is `refused` for good, and not shown', async () => {
    const far = createScriptedAdapter(dialect);
    const clock = createVirtualClock();
    const joining = connect(far, { handle: 'lamp', password: secret, clock }).catch((error) => error);
    await clock.advance(0);
    await far.last.open();
    far.last.say(refusal[dialect]('password wrong for name: lamp'));
    const error = await joining;
    expect(error).toMatchObject({ name: 'OocsiError', code: 'refused', permanent: true });
    expect(error.message).toContain('password wrong');
    expect(told(error)).not.toContain(secret);
  });

  test('is not shown when the handle is taken', async () => {
    const far = createScriptedAdapter(dialect);
    const clock = createVirtualClock();
    const joining = connect(far, { handle: `lamp:${secret}`, clock }).catch((error) => error);
    await clock.advance(0);
    await far.last.open();
    far.last.say(refusal[dialect](taken[dialect]));
    const error = await joining;
    expect(error).toMatchObject({ code: 'refused', message: expect.stringContaining('"lamp" is taken') });
    expect(told(error)).not.toContain(secret);
  });

  test('is not shown when what answers is an echo, and no server', async () => {
    const { clock, far, states } = alone({ handle: 'lamp', password: secret }, dialect);
    await clock.advance(0);
    await far.last.open();
    far.last.say(far.last.sent[0]?.trim() ?? '');
    const [state] = states;
    const cause = state && 'cause' in state ? state.cause : undefined;
    expect(cause).toMatchObject({ code: 'protocol' });
    expect(told(cause)).not.toContain(secret);
  });
});

describe('a password that cannot be sent', () => {
  const bad = ['', ' ', `${secret} two`, `${secret}\nquit`, `${secret}é`, secret.repeat(20)];

  test.each(bad)('%j throws TypeError at once, and is not shown', (password) => {
    const far = createScriptedAdapter();
    const error = thrownBy(() => createClient(far, { handle: 'lamp', password }));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain('password');
    expect(told(error)).not.toContain(secret);
    expect(far.attempts).toEqual([]);
  });

  test.each(bad.slice(2))('%j of a handle throws TypeError at once, and is not shown', (password) => {
    const error = thrownBy(() => createClient(createScriptedAdapter(), { handle: `lamp:${password}` }));
    expect(error).toBeInstanceOf(TypeError);
    expect(told(error)).not.toContain(secret);
  });

  test.each(bad.slice(2))('%j from a function ends `connect`, and is not shown', async (password) => {
    const lines: string[] = [];
    const error = await connect(createScriptedAdapter(), {
      handle: 'lamp',
      password: () => password,
      clock: createVirtualClock(),
      logger: (line) => lines.push(line),
    }).catch((thrown) => thrown);
    expect(isOocsiError(error)).toBe(true);
    expect(told(error)).not.toContain(secret);
    expect(lines.join('\n')).not.toContain(secret);
  });

  test.each(bad.slice(2))('%j of a channel throws TypeError, and is not shown', async (password) => {
    const { client, clock, far } = alone({ handle: 'lamp' });
    await clock.advance(0);
    await far.last.welcome();
    for (const task of [
      () => client.send('colour', {}, { password }),
      () => client.subscribe('colour', () => {}, { password }),
      () => client.variable('colour', 'x', { password }),
    ]) {
      const error = thrownBy(task);
      expect(error).toBeInstanceOf(TypeError);
      expect(told(error)).not.toContain(secret);
    }
    expect(far.last.sent).toEqual(['lamp']);
  });
});

describe('a password of a channel', () => {
  test('is not shown by the faults of what waits for the channel', async () => {
    const { client, clock, far } = alone({ handle: 'lamp' });
    await clock.advance(0);
    await far.last.welcome();
    const name = `colour:${secret}`;
    const ends = [
      client.next(name, { timeout: 5 }),
      client.next('other', { timeout: 5, password: secret }),
      client.members(`room:${secret}`, { timeout: 5 }),
    ].map((wait) => wait.catch((error) => error));
    expect(told(thrownBy(() => client.subscribe('colour', () => {})))).not.toContain(secret);
    await clock.advance(5);
    for (const error of await Promise.all(ends)) {
      expect(error).toBeInstanceOf(Error);
      expect(told(error)).not.toContain(secret);
    }
  });
});

describe('a handle', () => {
  test('is asked for as it was given, also with brackets in it', async () => {
    const { client, clock, far } = alone({ handle: 'lamp[1]' });
    expect(client.handle).toBe('lamp[1]');
    await clock.advance(0);
    await far.last.open();
    expect(far.last.sent).toEqual(['lamp[1]']);
  });

  test('keeps what follows a bracket when a password goes with it', async () => {
    const { clock, far } = alone({ handle: 'lamp[1]', password: secret });
    await clock.advance(0);
    await far.last.open();
    expect(far.last.sent).toEqual([`lamp[1]:${secret}`]);
  });

  test('cannot be a password alone', () => {
    expect(() => alone({ handle: `:${secret}` })).toThrow(TypeError);
  });

  test('keeps its digits over reconnects, although a function gives it anew', async () => {
    const { clock, far, client } = alone({ handle: () => `lamp_####:${secret}` });
    await clock.advance(0);
    await far.last.open();
    const [first] = far.last.sent;
    expect(first).toMatch(/^lamp_\d{4}:open-sesame$/);
    await far.last.welcome(client.handle);
    far.last.drop();
    await clock.advance(1_000);
    await far.last.open();
    expect(far.last.sent).toEqual([first]);
  });
});

test('a server that is full, or that heard too little, is asked again after a drop', () => {
  const identity = new Identity({ handle: 'lamp' });
  for (const refusal of [refusalOf('fullServer'), refusalOf('lateHandshake', 5)]) {
    expect(identity.refused(refusal, true, 0)).toMatchObject({ code: 'refused', permanent: false });
  }
  expect(identity.refused(refusalOf('wrongPassword', 'lamp'), true, 0)).toMatchObject({ permanent: true });
});

test('a client that was welcomed once comes back, however often its handle is taken in its life', async () => {
  const { client, clock, far } = await connectScripted({ handle: 'lamp_##' });
  async function isTaken(): Promise<void> {
    await far.last.open();
    far.last.say('{"message" : "ERROR: client lamp exists already"}');
    await clock.advance(0);
  }
  for (let drop = 0; drop < 50; drop++) {
    far.last.drop();
    await clock.advance(1_000);
    await isTaken();
    await clock.advance(1_000);
    await far.last.welcome();
    expect([drop, client.state.status]).toEqual([drop, 'connected']);
    await clock.advance(20_000);
  }
  // Where all digits are taken it does not knock without a pause.
  far.last.drop();
  const before = far.attempts.length;
  for (let second = 0; second < 600; second++) {
    await clock.advance(1_000);
    if (!far.last.closed) await isTaken();
  }
  expect(client.state).toMatchObject({ status: 'reconnecting', cause: { code: 'refused' } });
  expect(far.attempts.length - before).toBeLessThan(150);
});
