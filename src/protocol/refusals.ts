/**
 * Why a server does not let a client in, as a word to decide by:
 *
 * - `taken`: another client, or a channel, has the handle.
 * - `password`: the handle has another password, or none.
 * - `full`: the server has as many clients or connections as it takes.
 * - `origin`: pages from there may not use this server.
 * - `handshake`: what the client said first is not accepted, such as a handle that is kept for servers.
 * - `limit`: the client went beyond another limit, such as that of wrong passwords in a minute.
 * - `unsupported`: the server does not speak what the client speaks.
 * - `unavailable`: the server, or what stands in front of it, takes nobody at the moment.
 */
export type RefusalCode =
  | 'taken'
  | 'password'
  | 'full'
  | 'origin'
  | 'handshake'
  | 'limit'
  | 'unsupported'
  | 'unavailable';

/** A client that is not let in: decide by `code` and `retryable`, and show people the `message`. */
export interface Refusal {
  readonly code: RefusalCode;
  /** Whether the same client may be let in later although it changes nothing. */
  readonly retryable: boolean;
  readonly message: string;
}

const isRetryable: Readonly<Record<RefusalCode, boolean>> = {
  taken: true,
  password: false,
  full: true,
  origin: false,
  handshake: false,
  limit: true,
  unsupported: false,
  unavailable: true,
};

export function createRefusal(code: RefusalCode, message: string): Refusal {
  return { code, retryable: isRetryable[code], message };
}

/** A refusal whose code stands beside its message; a code that nobody knows is one that asking again does not change. */
export function refusalWith(code: unknown, message: string): Refusal {
  const isKnown = (word: unknown): word is RefusalCode => typeof word === 'string' && Object.hasOwn(isRetryable, word);
  return createRefusal(isKnown(code) ? code : 'handshake', message);
}

/**
 * What servers say to a client that they do not let in, word for word; `*` is one word that differs each time: a handle, an
 * address or a number. Over TCP the text is all there is, so these texts are part of the protocol: see PROTOCOL.md.
 */
const texts = {
  registered: ['taken', 'name already registered: *'],
  existing: ['taken', 'client * exists already'],
  wrongPassword: ['password', 'password wrong for name: *'],
  reserved: ['handshake', 'name reserved for the server: *'],
  badHandle: ['handshake', 'handle not accepted: use 1 to 194 ASCII characters without white space or commas'],
  byteOrderMark: ['handshake', 'handle begins with a byte order mark: send UTF-8 without one'],
  notJson: ['unsupported', 'this server speaks JSON only: say NAME(JSON)'],
  longHandshake: ['handshake', 'handshake longer than * characters'],
  longLine: ['limit', 'line longer than * characters'],
  longFrame: ['limit', 'frame longer than * bytes'],
  lateHandshake: ['limit', 'say who you are within * s'],
  muchTooEarly: ['limit', 'too much was said before the welcome'],
  manyPasswords: ['limit', 'too many wrong passwords: try again in a minute'],
  fullServer: ['full', 'the server is full: try again later'],
  fullAddress: ['full', 'too many connections from *'],
  fullBacklog: ['full', 'too many connections: try again later'],
} as const satisfies Readonly<Record<string, readonly [code: RefusalCode, text: string]>>;

/** A refusal in its fixed words, with what differs each time put in. */
export function refusalOf(kind: keyof typeof texts, what: string | number = ''): Refusal {
  const [code, text] = texts[kind];
  return createRefusal(
    code,
    text.replace('*', () => String(what)),
  );
}

/** The refusal that a text means where no code stands beside it; undefined when it is none of the fixed texts. */
export function readRefusal(said: string): Refusal | undefined {
  const entry = Object.values(texts).find(([, text]) => isIn(text, said));
  return entry && createRefusal(entry[0], said);
}

/** How long a line or frame may be at a server that ends a connection because of a longer one, where this is what it says. */
export function readLongest(said: string): number | undefined {
  const entry = [texts.longLine, texts.longFrame].find(([, text]) => isIn(text, said));
  const number = entry && Number(said.split(' ')[entry[1].split(' ').indexOf('*')]);
  return number && number > 0 ? number : undefined;
}

function isIn(text: string, said: string): boolean {
  const [fixed, words] = [text.split(' '), said.split(' ')];
  return fixed.length === words.length && fixed.every((word, at) => word === '*' || word === words[at]);
}
