import { checkOptions, refuse } from '../../util/index';
import { longestFrame } from './timings';

/**
 * What clients of a server may take up, so that none can take what the others need. Each limit is a number of at least 1;
 * `Infinity` lifts it.
 *
 * @example
 * await startServer({ limits: { clients: 100, messageRate: 50 } });
 */
export interface ServerLimits {
  /** The longest first line of a client, in characters; over WebSocket a command may come first, as long as any. @default 256 */
  readonly handshake: number;
  /** The time for it, from when the connection is there, in ms. @default 5_000 */
  readonly handshakeTime: number;
  /** Connections whose client was not let in yet; further ones wait until there is room. @default 1_024 */
  readonly unauthenticated: number;
  /** Connections that wait to be looked at: so many in the program, and as many in the machine. @default 1_024 */
  readonly backlog: number;
  /**
   * Connections of one address, except those of the machine itself and of {@link trusted} ones. Of IPv6, all addresses of
   * a network (/64) count as one, and those of a site (/48) may have eight times as many together. @default 256
   */
  readonly perAddress: number;
  /** Addresses of which nothing is counted together, such as that of a proxy. @default none */
  readonly trusted: readonly string[];
  /** Clients at the same time. @default 4_096 */
  readonly clients: number;
  /** The longest line or frame, in characters; over WebSocket in bytes. A longer one ends the connection. @default 1_048_576 */
  readonly line: number;
  /** The longest line that is no message, in characters. @default 4_096 */
  readonly command: number;
  /** How long a client may give no sign of life, in ms; what is sent to it is none. @default 120_000 */
  readonly idle: number;
  /** Channels, and names that are watched, of one client. @default 1_024 */
  readonly channelsPerClient: number;
  /** Channels of all clients, and names that are watched. @default 10_000 */
  readonly channels: number;
  /** The longest name of a channel or recipient, and the longest password behind it, in bytes. @default 200 */
  readonly name: number;
  /**
   * Messages that channels keep, one each; a quarter of them for one client, half of them for one address, and for neither
   * more than is still free for the others. @default 1_000
   */
  readonly retained: number;
  /** Messages that wait for their time, one for each recipient, with shares as for {@link retained}. @default 1_000 */
  readonly delayed: number;
  /** How far ahead a message may be delayed or scheduled, in ms. @default 86_400_000, a day */
  readonly delay: number;
  /** The longest data that is kept or waits for its time, in characters. @default 65_536 */
  readonly kept: number;
  /** Lines a second of one client; the server reads no faster, and drops nothing. @default Infinity */
  readonly messageRate: number;
  /** Characters a second of one client, in the same way. @default Infinity */
  readonly byteRate: number;
  /** Wrong passwords of one address in a minute; of IPv6, as for {@link perAddress}. @default 5 */
  readonly passwordAttempts: number;
  /** What may wait for a client that does not read, in bytes, before it loses its connection. @default 1_048_576 */
  readonly queue: number;
  /** From here on, clients that send to such a client are held for a moment, in bytes; at most {@link queue}. @default 262_144 */
  readonly stall: number;
  /**
   * What the server holds for all connections together, in bytes: lines that have not come whole, and what waits to leave.
   * From three quarters of it on, who sends to a client for which more than its share waits is held up; when it is more, the
   * connection that holds the most is ended. @default 268_435_456
   */
  readonly buffers: number;
  /** How long a client may take nothing of what waits for it, in ms. @default 10_000 */
  readonly writeDeadline: number;
}

const defaults: ServerLimits = {
  handshake: 256,
  handshakeTime: 5_000,
  unauthenticated: 1_024,
  backlog: 1_024,
  perAddress: 256,
  trusted: [],
  clients: 4_096,
  line: longestFrame,
  command: 4_096,
  idle: 120_000,
  channelsPerClient: 1_024,
  channels: 10_000,
  name: 200,
  retained: 1_000,
  delayed: 1_000,
  delay: 24 * 60 * 60 * 1_000,
  kept: 2 ** 16,
  messageRate: Number.POSITIVE_INFINITY,
  byteRate: Number.POSITIVE_INFINITY,
  passwordAttempts: 5,
  queue: 2 ** 20,
  stall: 2 ** 18,
  buffers: 2 ** 28,
  writeDeadline: 10_000,
};

/**
 * All limits, where some are given.
 *
 * @throws TypeError for a name that is none, and for a value of another kind; RangeError for a number below 1
 */
export function readLimits(given: Partial<ServerLimits> = {}): ServerLimits {
  checkOptions(given, Object.keys(defaults), 'limits');
  const { trusted = defaults.trusted, ...numbers } = given;
  checkTexts('limits.trusted', trusted);
  for (const [name, value] of Object.entries(numbers)) {
    if (value === undefined) continue;
    if (typeof value !== 'number') refuse(`limits.${name}`, value, ': use a number');
    if (!(value >= 1)) throw new RangeError(`limits.${name} cannot be ${value}: use a number of at least 1`);
  }
  const set = Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined));
  return { ...defaults, ...set, trusted };
}

/** @throws TypeError unless `texts` is a list of texts, none of them empty */
export function checkTexts(what: string, texts: unknown): asserts texts is readonly string[] {
  if (!Array.isArray(texts)) refuse(what, texts, ': use a list of texts');
  for (const text of texts) if (typeof text !== 'string' || text === '') refuse(what, text, ': use a list of texts');
}
