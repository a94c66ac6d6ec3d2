import type { Adapter, Link } from '../protocol/link';
import { checkAllowed, faultOf, openSocket, whyFailed } from './socket';

/**
 * An adapter that speaks OOCSI over WebSocket.
 *
 * @param url `ws:` or `wss:`; without a path, `/ws` is meant
 * @throws TypeError when the URL is none of these
 * @example
 * const oocsi = await connect(webSocket('ws://localhost:9000'));
 */
export function webSocket(url: string | URL): Adapter {
  const address = new URL(url);
  if (!/^wss?:$/.test(address.protocol)) throw new TypeError('not ws: or wss:');
  if (address.pathname === '/') address.pathname = '/ws';
  // WebSocket addresses have none, and older browsers throw on it.
  address.hash = '';
  const { href } = address;
  // What people read shows no password and no token.
  address.password = '';
  address.search = '';
  const name = address.href;
  return {
    name,
    dialect: 'web',
    async dial(events, signal) {
      signal.throwIfAborted();
      checkAllowed(address);
      const socket = openSocket(href, events.frame);
      return new Promise<Link>((resolve, reject) => {
        let failure: unknown;
        let isOpen = false;
        const close = (): void => socket.close(1000);
        signal.addEventListener('abort', () => {
          reject(signal.reason);
          close();
        });
        // Stays bound to the end: in Node an error that nobody hears ends the process.
        socket.addEventListener('error', async (event) => {
          failure = faultOf(event);
          if (!isOpen) reject(await whyFailed(address, failure, signal));
        });
        socket.addEventListener('open', () => {
          isOpen = true;
          socket.addEventListener('close', (event) => {
            const { wasClean, code, reason } = event;
            events.close(wasClean ? undefined : (failure ?? event), { closeCode: code, closeReason: reason });
          });
          resolve({
            send: (frame) => socket.send(frame),
            close,
            get buffered() {
              return socket.bufferedAmount;
            },
          });
        });
      });
    },
  };
}
