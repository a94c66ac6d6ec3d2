import { createServer, connect as dial } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type Client, type ClientOptions, connect, createClient, type State } from '../../../src/index';
import { type RefusalCode, refusalOf } from '../../../src/protocol/refusals';
import { startServer } from '../../../src/server/start-server';
import { listening } from '../../helpers/listening';
import { dialTcp } from '../../helpers/raw';
import { createScriptedAdapter } from '../../helpers/script-link';
import { createVirtualClock } from '../../helpers/virtual-clock';

const dialects = ['line', 'web'] as const;

/** How a server words a refusal, in either dialect. */
const refused = {
  line: (reason: string) => `error (${reason})`,
  web: (reason: string, code?: string) => JSON.stringify({ message: `ERROR: ${reason}`, code }),
};

async function dialled(options: ClientOptions, dialect: 'line' | 'web') {
  const clock = createVirtualClock();
  const far = createScriptedAdapter(dialect);
  const client = createClient(far, { handle: 'lamp', clock, ...options });
  await clock.advance(0);
  await far.last.open();
  return { client, clock, far };
}

/** Where the client stands: whether it waits for another attempt, and the refusal's code. */
function standing({ state }: Client): (string | undefined)[] {
  return [state.status, 'cause' in state ? state.cause?.details.refusal : undefined];
}

describe.each(dialects)('createClient over the %s dialect', (dialect) => {
  test.each([
    // Handles and reasons whose words look like something else.
    ['within_lamp', refusalOf('wrongPassword', 'within_lamp'), 'closed'],
    ['exists', refusalOf('wrongPassword', 'already'), 'closed'],
    ['lamp', refusalOf('wrongPassword', 'lamp'), 'closed'],
    ['OOCSI_within', refusalOf('reserved', 'OOCSI_within'), 'closed'],
    ['lamp', refusalOf('registered', 'lamp'), 'closed'],
    ['lamp', refusalOf('fullAddress', '192.0.2.1'), 'connecting'],
    ['lamp', refusalOf('fullBacklog'), 'connecting'],
    ['lamp', refusalOf('fullServer'), 'connecting'],
    ['lamp', refusalOf('manyPasswords'), 'connecting'],
    ['lamp', refusalOf('lateHandshake', 5), 'connecting'],
  ])('that asks for %s and hears %o is %s', async (handle, { code, message }, status) => {
    const { client, clock, far } = await dialled({ handle, password: 'wrong' }, dialect);
    far.last.say(refused[dialect](message, code));
    await clock.advance(0);
    expect(standing(client)).toEqual([status, code]);
    await clock.advance(60_000);
    expect(far.attempts.length > 1).toBe(status === 'connecting');
  });

  test('takes the refusal that no server is known to say for one that asking again does not change', async () => {
    const { client, clock, far } = await dialled({}, dialect);
    far.last.say(refused[dialect]('not today: try again later, within 5 s, name already exists already'));
    await clock.advance(0);
    expect(standing(client)).toEqual(['closed', 'handshake']);
  });
});

describe('createClient over WebSocket', () => {
  test.each<[RefusalCode | 'unheard-of', State['status']]>([
    ['taken', 'closed'],
    ['password', 'closed'],
    ['full', 'connecting'],
    ['origin', 'closed'],
    ['handshake', 'closed'],
    ['limit', 'connecting'],
    ['unsupported', 'closed'],
    ['unavailable', 'connecting'],
    ['unheard-of', 'closed'],
  ])('that hears the code %s is %s, whatever the words say', async (code, status) => {
    const { client, clock, far } = await dialled({}, 'web');
    far.last.say(refused.web('try again later, within 5 s: the name exists already', code));
    await clock.advance(0);
    expect(client.state.status).toBe(status);
  });

  test('knows that a handle is taken from the words of the Java web front, which says no codes', async () => {
    const { client, clock, far } = await dialled({ handle: 'lamp_#' }, 'web');
    far.last.say(refused.web('client lamp_1 exists already'));
    await clock.advance(0);
    expect([client.state.status, far.attempts.length]).toEqual(['connecting', 2]);
  });

  test('names what answers with nonsense, and does not fail of it', async () => {
    const { client, clock, far } = await dialled({}, 'web');
    far.last.say('{"message":{"toString":1}}');
    await clock.advance(0);
    expect(client.state).toMatchObject({ status: 'connecting', cause: { code: 'protocol' } });
  });
});

