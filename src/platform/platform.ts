import type { TcpOptions } from '../adapters/tcp';
import type { WebSocketOptions } from '../adapters/websocket-options';
import type { Dialects } from '../protocol/dialect';
import type { Adapter } from '../protocol/link';

/** What one platform can reach: `browser.ts` and `node.ts` are both this. Which one is `#platform` says package.json. */
export interface Platform {
  /** The dialects that are spoken here. */
  readonly dialects: Dialects;
  /** Which addresses work here, for errors. */
  readonly advice: string;
  /** Where the server is when nobody says so. */
  defaultAddress(): string;
  /** The address of a server, for errors; `port` is what was given as one. */
  addressOf(host: string, port?: unknown): string;
  /** The adapter for an address; throws when there is none here. */
  adapterFor(address: string | URL): Adapter;
  webSocket(url: string | URL, options?: WebSocketOptions): Adapter;
  tcp(options?: TcpOptions): Adapter;
}

/** Does not compile when a platform lacks something. */
export type Platforms = [Checked<typeof import('./browser')>, Checked<typeof import('./node')>];
type Checked<P extends Platform> = P;
