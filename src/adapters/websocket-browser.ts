import type { Adapter } from '../protocol/index';
import { devServerAdvice, isLocal, OocsiError } from '../protocol/index';
import { whyDeclined } from './declined-upgrade';
import { webSocketAdapter } from './websocket';
import type { WebSocketLike } from './websocket-like';
import type { WebSocketOptions } from './websocket-options';

// The WebSocket of browsers.

/**
 * An adapter that speaks OOCSI over WebSocket.
 *
 * @param url `ws:` or `wss:`; without a path, `/ws` is meant
 * @param options for Node alone
 * @throws TypeError when the URL is none of these
 * @throws OocsiError `unsupported` for an option
 * @example
 * const oocsi = await connect(webSocket('ws://localhost:9000'));
 */
export function webSocket(url: string | URL, options: WebSocketOptions = {}): Adapter {
  const [option] = Object.keys(options);
  if (option !== undefined)
    throw new OocsiError('unsupported', `A page cannot give a WebSocket "${option}": only Node can.`);
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
  if (token && isOwnHost(address)) address.searchParams.set('token', token);
  return address;
}

/** Whether an address leads to the server that the page came from. */
function isOwnHost({ host }: URL): boolean {
  return host === globalThis.location?.host;
}

/** After so long, in ms, a WebSocket that has not opened may be one of a dev server. */
const suspectAfter = 1_000;

/** The address at which a web server answers where a WebSocket is. */
function httpAddress({ href }: URL): string {
  return href.replace('ws', 'http');
}

function open(url: string, hear: (frame: string) => void): WebSocketLike {
  const address = withToken(url);
  const socket = new WebSocket(address);
  if (isOwnHost(address)) closeUnanswered(socket, address);
  // Frames of bytes are no part of OOCSI.
  socket.addEventListener('message', ({ data }) => typeof data === 'string' && hear(data));
  return socket;
}

/**
 * Dev servers such as Vite never answer a WebSocket that is none of theirs: one that has not opened after a while is closed
 * when the same address has a page, or nothing. An OOCSI server answers 426 there, and a proxy without one 500 and above.
 */
function closeUnanswered(socket: WebSocket, address: URL): void {
  const timer = setTimeout(async () => {
    const answer = await fetch(httpAddress(address)).catch(() => undefined);
    const isNoServer = answer?.ok || answer?.status === 404;
    if (isNoServer && socket.readyState === WebSocket.CONNECTING) socket.close();
  }, suspectAfter);
  for (const event of ['open', 'close']) socket.addEventListener(event, () => clearTimeout(timer));
}

/** What an `error` event is about, which browsers keep to themselves. */
function errorOf(event: object): unknown {
  return event;
}

/** Browsers do not say why a WebSocket failed, so this asks whether anything answers at its address. */
async function whyFailed(url: URL, cause: unknown, signal: AbortSignal): Promise<OocsiError> {
  const answer = await fetch(httpAddress(url), { mode: 'no-cors', signal }).catch(() => undefined);
  if (!answer) {
    const advice =
      url.protocol === 'wss:' ? ` Does this browser trust its certificate? Open ${httpAddress(url)} to see.` : '';
    return new OocsiError('unreachable', `No web server answers at ${url}. Is it running?${advice}`, { cause });
  }
  // Browsers tell the status only of the server that the page came from, and 0 of any other one.
  const { status } = answer;
  const advice = isOwnHost(url) ? `This page came from there, as from ${devServerAdvice}` : 'Is this the right port?';
  const shown = `A web server answers at ${url}, but opens no WebSocket (HTTP ${status || 'status unknown'}).`;
  return (
    whyDeclined(url, { status }, cause) ??
    new OocsiError('protocol', `${shown} ${advice}`, { cause, details: status ? { httpStatus: status } : {} })
  );
}
