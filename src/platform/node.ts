import { tcp } from '../adapters/tcp';
import { webSocket } from '../adapters/websocket-node';
import type { Dialects } from '../protocol/dialect';
import { createNestedReader } from '../protocol/envelope-reader';
import { createLine } from '../protocol/line/client';
import type { Adapter } from '../protocol/link';
import { web } from '../protocol/web/client';

// What Node can reach.

export { tcp, webSocket };

export const dialects: Dialects = {
  get web() {
    return { ...web, readMessage: createNestedReader() };
  },
  get line() {
    return createLine();
  },
};

export const advice =
  "Node reaches OOCSI servers by ws://, wss://, tcp://, tls:// or a bare host name, as in connect('localhost') or connect('ws://localhost:9000/ws').";

export function defaultAddress(): string {
  return 'tcp://localhost:4444';
}

export function addressOf(host: string, port?: unknown): string {
  return port === undefined ? host : `${host}:${port}`;
}

export function adapterFor(address: string | URL): Adapter {
  const text = String(address);
  const url = new URL(text.includes('://') ? text : `tcp://${text}`);
  const { protocol, hostname, port, pathname, username } = url;
  if (/^wss?:$/.test(protocol)) return webSocket(url);
  const odd = username !== '' || pathname.length > 1 || /^\d*$/.test(hostname);
  if (!/^(tcp|tls):$/.test(protocol) || odd) throw new TypeError('no address of a server');
  // The brackets around an IPv6 address belong to its spelling in an URL, not to the address.
  const host = hostname.replace(/^\[|\]$/g, '');
  return tcp({ host, port: port === '' ? undefined : Number(port), tls: protocol === 'tls:' });
}
