import { random } from 'nanoid';
import { refuse } from './check';

/** The handle of a client that was given none. */
export const defaultHandle = 'client_########';

const plain = /^[!-~]{1,194}$/;

/** A name without its password. */
export function masked(name: unknown): string {
  return `${name}`.replace(/:.*/s, ':***');
}

/**
 * Throws unless `name` can be sent as the name of a client or channel: ASCII without white space, so that no caller's
 * text can become a second command, and short enough that a handle and `(JSON)` fit the 200 characters servers read.
 *
 * @throws TypeError naming `what`
 */
export function checkName(what: string, name: unknown, pattern = plain): asserts name is string {
  if (typeof name === 'string' && pattern.test(name)) return;
  const shown = what === 'password' ? '***' : masked(name);
  refuse(what, shown, pattern === plain ? ': use 1-194 ASCII, no blanks' : '');
}

/** @throws TypeError unless `name` can be that of a service */
export function checkService(name: unknown): void {
  checkName('name', name, /./);
}

/** What can be subscribed to: a channel, with functions only behind a name that servers do not cut. */
const subscribable = /^([!-Z\\-~]{1,194}|[\w-]{1,194}\[[ -Z\\^-~]+\])$/;

/** @throws TypeError unless `name` can be subscribed to; there may be blanks in its functions */
export function checkChannel(name: string): void {
  checkName('channel', name, subscribable);
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
