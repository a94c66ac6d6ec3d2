import type { Base } from './base';
import { asError } from './errors';
import { channelOf } from './handle';
import type { Message } from './message';

/** How many messages wait at most for those before them. */
const mostHeld = 64;
/** How many streams are remembered at most, of all senders. */
const mostStreams = 1_000;

/** What one sender sends to one channel, as far as it has arrived. */
interface Stream {
  /** The first number that counts here. */
  readonly base: number;
  /** The number that is awaited. */
  awaited: number;
  /** What came before its turn. */
  readonly held: Map<number, Message>;
}

/**
 * Drops what arrives twice of numbered messages. For reliable subscribers it also puts them in order and acknowledges them,
 * and tells by the event `gap` what will never come. See "Acknowledged messages" in PROTOCOL.md.
 */
export function keepOrder({ session, events, compose }: Base): void {
  const streams = new Map<string, Stream>();

  session.divert(({ wireKeys, received: arrived }) => {
    const { recipient, sender } = arrived;
    const [id, number, base] = ['_SID', '_SEQ', '_BASE'].map((key) => wireKeys.get(key));
    if (!isNumber(number)) return false;
    const channel = channelOf(recipient);
    const isReliable = session.relies(recipient);
    const from = Number(base) || 0;
    const place = `${id} ${channel}`;
    const stream = streams.get(place) ?? { base: from || number, awaited: from || number, held: new Map() };
    streams.delete(place);
    streams.set(place, stream);
    for (const oldest of streams.keys()) if (streams.size > mostStreams) streams.delete(oldest);
    const { held } = stream;
    if (number >= stream.awaited && !held.has(number)) {
      held.set(number, arrived);
      if (!isReliable) session.pass(arrived);
    }
    let missed = 0;
    for (;;) {
      const ready = held.get(stream.awaited);
      // The sender gives up what is before its base, and this client what too many wait for.
      const reached = ready ? stream.awaited + 1 : Math.min(held.size > mostHeld ? Infinity : from, ...held.keys());
      if (reached <= stream.awaited) break;
      if (!ready) missed += reached - stream.awaited;
      held.delete(stream.awaited);
      stream.awaited = reached;
      if (ready && isReliable) session.pass(ready);
    }
    if (!isReliable) return true;
    if (missed) events.emit('gap', { channel, sender, missed });
    try {
      const posted = compose(sender, {}, { _ACK: [id, stream.awaited - 1, stream.base] });
      session.outbound.post(posted, 'keep');
    } catch (thrown) {
      events.fault(asError(thrown));
    }
    return true;
  });
}

/** One that has a next one: where numbers are too large to be counted on, all that comes would be held for ever. */
function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
