import type { Dialects } from '../protocol/dialect';
import { OocsiError } from '../protocol/errors';
import type { Adapter } from '../protocol/link';
import { web } from '../protocol/web/client';

// What web pages, workers and everything else can reach that is not Node.

export { webSocket, webSocket as adapterFor } from '../adapters/websocket-browser';

export const dialects: Dialects = { web };

export const advice = 'Try ws://localhost:9000/ws.';

/** The server that the page came from. */
export function defaultAddress(): string {
  // http: becomes ws:, https: becomes wss:, and what is neither has no server.
  return `${globalThis.location?.origin.replace('http', 'ws')}/ws`;
}

export function addressOf(host: string, port: unknown = 9000): string {
  return host.includes('/') ? host : `ws://${host}:${port}/ws`;
}

/** Says what is wrong, so that a bundle builds. */
export function tcp(_options?: object): Adapter {
  throw new OocsiError('unsupported', "A web page cannot speak TCP: use connect('ws://localhost:9000/ws').");
}
