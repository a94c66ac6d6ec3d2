import { expect, test } from 'vitest';
import { isSecret } from '../../../src/protocol/passwords';
import { PasswordThrottle } from '../../../src/server/admission/password-throttle';
import { createBroker } from '../../../src/server/broker/broker';
import { groupsOf } from '../../../src/util/address-groups';
import { createVirtualClock } from '../../helpers/virtual-clock';
import { dialects, openWorld } from '../../helpers/world';

const spent = /too many wrong passwords: try again in a minute/;

for (const dialect of dialects) {
  test(`An address has five wrong passwords a minute; then the right one does not help either (${dialect})`, async () => {
    const world = await openWorld({ users: ['lamp:word', 'dial:key'] });
    const hello = (handle: string) => (dialect === 'line' ? world.tcp(`${handle}(JSON)`) : world.ws(handle));
    for (const guess of ['lamp', 'lamp:a', 'dial:b', 'lamp:c', 'lamp:d']) {
      expect((await (await hello(guess)).closed()).join()).toContain('password wrong');
    }
    for (const guess of ['lamp:e', 'lamp:word', 'dial:key']) {
      expect((await (await hello(guess)).closed()).join()).toMatch(spent);
    }
    // Names without a password are not concerned.
    expect((await (await hello('alice')).heard()).join()).not.toContain('wrong');
    await world.clock.advance(60_001);
    expect((await (await hello('lamp:word')).closed().catch(() => [])).join()).not.toMatch(spent);
    expect(world.server.broker.clients()).toContain('lamp');
  });
}

test('Other addresses are not concerned, nor are right passwords counted', () => {
  const broker = createBroker({ users: ['lamp:word'], limits: { passwordAttempts: 2 } });
  function hello(handle: string, address: string): string {
    const said: string[] = [];
    const events = broker.accept({ send: (frame) => said.push(frame), close() {}, buffered: 0 }, 'line', { address });
    events.frame(`${handle}(JSON)`);
    events.close();
    return said.join();
  }
  for (let times = 0; times < 10; times++) expect(hello('lamp:word', '192.0.2.1')).toContain('welcome');
  for (let times = 0; times < 2; times++) expect(hello('lamp:x', '192.0.2.1')).toContain('password wrong');
  expect(hello('lamp:word', '192.0.2.1')).toMatch(spent);
  expect(hello('lamp:word', '192.0.2.2')).toContain('welcome');
});

test('Addresses are forgotten when their time is over, however many there were', async () => {
  const clock = createVirtualClock();
  const throttle = new PasswordThrottle(clock, 1);
  for (let index = 0; index < 5_000; index++) throttle.countWrong(`192.0.${index}`);
  expect(throttle.isBlocked('192.0.1')).toBe(true);
  await clock.advance(60_000);
  expect(throttle.isBlocked('192.0.1')).toBe(false);
});

test('Of IPv6, all addresses of one network count as one, and its neighbours are not concerned', () => {
  const throttle = new PasswordThrottle(createVirtualClock(), 5);
  for (let guess = 1; guess <= 5; guess++) {
    expect(throttle.isBlocked(`2001:db8:0:1::${guess}`)).toBe(false);
    throttle.countWrong(`2001:db8:0:1::${guess}`);
  }
  expect(throttle.isBlocked('2001:db8:0:1:aaaa:bbbb:cccc:dddd')).toBe(true);
  expect(throttle.isBlocked('2001:db8:0:2::1')).toBe(false);
  expect(throttle.isBlocked('2001:db8:0:1::%eth0')).toBe(true);
});

test('All networks of one site have eight times as many wrong passwords as one network', () => {
  const throttle = new PasswordThrottle(createVirtualClock(), 5);
  for (let guess = 0; guess < 40; guess++) {
    expect(throttle.isBlocked(`2001:db8:0:${guess.toString(16)}::1`)).toBe(false);
    throttle.countWrong(`2001:db8:0:${guess.toString(16)}::1`);
  }
  expect(throttle.isBlocked('2001:db8:0:ffff::1')).toBe(true);
  expect(throttle.isBlocked('2001:db8:1:ffff::1')).toBe(false);
});

test.each([
  ['192.0.2.7', ['192.0.2.7']],
  ['2001:db8::7', ['2001:db8:0:0::/64', '2001:db8:0::/48']],
  ['2001:0DB8:0000:0001:0000:0000:0000:0001', ['2001:db8:0:1::/64', '2001:db8:0::/48']],
  ['2001:db8:1:2:3::', ['2001:db8:1:2::/64', '2001:db8:1::/48']],
  ['fe80::1%eth0', ['fe80:0:0:0::/64', 'fe80:0:0::/48']],
  ['::1', ['::1']],
  ['::ffff:192.0.2.7', ['::ffff:192.0.2.7']],
  ['', ['']],
])('The address %j counts for %j', (address, names) => {
  expect(groupsOf(address).map(({ name }) => name)).toEqual(names);
});

test.each([
  ['word', 'word', true],
  ['word', 'wora', false],
  ['word', 'xord', false],
  ['word', 'wor', false],
  ['word', 'wordword', false],
  ['word', '', false],
  ['', '', true],
  ['', 'x', false],
  ['aa', 'aaaa', false],
])('Of the secret %j, %j is the same: %s', (secret, given, expected) => {
  expect(isSecret(secret, given)).toBe(expected);
});

test('Comparing a password looks at all of it, wherever the first wrong letter is', () => {
  let looks = 0;
  // Counts what is looked at instead of the time, which says nothing on a busy machine.
  class Watched extends String {
    override charCodeAt(at: number): number {
      looks++;
      return super.charCodeAt(at);
    }
  }
  const counted = (given: string): number => {
    looks = 0;
    isSecret('secret-word', new Watched(given));
    return looks;
  };
  expect([counted('xecret-word'), counted('secret-worx'), counted('secret-word')]).toEqual([11, 11, 11]);
});
