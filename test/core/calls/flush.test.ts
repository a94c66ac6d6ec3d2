import { describe, expect, test } from 'vitest';
import { type ClientOptions, connect, createClient, type Message, memory } from '../../../src/index';
import { createBroker } from '../../../src/server/broker/broker';
import { createScriptedAdapter } from '../../helpers/script-link';
import { createVirtualClock } from '../../helpers/virtual-clock';

async function scene(options: ClientOptions = { handle: 'lamp' }) {
  const clock = createVirtualClock();
  const far = createScriptedAdapter();
  const client = createClient(far, { clock, ...options });
  await clock.advance(0);
  return { client, clock, far };
}

/** The frame by which a client asks itself, as the server gives it back. */
function echo(frame: string | undefined): string {
  const { to, json } = /^sendjson (?<to>\S+) (?<json>.*)$/.exec(frame ?? '')?.groups ?? {};
  return `{"recipient":"${to}","sender":"${to}","timestamp":1,"data":${json}}`;
}

describe('flush', () => {
  test('believes nobody else that the server has dealt with it, not even who knows the id (P5)', async () => {
    const { client, clock, far } = await scene();
    await far.last.welcome();
    let isDone = false;
    const flushed = client.flush().then(() => {
      isDone = true;
    });
    const answer = echo(far.last.sent.at(-1));
    far.last.say(answer.replace('"sender":"lamp"', '"sender":"stranger"'));
    await clock.advance(0);
    expect(isDone).toBe(false);
    far.last.say(answer);
    await flushed;
  });

  test('resolves when what was sent before has been dealt with, and reaches no listener', async () => {
    const { client, clock, far } = await scene();
    await far.last.welcome();
    const got: Message[] = [];
    client.subscribe((message) => got.push(message));
    client.send('colour', { n: 1 });
    let isDone = false;
    const flushed = client.flush().then(() => {
      isDone = true;
    });
    await clock.advance(0);
    expect([isDone, far.last.sent.at(-2)]).toEqual([false, 'sendjson colour {"n":1}']);
    far.last.say(echo(far.last.sent.at(-1)));
    await flushed;
    expect(got).toEqual([]);
  });

  test('waits for a connection, behind what waits for one', async () => {
    const { client, far } = await scene();
    client.send('colour', { n: 1 });
    const flushed = client.flush();
    await far.last.welcome();
    expect(far.last.sent[1]).toBe('sendjson colour {"n":1}');
    far.last.say(echo(far.last.sent[2]));
    await flushed;
  });

  test('asks under the handle that the server gave, whatever it was to be', async () => {
    const { client, clock, far } = await scene({ handle: 'lamp', onHandleTaken: 'suffix' });
    const flushed = client.flush();
    const hue = client.variable('colour', 'hue', { retain: 60 });
    hue.set(1);
    await far.last.open();
    far.last.say('{"message" : "ERROR: client lamp exists already"}');
    await clock.advance(0);
    await far.last.welcome();
    await clock.advance(0);
    expect(client.handle).toMatch(/^lamp_\d{4}$/);
    for (const frame of far.last.sent.filter((text) => text.includes('_MESSAGE_ID'))) far.last.say(echo(frame));
    await flushed;
    await clock.advance(0);
    // What others set counts again, as soon as the server has dealt with what was set here.
    far.last.say('{"recipient":"colour","sender":"dial","timestamp":1,"data":{"hue":2}}');
    expect(hue.value).toBe(2);
    await Promise.all([client.close(), clock.advance(1_000)]);
  });

  test('rejects when the connection is lost, the time is over, its signal aborts or the client closes', async () => {
    const { client, clock, far } = await scene();
    await far.last.welcome();
    const code = (promise: Promise<void>) => promise.catch((error) => error.code ?? error);
    const late = code(client.flush({ timeout: 5 }));
    await clock.advance(5);
    expect(await late).toBe('timeout');
    const gone = code(client.flush());
    far.last.drop();
    expect(await gone).toBe('disconnected');
    expect(await code(client.flush({ signal: AbortSignal.abort('enough') }))).toBe('enough');
    expect(await code(client.flush({ patience: 5 } as never))).toMatchObject({ name: 'TypeError' });
    const closing = code(client.flush());
    await client.close();
    expect(await closing).toBe('closed');
  });

  test('knows on a broker that everybody has what was sent', async () => {
    const broker = createBroker();
    const join = (handle: string) => connect(memory(broker.accept), { handle });
    const [lamp, dial] = [await join('lamp'), await join('dial')];
    const got: unknown[] = [];
    lamp.subscribe('colour', ({ data }) => got.push(data));
    await lamp.flush();
    for (let n = 0; n < 1_000; n++) dial.send('colour', { n });
    await dial.flush();
    await lamp.flush();
    expect(got).toHaveLength(1_000);
    await Promise.all([lamp.close(), dial.close()]);
    broker.close();
  });
});
