import { isReserved } from '../../protocol/index';

/** Passwords of handles, by handle: only a client that says the password gets the handle. */
export type Accounts = ReadonlyMap<string, string>;

// A handle of these letters is taken as it is, over every way into the server; of a password, Pure Data drops `;`.
const user = /^([\w.-]+):([!-:<-~]+)$/;

/** What a first frame can hold, less `(JSON)`. */
const longest = 194;

/** @throws TypeError naming the option, unless each is `name:password` and no name comes twice */
export function readAccounts(users: unknown): Accounts {
  if (!Array.isArray(users))
    throw new TypeError(`users must be a list such as ['lamp:secret'], not a value of type ${typeof users}`);
  const passwords = new Map<string, string>();
  for (const [index, text] of users.entries()) {
    const [, name, password] = typeof text === 'string' && text.length <= longest ? (user.exec(text) ?? []) : [];
    if (name === undefined || password === undefined || isReserved(name)) {
      // What is wrong with it may be the password, which no message should repeat.
      throw new TypeError(`users[${index}] must be 'name:password', the name of letters, digits, _, - and .`);
    }
    if (passwords.has(name)) throw new TypeError(`users[${index}] must be another name than those before: ${name}`);
    passwords.set(name, password);
  }
  return passwords;
}
