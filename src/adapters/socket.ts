import { OocsiError } from '../core/errors';
import type { WebSocketLike } from './websocket';

// The browser's own WebSocket. `socket.node.ts` takes the place of this file in Node.

/** Why the page may not even try; undefined when it may. */
export function blocked({ protocol, hostname, host }: URL): string | undefined {
  const loopback = /^(localhost|.*\.localhost|127\..*|\[::1\])$/.test(hostname);
  if (protocol === 'wss:' || loopback || globalThis.location?.protocol !== 'https:') return undefined;
  return `This page came by https, so the browser lets it use wss:// only, but ${host} was asked for by ws://. Give the server a certificate and use wss://${host}, or open the page by http.`;
}

export function openSocket(url: string, protocols: string[]): WebSocketLike {
  if (!globalThis.WebSocket) {
    throw new OocsiError(
      'unsupported',
      'There is no WebSocket here. In Node, import "oocsi-client" without the condition "browser".',
    );
  }
  return new globalThis.WebSocket(url, protocols);
}

/** Browsers do not say why a WebSocket failed, so this asks whether anything answers at its address. */
export async function whyFailed(url: URL, cause: unknown, signal: AbortSignal): Promise<OocsiError> {
  const web = Object.assign(new URL(url), { protocol: url.protocol === 'wss:' ? 'https:' : 'http:' });
  const answers = await fetch(web, { mode: 'no-cors', cache: 'no-store', signal }).then(
    () => true,
    () => false,
  );
  return answers
    ? new OocsiError(
        'protocol',
        `A web server answers at ${url.host}, but ${url} is no OOCSI server. Check port and path.`,
        { cause },
      )
    : new OocsiError('unreachable', `Nothing answers at ${url}. Is the server running, and are host and port right?`, {
        cause,
      });
}
