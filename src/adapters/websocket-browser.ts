import type { Adapter } from '../protocol/index';
import { isLocal, OocsiError } from '../protocol/index';
import { webSocketAdapter } from './websocket';
import type { WebSocketLike } from './websocket-like';

// The WebSocket of browsers.

/**
 * An adapter that speaks OOCSI over WebSocket.
 *
 * @param url `ws:` or `wss:`; without a path, `/ws` is meant
 * @throws TypeError when the URL is none of these
 * @example
 * const oocsi = await connect(webSocket('ws://localhost:9000'));
 */
export function webSocket(url: string | URL): Adapter {
  return webSocketAdapter(url, { checkAllowed, open, errorOf, whyFailed });
}

/** @throws OocsiError `unsupported` when the browser would block this address without saying so */
function checkAllowed({ protocol, href, host }: URL): void {
  if (protocol === 'wss:' || isLocal(href) || globalThis.location?.protocol !== 'https:') return;
  throw new OocsiError('unsupported', `Use wss://${host}, or open the page by http.`);
}

/** A page that the server itself handed out has a token in it, by which it may come back. */
function withToken(url: string): URL {
  const address = new URL(url);
  const token = globalThis.document?.querySelector<HTMLMetaElement>('meta[name=oocsi-token]')?.content;
  if (token && address.host === location.host) address.searchParams.set('token', token);
  return address;
}

function open(url: string, hear: (frame: string) => void): WebSocketLike {
  const socket = new WebSocket(withToken(url));
  // Frames of bytes are no part of OOCSI.
  socket.addEventListener('message', ({ data }) => typeof data === 'string' && hear(data));
  return socket;
}

/** What an `error` event is about, which browsers keep to themselves. */
function errorOf(event: object): unknown {
  return event;
}

/** Browsers do not say why a WebSocket failed, so this asks whether anything answers at its address. */
async function whyFailed(url: URL, cause: unknown, signal: AbortSignal): Promise<OocsiError> {
  const answer = await fetch(url.href.replace('ws', 'http'), { mode: 'no-cors', signal }).catch(() => undefined);
  if (!answer) return new OocsiError('unreachable', `No web server answers at ${url}. Is it running?`, { cause });
  // Browsers tell the status only of the server that the page came from, and 0 of any other one.
  const { status } = answer;
  const isFull = status === 503;
  const shown = `A web server answers at ${url}, but opens no WebSocket (HTTP ${status || 'status unknown'}).`;
  return new OocsiError(
    isFull ? 'refused' : 'protocol',
    `${shown} ${isFull ? 'It takes no more clients now.' : 'Is this the right port?'}`,
    { cause, details: { ...(status && { httpStatus: status }), ...(isFull && { refusal: 'unavailable' }) } },
  );
}
