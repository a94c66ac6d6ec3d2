import type { Link, LinkEvents } from '../../protocol/index';
import { createCounts } from '../config/index';
import type { Peer, Subscriber } from '../domain/index';
import { createConnection } from './session';
import type { Hub } from './session-host';

/**
 * All whom a message can be sent to by a handle: clients, and helpers. Helpers are parts of the server, such as `echo`:
 * messages reach them, and nobody else can have their handles; but they are listed nowhere, for they are no guests, and no
 * limit counts them.
 */
export interface Handles extends Pick<ReadonlyMap<string, Subscriber>, 'has' | 'get'> {
  isHelper(handle: string): boolean;
  /** Lets a helper in. */
  attach(handle: string, hub: Hub, link: Link, peer?: Peer): LinkEvents;
}

export function createHandles(clients: ReadonlyMap<string, Subscriber>): Handles {
  const helpers = new Map<string, Subscriber>();
  return {
    has: (handle) => clients.has(handle) || helpers.has(handle),
    get: (handle) => clients.get(handle) ?? helpers.get(handle),
    isHelper: (handle) => helpers.has(handle),
    attach(handle, hub, link, peer = {}) {
      const inside: Hub = {
        ...hub,
        // What they pass on has been measured already, and with their words around it it may be longer.
        limits: { ...hub.limits, line: Number.POSITIVE_INFINITY },
        // What they say to the server is no traffic of clients.
        counts: createCounts(),
        awaitHandshake: () => () => undefined,
        rate: () => undefined,
        admit(connection, _asked, decided) {
          helpers.set(handle, connection);
          decided(handle);
        },
        joined: () => undefined,
        remove: () => helpers.delete(handle),
      };
      const helper = createConnection(inside, 'web', link, peer);
      helper.frame(handle);
      return helper;
    },
  };
}
