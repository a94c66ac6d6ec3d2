import type { Unhandled } from '../protocol/index';
import type { Clock } from '../util/index';
import type { Asked, ClientEvents, OnHandleTaken, OutboxOptions } from './session/index';

/** Options of `connect` and `createClient`; all of them may be left out. */
export interface ClientOptions {
  /**
   * The name of this client, unique on the server: others send to it, and see it as `sender`.
   *
   * Each `#` becomes a random digit. A function is asked before every attempt. ASCII without white space, 1 to 194
   * characters; the server may give another name, so read `client.handle` afterwards.
   *
   * @default 'client_########'
   */
  readonly handle?: Asked<string> | undefined;
  /** The password of a handle that is registered at the server. A function is asked before every attempt. */
  readonly password?: Asked<string> | undefined;
  /**
   * What to do when another client has the handle: `'fail'`, `'retry'` until it is free, or `'suffix'`: take new digits
   * for each `#`, or append `_####`. `connect` does not wait for a handle to be free: there `'retry'` counts from the
   * first welcome on.
   *
   * @default `'suffix'` when the handle has a `#` or is the default one; else `'fail'` at first and `'retry'` after a
   * connection was lost, because the server may take the old one for alive for up to two minutes.
   */
  readonly onHandleTaken?: OnHandleTaken | undefined;
  /**
   * How to come back after a lost connection; `false` never does. `attempts` is how many may fail in a row, `delay`
   * gives the wait in ms (at least 50) for so many losses in a row, from 1.
   *
   * @default endless attempts, after a random wait of at most 0.5 s that doubles up to 20 s, or 2 s where the server is near
   * ("full jitter"), and starts anew once a connection has held for 10 s. Whoever sends, clicks or types cuts it short
   */
  readonly reconnect?: false | undefined | { readonly attempts?: number; readonly delay?: (losses: number) => number };
  /**
   * How long dial and handshake may take together, in ms, and how long calls and listings wait by default.
   *
   * @default 10_000
   */
  readonly timeout?: number | undefined;
  /** How much waits for a connection, and how long: by default 1,000 messages, 1 MiB, 30 s. */
  readonly outbox?: OutboxOptions | undefined;
  /**
   * How many bytes the data of one message may have as JSON; characters outside of ASCII count six, as over TCP. Most
   * servers cut messages above 79 kB when they are in a hurry. @default 65_536
   */
  readonly maxMessage?: number | undefined;
  /** After how long without a connection the event `lost` tells, in ms. @default 5_000 */
  readonly lostAfter?: number | undefined;
  /** Told in one line of everything that happens; passwords are shown as `***`. @default silent */
  readonly logger?: ((text: string) => void) | undefined;
  /** Aborting it closes the client. */
  readonly signal?: AbortSignal | undefined;
  /** Listeners that miss nothing, because they are bound before the client dials. */
  readonly on?: Partial<ClientEvents> | undefined;
  /**
   * What becomes of what a listener throws, or rejects with, while nobody listens to `error`: `'warn'` shows it once per
   * listener and text, in the console of a page or as a warning of Node, and the program goes on; `'throw'` throws it, which
   * ends a Node program. What a peer, the server or the network causes goes to the `logger` only.
   *
   * @default 'warn'
   */
  readonly unhandled?: Unhandled | undefined;
  /** Time and chance; tests hand in their own. @default the machine's clock */
  readonly clock?: Clock | undefined;
}

/** The names of all of them. */
export const clientOptions: readonly (keyof ClientOptions)[] = [
  'handle',
  'password',
  'onHandleTaken',
  'reconnect',
  'timeout',
  'outbox',
  'maxMessage',
  'lostAfter',
  'logger',
  'signal',
  'on',
  'unhandled',
  'clock',
];
