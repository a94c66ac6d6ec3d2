import type { RefusalCode } from './refusals';

/**
 * What went wrong, as a word to compare with:
 *
 * - `closed`: the client was closed; nothing more can be done with it.
 * - `refused`: the server said no, for example because the handle is taken.
 * - `unreachable`: nothing answers at that address.
 * - `disconnected`: the connection was lost.
 * - `timeout`: no answer in time.
 * - `remote`: the other side reported a fault of its own.
 * - `protocol`: something answers, but not as an OOCSI server does; or a frame makes no sense.
 * - `unsupported`: not possible here, for example TCP in a web page.
 * - `invalid`: the program asked for something that cannot work, or one of its listeners failed.
 */
export type ErrorCode =
  | 'closed'
  | 'refused'
  | 'unreachable'
  | 'disconnected'
  | 'timeout'
  | 'remote'
  | 'protocol'
  | 'unsupported'
  | 'invalid';

/** What is known of an error besides its words, as far as it is. */
export interface ErrorDetails {
  /** The code that the WebSocket was closed with, such as 1009 for a message that was too long; 1006 is no goodbye at all. */
  readonly closeCode?: number;
  /** What was said as the WebSocket was closed; may be empty. */
  readonly closeReason?: string;
  /** The status that a web server answered with instead of opening a WebSocket, such as 503; pages are seldom told it. */
  readonly httpStatus?: number;
  /**
   * How long a line or frame may be, where the server ended the connection because of a longer one: characters over TCP,
   * bytes over WebSocket; 0 when it did not say how long.
   */
  readonly longest?: number;
  /** Whether the server said goodbye before it ended the connection, because it stops or had heard nothing for long. */
  readonly goodbye?: boolean;
  /** Why the server did not let the client in. */
  readonly refusal?: RefusalCode;
}

/**
 * Every fault that the client reports or rejects with.
 *
 * `code` says what happened, `message` what to do about it, `cause` holds the original fault if there was one, and
 * `permanent` tells whether trying again is pointless, and `details` hold what else is known: how a WebSocket was closed, or
 * why the server refused the client.
 *
 * @example
 * try {
 *   await connect('localhost:4445');
 * } catch (error) {
 *   error.code; //=> 'unreachable'
 * }
 */
export class OocsiError<C extends ErrorCode = ErrorCode> extends Error {
  declare readonly code: C;
  declare readonly permanent: boolean;
  declare readonly details: ErrorDetails;

  constructor(
    code: C,
    message: string,
    options: { cause?: unknown; permanent?: boolean; details?: ErrorDetails | undefined } = {},
  ) {
    super(message, options);
    this.name = 'OocsiError';
    this.code = code;
    this.permanent = options.permanent ?? /closed|unsupported|invalid/.test(code);
    this.details = options.details ?? {};
  }
}

/**
 * Tells whether a value is an {@link OocsiError}, and of that code if one is given. Use it instead of `instanceof`,
 * which fails when a page loads two copies of the library.
 *
 * @example
 * isOocsiError(error, 'timeout'); //=> true
 */
export function isOocsiError<C extends ErrorCode = ErrorCode>(value: unknown, code?: C): value is OocsiError<C> {
  if (!isError(value) || value.name !== 'OocsiError') return false;
  return !code || ('code' in value && value.code === code);
}

/** Whether it is an error, also one of another realm: a frame, a worker, a test runner. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

/** The text of anything that was thrown. */
export function textOf(thrown: unknown): string {
  // Not every value can become text: a program may throw a symbol, or an object without a prototype.
  const text = isError(thrown) ? thrown.message : thrown;
  return typeof text === 'string' ? text : typeof text;
}

/** Anything that was thrown, as an error of ours. What a program lacks or misspells is no fault of the network. */
export function asError(thrown: unknown): OocsiError {
  if (isOocsiError(thrown)) return thrown;
  // By its name: test runners have a ReferenceError of their own for each file.
  const code = isError(thrown) && thrown.name === 'ReferenceError' ? 'invalid' : 'unreachable';
  return new OocsiError(code, textOf(thrown), { cause: thrown });
}
