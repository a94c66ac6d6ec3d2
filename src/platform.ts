import type { Dialects } from './core/options';
import { web } from './protocol/web/client';

// What a web page can reach. `platform.node.ts` takes the place of this file in Node.

export const dialects: Dialects = { web };

export const advice = 'Try ws://localhost:9000/ws.';

/** The server that the page came from. */
export function defaultAddress(): string {
  // http: becomes ws:, https: becomes wss:, and what is neither has no server.
  return `${globalThis.location?.origin.replace('http', 'ws')}/ws`;
}

/** The adapter for an address; throws when there is none here. */
export { webSocket as adapterFor } from './adapters/websocket';
