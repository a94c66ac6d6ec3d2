import { random } from 'nanoid';

/** The handle of a client that was given none. */
export const defaultHandle = 'client_########';

/**
 * Throws unless `name` can be sent as the name of a client or channel: ASCII without white space, so that no caller's
 * text can become a second command, and short enough that a handle and `(JSON)` fit the 200 characters servers read.
 *
 * @throws TypeError naming `what`
 */
export function checkName(what: string, name: unknown): asserts name is string {
  if (typeof name === 'string' && /^[!-~]{1,194}$/.test(name)) return;
  throw new TypeError(`${what} must be 1 to 194 ASCII characters, no spaces, not "${name}"`);
}

/**
 * Replaces each `#` by a random digit.
 *
 * @example
 * fillPlaceholders('lamp_###'); //=> 'lamp_407'
 */
export function fillPlaceholders(handle: string): string {
  // A byte is 0 to 255, and an array of bytes keeps whole numbers only.
  return handle.replace(/#/g, () =>
    random(1)
      .map((byte) => byte / 25.6)
      .join(),
  );
}

/**
 * The channel that a name on the wire is about: without its password and functions.
 *
 * @example
 * channelOf('colour:secret'); //=> 'colour'
 */
export function channelOf(name: string): string {
  const end = name.search(/[:[]/);
  return end < 0 ? name : name.slice(0, end);
}
