import { adapterFor, advice, defaultAddress, dialects } from '#platform';
import type { Client, ClientOptions } from './core/index';
import { openClient } from './core/index';
import type { AnyChannels, AnyServices } from './core/messaging/index';
import type { Adapter } from './protocol/index';
import { OocsiError } from './protocol/index';
import { checkSignal, reasonOf } from './util/index';

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
  const { signal } = options;
  checkSignal(signal);
  const client = openClient<C, S>(adapterSource(target), dialects, options, true);
  return new Promise((resolve, reject) => {
    const stop = client.on('state', ({ status }) => {
      if (status !== 'connected') return;
      stop();
      resolve(client);
    });
    void client.closed.then((cause) => {
      // Closed without a fault, it was aborted.
      reject(cause ?? reasonOf(signal));
    });
  });
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
    // Without the password that stands before the host.
    const shown = `${target}`.replace(/.*@/, '');
    throw new OocsiError('unsupported', `Cannot connect to "${shown}". ${advice}`, { cause });
  }
}
