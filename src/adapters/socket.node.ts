import WebSocket from 'isomorphic-ws';
import { OocsiError, textOf } from '../core/errors';
import { whyUnreachable } from './unreachable.node';
import type { WebSocketLike } from './websocket-like';

// Node's WebSocket. It takes the place of `socket.ts` there.

const options = {
  perMessageDeflate: false,
  /** How long a socket that was closed waits for the other side, in ms. */
  closeTimeout: 5_000,
};

/** Node blocks nothing. */
export function checkAllowed(_url: URL): void {}

export function openSocket(url: string): WebSocketLike {
  return new WebSocket(url, options);
}

export async function whyFailed(url: URL, cause: unknown, _signal: AbortSignal): Promise<OocsiError> {
  const text = textOf(cause);
  // What `ws` says when a web server declines, or when what answers is no web server at all.
  if (!/^(Unexpected server response|Parse Error|Invalid|Missing|socket hang up)/.test(text))
    return whyUnreachable(url.href, cause);
  const hint = url.port === '4444' ? ' 4444 is usually the port for TCP: try 9000, or tcp:// in Node.' : '';
  return new OocsiError(
    'protocol',
    `Something answers at ${url.host}, but ${url} is no OOCSI server (${text}). Check port and path.${hint}`,
    { cause },
  );
}
