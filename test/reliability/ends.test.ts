import { expect, test } from 'vitest';
import { createClient } from '../../src/index';
import { createScriptedAdapter, createVirtualClock } from '../../src/testing/index';

const message = (n: number): string => `${JSON.stringify({ n, recipient: 'colour', timestamp: 1, sender: 'dial' })}\n`;
const said = `${message(1)}ping\n${message(2)}`;

async function scene() {
  const clock = createVirtualClock();
  const far = createScriptedAdapter('line');
  const errors: unknown[] = [];
  const client = createClient(far, { handle: 'lamp', clock, on: { error: (error) => errors.push(error.code) } });
  const got: number[] = [];
  client.subscribe('colour', ({ data }) => got.push(data.n));
  await clock.advance(0);
  await far.last.welcome();
  return { clock, far, errors, client, got };
}

test('a link that ends after any byte costs what was not whole, and nothing else (N2)', async () => {
  const bytes = new TextEncoder().encode(said).length;
  for (let at = 0; at <= bytes; at++) {
    const { clock, far, errors, client, got } = await scene();
    far.last.sayBytes(said.slice(0, at), at || 1);
    far.last.drop(new Error('reset'));
    await clock.advance(1_000);
    await far.last.welcome();
    expect([client.state.status, errors]).toEqual(['connected', []]);
    const whole = [message(1), said].filter((text) => at >= text.length).length;
    expect([at, got]).toEqual([at, [1, 2].slice(0, whole)]);
    // The rest of the old link does not begin a line of the new one.
    far.last.sayBytes(message(3), 5);
    expect(got.at(-1)).toBe(3);
    await clock.advance(0);
    expect(far.last.sent.join('').match(/^subscribe colour$/gm)).toHaveLength(1);
    await Promise.all([client.close(), clock.advance(2_000)]);
  }
});

test('two messages that a server spliced are told as one that makes no sense (P3)', async () => {
  const { clock, far, errors, client, got } = await scene();
  const [first, second] = [message(1).slice(0, 20), message(2)];
  far.last.sayBytes(`${first}${second}${message(3)}`, 11);
  expect([got, errors]).toEqual([[3], ['protocol']]);
  await Promise.all([client.close(), clock.advance(2_000)]);
});
