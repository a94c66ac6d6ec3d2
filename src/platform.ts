import { webSocket } from './adapters/websocket';
import type { Adapter } from './core/link';

// What a web page can reach. `platform.node.ts` takes the place of this file in Node.

export const advice = "A web page reaches OOCSI servers by ws:// or wss://, as in connect('ws://localhost:9000/ws').";

/** The server that the page came from; undefined for a page without one, such as a file. */
export function defaultAddress(): string | undefined {
  const { protocol, host } = globalThis.location ?? {};
  return host ? `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/ws` : undefined;
}

/** The adapter for an address; undefined when there is none here. */
export function adapterFor(address: string): Adapter | undefined {
  return /^wss?:\/\/[^/]/i.test(address) ? webSocket(address) : undefined;
}
