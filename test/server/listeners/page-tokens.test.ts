import { expect, test } from 'vitest';
import { createPageTokens, withToken } from '../../../src/server/listeners/page-tokens';
import { createVirtualClock } from '../../helpers/virtual-clock';

const minutes = 60_000;
const hours = 60 * minutes;

test('A token lets the page come that it was made for, and come back', async () => {
  const clock = createVirtualClock();
  const { issue, admits } = createPageTokens(clock);
  const token = issue();
  expect(token).toMatch(/^[\w-]{24}$/);
  await clock.advance(10 * minutes);
  expect(admits(token)).toBe(true);
  for (let days = 0; days < 3; days++) {
    await clock.advance(24 * hours);
    expect(admits(token)).toBe(true);
  }
  await clock.advance(24 * hours + 1);
  expect(admits(token)).toBe(false);
  expect(admits(token)).toBe(false);
});

test('A token that no page used within ten minutes is good for nothing, and neither is one that was never made', async () => {
  const clock = createVirtualClock();
  const { issue, admits } = createPageTokens(clock);
  const [token, other] = [issue(), issue()];
  expect(token).not.toBe(other);
  await clock.advance(10 * minutes + 1);
  expect(admits(token)).toBe(false);
  for (const none of ['', 'x', token.slice(1), '__proto__']) expect(admits(none)).toBe(false);
});

test('Of very many tokens, those that were used last are kept', () => {
  const { issue, admits } = createPageTokens(createVirtualClock());
  const [used, idle] = [issue(), issue()];
  expect(admits(used)).toBe(true);
  for (let count = 0; count < 9_998; count++) issue();
  expect(admits(used)).toBe(true);
  issue();
  expect([admits(idle), admits(used)]).toEqual([false, true]);
});

test.each([
  ['<b>hi</b>', '[]<b>hi</b>'],
  ['', '[]'],
  ['<!doctype html><html lang="en"><head>', '<!doctype html>[]<html lang="en"><head>'],
  ['\n<!-- <head> -->\n<!DOCTYPE html>\n<p>', '\n<!-- <head> -->\n<!DOCTYPE html>[]\n<p>'],
  ['<!-- no end <head>', '[]<!-- no end <head>'],
  ['<p><!doctype html>', '[]<p><!doctype html>'],
])('The token is put into the page %j before its first tag, and behind its doctype', (page, put) => {
  expect(withToken(page, 'T')).toBe(put.replace('[]', '<meta name="oocsi-token" content="T">'));
});
