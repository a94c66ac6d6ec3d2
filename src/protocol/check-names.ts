import { random } from 'nanoid';
import { refuse } from '../util/index';
import { bytesOf, channelName, longestName, plainName } from './names';

/** The handle of a client that was given none. */
export const defaultHandle = 'client_########';

const plain = /^[!-~]{1,194}$/;

/** A name without its password. */
export function masked(name: unknown): string {
  return `${name}`.replace(/:.*/s, ':***');
}

/**
 * Throws unless `name` fits the pattern; without one, unless it can be a handle: ASCII without white space, so that no
 * caller's text can become a second command, and short enough that with `(JSON)` it fits the 200 characters servers read.
 *
 * @throws TypeError naming `what`
 */
export function checkName(
  what: string,
  name: unknown,
  pattern = plain,
  why = pattern === plain ? ': use 1 to 194 ASCII characters without white space' : '',
): asserts name is string {
  if (typeof name === 'string' && pattern.test(name)) return;
  refuse(what, what === 'password' ? '***' : masked(name), why);
}

/** @throws TypeError unless `name` can be that of a channel or recipient, in any script */
export function checkRecipient(what: string, name: unknown): asserts name is string {
  const why = `: use 1 to ${longestName} bytes of UTF-8 without white space`;
  checkName(what, name, channelName, why);
  if (bytesOf(name) > longestName || channelOf(name) === '') refuse(what, masked(name), why);
}

/** @throws TypeError unless `name` is one of those that servers tell the presence of, and apply functions to */
export function checkPlain(what: string, name: unknown, feature: string): asserts name is string {
  checkName(what, name, plainName, `: only names of A-Z, a-z, 0-9, _ and - have ${feature}`);
}

/** @throws TypeError unless `name` can be that of a service */
export function checkService(name: unknown): void {
  checkName('name', name, /./, ': use a text of at least one character');
}

/** @throws TypeError unless `name` can be subscribed to; there may be blanks in its functions */
export function checkChannel(name: string): void {
  const [, channel = name, functions] = /^([^:[]*)\[(.*)$/s.exec(name) ?? [];
  // The list of the members of a channel has a name of its own, which may be so much longer.
  checkRecipient('channel', channel.replace(/(.)\/\?$/s, '$1'));
  if (functions === undefined) return;
  checkPlain('channel', channel, 'filters and transforms');
  checkName(
    'channel',
    name,
    /^[^[\]\p{Cc}]+\[[^[\]\p{Cc}]+\]$/u,
    ': use NAME[filter(EXPRESSION)], or the option filter',
  );
}

/**
 * Replaces each `#` by a random digit.
 *
 * @example
 * fillPlaceholders('lamp_###'); //=> 'lamp_407'
 */
export function fillPlaceholders(handle: string): string {
  // The last digit of a byte, 0 to 255.
  return handle.replace(/#/g, () => random(1).join('').slice(-1));
}

/** What nobody can guess, in digits: who overheard one of them cannot tell the next. */
export function randomId(): string {
  return random(9).join('');
}

/**
 * The channel that a name on the wire is about: without its password and functions.
 *
 * @example
 * channelOf('colour:secret'); //=> 'colour'
 */
export function channelOf(name: string): string {
  return name.replace(/[:[].*/s, '');
}