describe.each(dialects)('A handle that is taken right after an attempt without an answer (%s)', (dialect) => {
  const taken = refused[dialect](refusalOf(dialect === 'line' ? 'registered' : 'existing', 'lamp').message);
  const lost = {
    'the link ended': async ({ far }: Awaited<ReturnType<typeof dialled>>) => far.last.drop(new Error('reset')),
    'no welcome came in time': ({ clock }: Awaited<ReturnType<typeof dialled>>) => clock.advance(10_000),
  };

  test.each(Object.entries(lost))('is asked for again until it is free: %s', async (_why, lose) => {
    const world = await dialled({}, dialect);
    const { client, clock, far } = world;
    await lose(world);
    for (let attempt = 0; attempt < 3; attempt++) {
      await clock.advance(10_000 - (clock.now() % 10_000));
      await far.last.open();
      far.last.say(taken);
      await clock.advance(0);
      expect(client.state).toMatchObject({ status: 'connecting', cause: { code: 'refused', permanent: false } });
    }
    await clock.advance(5_000);
    await far.last.welcome();
    expect([client.handle, client.state.status]).toEqual(['lamp', 'connected']);
  });

  test('is not waited for any longer than a server may take a connection that is gone for alive', async () => {
    const { client, clock, far } = await dialled({}, dialect);
    far.last.drop(new Error('reset'));
    const began = clock.now();
    while (client.state.status !== 'closed' && clock.now() < began + 600_000) {
      await clock.advance(500);
      if (far.last.closed) continue;
      await far.last.open();
      far.last.say(taken);
      await clock.advance(0);
    }
    expect(client.state).toMatchObject({ status: 'closed', cause: { code: 'refused', permanent: true } });
    expect(clock.now() - began).toBeGreaterThan(125_000);
    expect(clock.now() - began).toBeLessThan(160_000);
  });

  test('closes the client when the attempt before had not said who it is', async () => {
    const clock = createVirtualClock();
    const far = createScriptedAdapter(dialect);
    const client = createClient(far, { handle: 'lamp', clock });
    await clock.advance(0);
    await far.last.fail(new Error('no route'));
    await clock.advance(1_000);
    await far.last.open();
    far.last.say(taken);
    await clock.advance(0);
    expect(client.state.status).toBe('closed');
  });

  test('closes the client when the attempt before was for another handle, or was answered', async () => {
    const handles = ['lamp', 'desk'];
    const { client, clock, far } = await dialled({ handle: () => handles.shift() ?? 'desk' }, dialect);
    far.last.drop();
    await clock.advance(1_000);
    await far.last.open();
    far.last.say(taken);
    await clock.advance(0);
    expect(client.state.status).toBe('closed');
  });

  test.each(['fail', 'suffix'] as const)('is not asked for again where the user says %s', async (onHandleTaken) => {
    const { client, clock, far } = await dialled({ onHandleTaken }, dialect);
    far.last.drop();
    await clock.advance(1_000);
    await far.last.open();
    far.last.say(taken);
    await clock.advance(0);
    expect(client.state.status).toBe(onHandleTaken === 'fail' ? 'closed' : 'connecting');
    if (onHandleTaken === 'suffix') expect(client.handle).toMatch(/^lamp_\d{4}$/);
  });
});

describe('Against a server', () => {
  test.each(['tcpUrl', 'url'] as const)('a client comes back when there is room again (%s)', async (way) => {
    await using server = await startServer({ port: 0, tcpPort: 0, limits: { unauthenticated: 1, backlog: 1 } });
    // One that says nothing, and one that waits behind it.
    const [first, second] = [await dialTcp(server.tcpPort ?? 0), await dialTcp(server.tcpPort ?? 0)];
    await expect(connect(server[way])).rejects.toMatchObject({
      code: 'refused',
      permanent: false,
      details: { refusal: 'full' },
    });
    await using client = createClient(server[way], { handle: 'lamp', reconnect: { delay: () => 50 } });
    await new Promise<void>((resolve) => client.on('state', ({ cause }) => cause?.details.refusal && resolve()));
    expect(standing(client)).toEqual(['connecting', 'full']);
    const welcomed = new Promise<void>((resolve) =>
      client.on('state', ({ status }) => status === 'connected' && resolve()),
    );
    await Promise.all([first.leave(), second.leave()]);
    await welcomed;
  });

  test('a client whose welcome was lost gets its handle from its own ghost', async () => {
    await using server = await startServer({ port: 0, tcpPort: 0 });
    let count = 0;
    // What the server says to the first connection is lost, and the server never learns that it ended.
    const proxy = createServer((near) => {
      const far = dial(server.tcpPort ?? 0, '127.0.0.1');
      near.on('error', () => undefined);
      near.on('data', (data) => far.write(data));
      if (count++ === 0) far.once('data', () => near.destroy());
      else far.pipe(near);
    });
    const { port, close } = await listening(proxy);
    const states: string[] = [];
    const client = createClient(`127.0.0.1:${port}`, {
      handle: 'lamp',
      reconnect: { delay: () => 50 },
      on: { state: ({ status, cause }) => states.push(`${status} ${cause?.details.refusal ?? cause?.code}`) },
    });
    await expect.poll(() => states).toContain('connecting taken');
    expect(states).not.toContain('closed taken');
    await client.close();
    await close();
  });

  test.each(['tcpUrl', 'url'] as const)('a wrong password of within_lamp ends createClient (%s)', async (way) => {
    await using server = await startServer({ port: 0, tcpPort: 0, users: ['within_lamp:right'] });
    const client = createClient(server[way], { handle: 'within_lamp', password: 'wrong' });
    expect(await client.closed).toMatchObject({
      code: 'refused',
      permanent: true,
      details: { refusal: 'password' },
    });
  });
});
