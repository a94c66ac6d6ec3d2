import { OocsiError } from '../core/errors';
import type { Adapter, Link } from '../core/link';
import { blocked, openSocket, whyFailed } from './socket';

/** As much of a WebSocket as is needed here: no user needs the types of a page, or of `ws`, to use ours. */
export interface WebSocketLike {
  readonly bufferedAmount: number;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'error', listener: (event: object) => void): void;
  addEventListener(type: 'close', listener: (event: CloseLike) => void): void;
  send(frame: string): void;
  close(code?: number): void;
}

interface CloseLike {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** Options of {@link webSocket}. */
export interface WebSocketOptions {
  /** Subprotocols to offer, for a server behind something that wants one. @default none */
  readonly protocols?: string | readonly string[];
}

/**
 * An adapter that speaks OOCSI over WebSocket.
 *
 * @param url `ws:` or `wss:`; without a path, `/ws` is meant
 * @throws OocsiError `unsupported` when the URL is none of these
 * @example
 * const oocsi = await connect(webSocket('ws://localhost:9000'));
 */
export function webSocket(url: string | URL, { protocols = [] }: WebSocketOptions = {}): Adapter {
  const address = addressOf(url);
  return {
    name: address.href,
    dialect: 'web',
    async dial(events, signal) {
      signal.throwIfAborted();
      const reason = blocked(address);
      if (reason) throw new OocsiError('unsupported', reason);
      const socket = openSocket(address.href, [protocols].flat());
      return new Promise<Link>((resolve, reject) => {
        let opened = false;
        let failure: unknown;
        const abort = (): void => {
          reject(signal.reason);
          socket.close();
        };
        signal.addEventListener('abort', abort);
        // Stays bound to the end: in Node an error that nobody hears ends the process.
        socket.addEventListener('error', (event) => {
          if ('error' in event) failure = event.error;
        });
        socket.addEventListener('open', () => {
          opened = true;
          signal.removeEventListener('abort', abort);
          resolve(linkOn(socket));
        });
        socket.addEventListener('message', ({ data }) => {
          // Frames of bytes are no part of OOCSI.
          if (typeof data === 'string') events.frame(data);
        });
        socket.addEventListener('close', ({ code, reason, wasClean }) => {
          signal.removeEventListener('abort', abort);
          if (!opened) void whyFailed(address, failure, signal).then(reject);
          else if (wasClean && code <= 1001) events.close();
          else events.close(failure ?? new Error(`WebSocket closed: ${code} ${reason}`.trim()));
        });
      });
    },
  };
}

function linkOn(socket: WebSocketLike): Link {
  return {
    send: (frame) => socket.send(frame),
    close: () => socket.close(1000),
    get buffered() {
      return socket.bufferedAmount;
    },
  };
}

function addressOf(url: string | URL): URL {
  let address: URL;
  try {
    address = new URL(url);
  } catch (cause) {
    throw new OocsiError('unsupported', `"${url}" is no address such as ws://localhost:9000/ws.`, { cause });
  }
  if (address.protocol !== 'ws:' && address.protocol !== 'wss:') {
    throw new OocsiError('unsupported', `"${url}" is no WebSocket address: it must start with ws:// or wss://.`);
  }
  if (address.pathname === '/') address.pathname = '/ws';
  // WebSocket addresses have none, and older browsers throw on it.
  address.hash = '';
  return address;
}
