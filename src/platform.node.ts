import { tcp } from './adapters/tcp';
import { webSocket } from './adapters/websocket';
import type { Adapter } from './core/link';

// What Node can reach. It takes the place of `platform.ts` there.

export const advice =
  "Node reaches OOCSI servers by ws://, wss://, tcp://, tls:// or a bare host name, as in connect('localhost') or connect('ws://localhost:9000/ws').";

export function defaultAddress(): string | undefined {
  return 'tcp://localhost:4444';
}

export function adapterFor(address: string): Adapter | undefined {
  const text = address.includes('://') ? address : `tcp://${address}`;
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(text);
  if (hostname === '') return undefined;
  if (protocol === 'ws:' || protocol === 'wss:') return webSocket(text);
  if ((protocol !== 'tcp:' && protocol !== 'tls:') || pathname.length > 1) return undefined;
  // The brackets around an IPv6 address belong to its spelling in an URL, not to the address.
  const host = hostname.replace(/^\[|\]$/g, '');
  return tcp({ host, port: port === '' ? undefined : Number(port), tls: protocol === 'tls:' });
}
