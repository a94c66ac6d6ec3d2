import { describe, expect, test } from 'vitest';
import { readLongest, readRefusal, refusalOf, refusalWith } from '../../src/protocol/refusals';

/** Every refusal of our server, with what differs each time, and what a client is to make of it. */
const all = [
  ['registered', 'within_lamp', 'taken', true, 'name already registered: within_lamp'],
  ['existing', 'within_lamp', 'taken', true, 'client within_lamp exists already'],
  ['wrongPassword', 'within_lamp', 'password', false, 'password wrong for name: within_lamp'],
  ['reserved', 'SERVER', 'handshake', false, 'name reserved for the server: SERVER'],
  [
    'badHandle',
    '',
    'handshake',
    false,
    'handle not accepted: use 1 to 194 ASCII characters without white space or commas',
  ],
  ['notJson', '', 'unsupported', false, 'this server speaks JSON only: say NAME(JSON)'],
  ['longHandshake', 256, 'handshake', false, 'handshake longer than 256 characters'],
  ['longLine', 1_048_576, 'limit', true, 'line longer than 1048576 characters'],
  ['longFrame', 1_048_576, 'limit', true, 'frame longer than 1048576 bytes'],
  ['lateHandshake', 5, 'limit', true, 'say who you are within 5 s'],
  ['muchTooEarly', '', 'limit', true, 'too much was said before the welcome'],
  ['manyPasswords', '', 'limit', true, 'too many wrong passwords: try again in a minute'],
  ['fullServer', '', 'full', true, 'the server is full: try again later'],
  ['fullAddress', '192.0.2.1', 'full', true, 'too many connections from 192.0.2.1'],
  ['fullBacklog', '', 'full', true, 'too many connections: try again later'],
] as const;

describe('A refusal in fixed words', () => {
  test.each(all)('%s of "%s" is %s, and is read as that', (kind, what, code, retryable, message) => {
    expect(refusalOf(kind, what)).toEqual({ code, retryable, message });
    expect(readRefusal(message)).toEqual({ code, retryable, message });
  });

  test.each([
    ['password wrong for name: try again later', undefined],
    ['password wrong for name: name already registered: lamp', undefined],
    ['password wrong for name: $&', 'password'],
    ['the server is full: try again later.', undefined],
    ['say who you are within_lamp', undefined],
    ['client exists already', undefined],
    ['', undefined],
  ])('"%s" is read word for word: %s', (text, code) => {
    expect(readRefusal(text)?.code).toBe(code);
  });

  test.each([
    ['line longer than 1048576 characters', 1_048_576],
    ['frame longer than 2000 bytes', 2_000],
    ['line longer than 4096 characters, and no message', undefined],
    ['line longer than my characters', undefined],
    ['handshake longer than 256 characters', undefined],
    ['', undefined],
  ])('"%s" tells how long a frame may be: %s', (text, longest) => {
    expect(readLongest(text)).toBe(longest);
  });

  test('takes what differs as it is', () => {
    expect(refusalOf('wrongPassword', '$&').message).toBe('password wrong for name: $&');
    expect(refusalOf('wrongPassword', '*').message).toBe('password wrong for name: *');
  });
});

test.each(['__proto__', 'constructor', 'unheard-of', undefined, 3, null])(
  'A code that nobody knows, such as %s, is a refusal that asking again does not change',
  (code) => {
    expect(refusalWith(code, 'no')).toEqual({ code: 'handshake', retryable: false, message: 'no' });
  },
);
