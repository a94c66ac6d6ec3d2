import { expect, test } from 'vitest';
import { readLimits, type ServerLimits } from '../../../src/server/config/limits';
import { createCounts } from '../../../src/server/config/stats';
import { createServerEvents, type ServerRefusal } from '../../../src/server/domain/events';
import { ConnectionGate, type GatedSocket, type SocketHandler } from '../../../src/server/listeners/connection-gate';
import { createVirtualClock } from '../../helpers/virtual-clock';

/** A socket of which a test says where it comes from. */
class FakeSocket implements GatedSocket {
  readonly localPort = 4444;
  bytesRead = 0;
  said = '';
  isOver = false;
  readonly #listeners = new Map<string, (() => void)[]>();

  constructor(
    readonly remoteAddress: string,
    readonly remotePort: number,
  ) {}

  on(event: string, listener: () => void): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  once(event: string, listener: () => void): void {
    this.on(event, listener);
  }

  resume(): void {}

  end(text = ''): void {
    this.said = text;
    for (const listener of this.#listeners.get('finish') ?? []) listener();
  }

  destroy(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const listener of this.#listeners.get('close') ?? []) listener();
  }
}

function openGate(given: Partial<ServerLimits>) {
  const clock = createVirtualClock();
  const refusals: ServerRefusal[] = [];
  const errors: string[] = [];
  const events = createServerEvents();
  events.on('refused', (refusal) => refusals.push(refusal));
  events.on('error', ({ message }) => errors.push(message));
  const gate = new ConnectionGate({ clock, limits: readLimits(given), events, counts: createCounts() });
  const served: FakeSocket[] = [];
  const entry: SocketHandler<FakeSocket> = {
    serve: (socket) => served.push(socket),
    refusal: ({ message }) => `no: ${message}`,
  };
  let port = 1_000;
  return {
    ...{ clock, gate, served, refusals, errors },
    arrive(address = '192.0.2.1', from = port++): FakeSocket {
      const socket = new FakeSocket(address, from);
      gate.admit(socket, entry);
      return socket;
    },
  };
}

test('Who comes when too many are unknown waits, and is let in in turn', () => {
  const { arrive, gate, served } = openGate({ unauthenticated: 2 });
  const [a, b, c, d] = [arrive(), arrive(), arrive(), arrive()];
  expect(served).toEqual([a, b]);
  gate.identified(b);
  expect(served).toEqual([a, b, c]);
  a.destroy();
  expect(served).toEqual([a, b, c, d]);
});

test('Who comes from where somebody was a moment ago is not mistaken for him', () => {
  const { arrive, gate, served } = openGate({ unauthenticated: 1 });
  const before = arrive('192.0.2.1', 77);
  const after = arrive('192.0.2.1', 77);
  before.destroy();
  expect(served).toEqual([before, after]);
  gate.identified(after);
  const next = arrive();
  expect(served).toEqual([before, after, next]);
});

test('Who gives up waiting takes no place', () => {
  const { arrive, served } = openGate({ unauthenticated: 1 });
  const [a, b, c] = [arrive(), arrive(), arrive()];
  b.destroy();
  a.destroy();
  expect(served).toEqual([a, c]);
});

test('When too many wait, the next one is turned away, told why, and cut half a second later', async () => {
  const { arrive, clock, refusals, served } = openGate({ unauthenticated: 1, backlog: 1 });
  const [, , third] = [arrive(), arrive(), arrive()];
  expect(third.said).toBe('no: too many connections: try again later');
  expect(refusals).toEqual([
    { reason: 'too many connections: try again later', code: 'full', handle: undefined, address: '192.0.2.1' },
  ]);
  await clock.advance(499);
  expect(third.isOver).toBe(false);
  await clock.advance(1);
  expect(third.isOver).toBe(true);
  expect(served).toHaveLength(1);
});

test('Of very many who are turned away, most are cut at once', () => {
  const { arrive } = openGate({ unauthenticated: 1, backlog: 1 });
  const all = Array.from({ length: 1_000 }, () => arrive());
  expect(all.filter(({ isOver }) => !isOver).length).toBeLessThan(300);
});

test('There are so many known and unknown ones at most', () => {
  const { arrive, gate, served } = openGate({ clients: 2, unauthenticated: 1 });
  const all = Array.from({ length: 5 }, () => arrive());
  for (const socket of all) gate.identified(socket);
  expect(served).toHaveLength(3);
  served[0]?.destroy();
  expect(served).toHaveLength(4);
});

test('One address has so many connections at most, others not counted', () => {
  const { arrive, served } = openGate({ perAddress: 2 });
  const [a, , c, d] = [arrive(), arrive(), arrive(), arrive('192.0.2.2')];
  expect(c.said).toBe('no: too many connections from 192.0.2.1');
  expect(served).toContain(d);
  a.destroy();
  c.destroy();
  expect(served).toContain(arrive());
});

test('Of IPv6, the connections of a network count together, and those of a site with many networks as well', () => {
  const { arrive, served, refusals } = openGate({ perAddress: 2 });
  const [a, b, c] = [arrive('2001:db8:0:1::1'), arrive('2001:db8:0:1::2'), arrive('2001:db8:0:1::3')];
  expect([served.includes(a), served.includes(b), c.said]).toEqual([
    ...[true, true],
    'no: too many connections from 2001:db8:0:1::/64',
  ]);
  c.destroy();
  a.destroy();
  expect(arrive('2001:db8:0:1::4').said).toBe('');
  // The site may have eight times as many as one network.
  for (let network = 2; network < 16; network++) expect(arrive(`2001:db8:0:${network.toString(16)}::1`).said).toBe('');
  expect(arrive('2001:db8:0:ff::1').said).toBe('no: too many connections from 2001:db8:0::/48');
  expect(arrive('2001:db8:1:ff::1').said).toBe('');
  expect(refusals.map(({ address }) => address)).toEqual(['2001:db8:0:1::3', '2001:db8:0:ff::1']);
});

test('The same address of IPv4 is one, also where the machine speaks IPv6', () => {
  const { arrive } = openGate({ perAddress: 1 });
  arrive('192.0.2.1');
  expect(arrive('::ffff:192.0.2.1').said).toContain('192.0.2.1');
});

test.each(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1', '192.0.2.9', '2001:db8::9'])(
  '%s may have any number of connections: it is the machine itself, or trusted',
  (address) => {
    const { arrive, served } = openGate({ perAddress: 1, trusted: ['192.0.2.9', '2001:db8::9'] });
    for (let count = 0; count < 5; count++) arrive(address);
    expect(served).toHaveLength(5);
  },
);

test('A socket whose far side is gone already is not let in', () => {
  const { arrive, served } = openGate({});
  expect(arrive('').isOver).toBe(true);
  expect(served).toEqual([]);
});

test('What is expected of a socket in time ends it when it does not come, and not when something else is', async () => {
  const { arrive, clock, gate, refusals } = openGate({});
  const [idle, busy, fine, trusted, known] = [arrive(), arrive(), arrive(), arrive(), arrive()];
  const begun = arrive();
  for (const socket of [idle, busy, fine, trusted, known, begun]) gate.setDeadline(socket, 5_000);
  expect(gate.isIdle(busy)).toBe(true);
  for (const socket of [busy, begun]) socket.bytesRead = 1;
  await clock.advance(3_000);
  gate.setDeadline(busy, 5_000, () => false);
  gate.setDeadline(fine, 5_000, () => true);
  gate.clearDeadline(trusted);
  gate.identified(known);
  expect([busy, fine, trusted].map((socket) => gate.isIdle(socket))).toEqual([false, false, false]);
  await clock.advance(2_000);
  expect([idle, busy, known].map(({ isOver }) => isOver)).toEqual([true, false, true]);
  await clock.advance(60_000);
  expect([busy, fine, trusted].map(({ isOver }) => isOver)).toEqual([true, false, false]);
  // A connection that was good for something and is used no more is nothing to tell, nor is one that a browser opened in
  // advance and then did not need: it never said anything.
  expect(refusals.map(({ reason }) => reason)).toEqual([
    'nothing was asked for within 5 s',
    'nothing was asked for within 5 s',
  ]);
  expect(clock.timers).toBe(0);
});

test('A fault of the machine is told once a second, and nobody comes in until then', async () => {
  const { arrive, clock, gate, errors, served } = openGate({});
  const fault = (): void => gate.acceptFailed(new Error('EMFILE: too many open files'));
  fault();
  fault();
  expect(errors).toEqual(['Cannot take connections: EMFILE: too many open files.']);
  expect(arrive().isOver).toBe(true);
  await clock.advance(1_000);
  const next = arrive();
  expect(served).toEqual([next]);
  fault();
  expect(errors).toHaveLength(2);
});

test('Of many who come at once, some come in each turn, so that nobody else has to wait for all', async () => {
  const { arrive, served } = openGate({});
  for (let count = 0; count < 100; count++) arrive();
  const turns: number[] = [];
  for (let turn = 0; turn < 5; turn++) {
    turns.push(served.length);
    await new Promise(setImmediate);
  }
  expect(turns).toEqual([32, 64, 96, 100, 100]);
});
