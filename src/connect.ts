import { adapterFor, addressOf, advice, defaultAddress, dialects } from '#platform';
import type { Client, ClientOptions } from './core/index';
import { clientOptions, openClient } from './core/index';
import type { AnyChannels, AnyServices } from './core/messaging/index';
import type { Adapter } from './protocol/index';
import { OocsiError } from './protocol/index';
import { checkOptions, checkSignal, isObject, reasonOf } from './util/index';

/**
 * Where the server is: an address, an adapter, or a function that is asked for the address before every attempt.
 *
 * Everywhere `ws://…` and `wss://…` (without a path, `/ws` is meant); in Node also `tcp://…`, `tls://…`, `host` and
 * `host:port`.
 */
export type Target = string | URL | Adapter | (() => string | URL | Promise<string | URL>);

/**
 * A client that dials at once and keeps trying until it is closed.
 *
 * Use it where a page must work without waiting for the server; {@link connect} where a program has no use without.
 *
 * @param target where the server is; by default `ws(s)://<host of the page>/ws` in a page, `tcp://localhost:4444` in Node
 * @throws OocsiError `unsupported` when such a target cannot be reached from here
 * @throws TypeError, RangeError when an option cannot be meant
 * @example
 * const oocsi = createClient('ws://localhost:9000/ws', { handle: 'lamp_###' });
 * oocsi.state; //=> { status: 'connecting', attempt: 1 }
 */
export function createClient<C extends object = AnyChannels, S extends object = AnyServices>(
  target?: Target,
  options: ClientOptions = {},
): Client<C, S> {
  checkCall('createClient', target, options);
  return openClient<C, S>(adapterSource(target), dialects, options, false);
}

/**
 * A client that the server has welcomed. It comes back by itself when the connection is lost.
 *
 * @param target see {@link createClient}
 * @returns rejects with an `OocsiError` when the first attempt fails: `unreachable`, `timeout`, `protocol` (something
 * answers, but no OOCSI server), `refused` (such as a handle that is taken), `unsupported`; its message says what to do
 * @example
 * const oocsi = await connect('ws://localhost:9000/ws', { handle: 'lamp_###' });
 * oocsi.handle; //=> 'lamp_407'
 */
export async function connect<C extends object = AnyChannels, S extends object = AnyServices>(
  target?: Target,
  options: ClientOptions = {},
): Promise<Client<C, S>> {
  checkCall('connect', target, options);
  const { signal } = options;
  checkSignal(signal);
  const client = openClient<C, S>(adapterSource(target), dialects, options, true);
  return new Promise((resolve, reject) => {
    const stop = client.on('state', ({ status, cause }) => {
      if (status === 'connected') resolve(client);
      // A client that closes without an error was aborted.
      else if (status === 'closed') reject(cause ?? reasonOf(signal));
      else return;
      stop();
    });
  });
}

/**
 * Programs in JavaScript call as they call other clients: `connect(url, 'me', listener)`, `connect('me', host)`,
 * `connect(host, port)`, `connect({ host, port })`. Each is told the right call.
 *
 * @throws TypeError
 */
function checkCall(verb: string, target: unknown, options: ClientOptions): void {
  const right = rightCall(target, options);
  if (right === undefined) return checkOptions(options, clientOptions);
  throw new TypeError(`${verb} takes an address and an object of options: ${verb}(${right})`);
}

/** What belongs between the brackets of a call that cannot be meant as it is; undefined for any other call. */
function rightCall(target: unknown, options: unknown): string | undefined {
  const address = typeof target === 'string' || target instanceof URL ? withoutSecrets(target) : defaultAddress();
  if (typeof options === 'string') {
    const isTurned = looksLikeHost(options) && !looksLikeHost(address);
    return isTurned ? `'${addressOf(options)}', { handle: '${address}' }` : `'${address}', { handle: '${options}' }`;
  }
  if (typeof options === 'number') return `'${withPort(address, options)}'`;
  // Who listens is said later: client.subscribe('colour', listener).
  if (typeof options === 'function') return `'${address}'`;
  if (typeof target === 'number') return `'${addressOf('localhost', target)}'`;
  if (!isObject(target) || 'dial' in target) return undefined;
  const { host, port } = target;
  if (host === undefined && port === undefined) return `'${address}', { ${Object.keys(target).join(', ')} }`;
  return `'${addressOf(String(host ?? 'localhost'), port)}'`;
}

/** Whether it is an address rather than a handle. */
function looksLikeHost(text: string): boolean {
  return /[.:/]|^localhost$/.test(text);
}

function withPort(address: string, port: number): string {
  if (!address.includes('://')) return addressOf(address, port);
  const url = new URL(address);
  url.port = `${port}`;
  return url.href;
}

/** An address without the password that stands before the host. */
function withoutSecrets(address: unknown): string {
  return `${address}`.replace(/^(\w+:\/\/)?.*@/, '$1');
}

function adapterSource(target: Target = defaultAddress()): () => Adapter | Promise<Adapter> {
  if (typeof target === 'function') return async () => adapterAt(await target());
  // An address that cannot work is told at once, not at the first attempt.
  const adapter = adapterAt(target);
  return () => adapter;
}

function adapterAt(target: string | URL | Adapter): Adapter {
  try {
    return typeof target === 'object' && 'dial' in target ? target : adapterFor(target);
  } catch (cause) {
    throw new OocsiError('unsupported', `Cannot connect to "${withoutSecrets(target)}". ${advice}`, { cause });
  }
}
