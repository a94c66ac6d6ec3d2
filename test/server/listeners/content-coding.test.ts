import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { codingFor, createCoder, isKnown } from '../../../src/server/listeners/content-coding';

const body = Buffer.from('a page '.repeat(1_000));

describe('what a client accepts', () => {
  test.each([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['gzip', 'gzip'],
    ['gzip, deflate, br, zstd', 'br'],
    ['GZIP;q=1.0, BR;q=0.5', 'br'],
    ['br;q=0, gzip', 'gzip'],
    ['*', 'br'],
    ['*;q=0', undefined],
    ['*, br;q=0', 'gzip'],
    ['br;q=x', undefined],
    [';;;,,,q=', undefined],
  ])('%j means %s', (accepted, coding) => {
    expect(codingFor(accepted)).toBe(coding);
  });
});

describe('a body', () => {
  test('comes compressed as it is accepted, and is the same afterwards', async () => {
    const code = createCoder();
    const [plain, gzip, brotli] = await Promise.all(
      [undefined, 'gzip', 'br'].map((accepted) => code('text/html; charset=utf-8', body, accepted)),
    );
    expect([plain?.coding, gzip?.coding, brotli?.coding]).toEqual([undefined, 'gzip', 'br']);
    expect(plain?.body).toBe(body);
    expect(gunzipSync(gzip?.body ?? '')).toEqual(body);
    expect(brotliDecompressSync(brotli?.body ?? '')).toEqual(body);
    expect(new Set([plain?.tag, gzip?.tag, brotli?.tag]).size).toBe(3);
  });

  test('is compressed once, and anew when it has changed', async () => {
    const code = createCoder();
    const first = await code('text/css', body, 'br');
    expect((await code('text/css', Buffer.from(body), 'br')).body).toBe(first.body);
    const other = await code('text/css', Buffer.from(`${body}!`), 'br');
    expect(other.tag).not.toBe(first.tag);
    expect(String(brotliDecompressSync(other.body))).toBe(`${body}!`);
  });

  test.each([
    ['text/html; charset=utf-8', Buffer.from('short')],
    ['image/png', body],
    ['image/x-icon', body],
  ])('of type %s that gains nothing stays as it is', async (type, content) => {
    expect(await createCoder()(type, content, 'br')).toMatchObject({ body: content, coding: undefined });
  });
});

test.each([
  ['"a"', true],
  ['W/"a"', true],
  ['"b", "a"', true],
  ['*', true],
  ['"b"', false],
  ['a', false],
  [undefined, false],
])('a client that has %s has "a": %s', (known, is) => {
  expect(isKnown('"a"', known)).toBe(is);
});
