import { type Adapter, type Link, normalClosure, type OocsiError } from '../protocol/index';
import type { WebSocketLike } from './websocket-like';

/** The WebSockets of one platform. */
export interface WebSockets {
  /** @throws OocsiError `unsupported` when this platform would block the address without saying so */
  checkAllowed(url: URL): void;
  /** @param hear told of each text frame; frames of bytes are no part of OOCSI */
  open(url: string, hear: (frame: string) => void): WebSocketLike;
  /** What an `error` event is about. */
  errorOf(event: object): unknown;
  /** Why a WebSocket did not open, for people. */
  whyFailed(url: URL, cause: unknown, signal: AbortSignal): Promise<OocsiError>;
}

/**
 * An adapter that speaks OOCSI over the WebSockets of a platform.
 *
 * @param url `ws:` or `wss:`; without a path, `/ws` is meant
 * @throws TypeError when the URL is none of these
 */
export function webSocketAdapter(url: string | URL, sockets: WebSockets): Adapter {
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
      sockets.checkAllowed(address);
      const socket = sockets.open(href, events.frame);
      return new Promise<Link>((resolve, reject) => {
        let failure: unknown;
        let isOpen = false;
        const close = (): void => socket.close(normalClosure);
        signal.addEventListener('abort', () => {
          reject(signal.reason);
          close();
        });
        // Stays bound to the end: in Node an error that nobody hears ends the process.
        socket.addEventListener('error', async (event) => {
          failure = sockets.errorOf(event);
          if (!isOpen) reject(await sockets.whyFailed(address, failure, signal));
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
