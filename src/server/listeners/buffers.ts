import type { BufferHolder, OutboundQueue } from '../flow/index';
import { SlowConsumerError } from '../flow/index';
import type { ConnectionGate, SocketAddress } from './connection-gate';

/**
 * What the connection of a client holds: what came in and is not whole, or waits, and what is to leave.
 *
 * @param incoming gives the bytes of what came in
 */
export function holderOf(
  place: SocketAddress,
  gate: ConnectionGate,
  link: OutboundQueue,
  incoming: () => number,
): BufferHolder {
  return {
    get own() {
      return incoming();
    },
    get shared() {
      return link.waiting;
    },
    cut(reason) {
      if (link.buffered > incoming()) link.cut(new SlowConsumerError(reason, link.buffered));
      else gate.cut(place, reason);
    },
  };
}
