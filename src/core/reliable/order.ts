import type { Message } from '../../protocol/index';
import { asError, channelOf } from '../../protocol/index';
import type { ClientContext } from '../messaging/index';

/** How many messages wait at most for those before them. */
const mostHeld = 64;
/** How many streams are remembered of each sender: nobody makes this client forget what others send. */
const mostStreams = 1_000;
/** How many are remembered of all senders together. */
const mostInAll = 100_000;
/** The longest id of a stream, in characters; ours have at most 27. */
const longestId = 100;

/** What one sender sends to one channel, as far as it has arrived. */
interface Stream {
  /** Who sent the first message of it; it goes on under whatever handle its sender comes back. */
  readonly owner: string;
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
export function keepOrder(context: ClientContext): void {
  const { session, events } = context;
  const streams = createStreams();

  session.divert(({ wireKeys, received: arrived }) => {
    const { recipient, sender } = arrived;
    const number = wireKeys.get('_SEQ');
    if (!isNumber(number)) return false;
    const [id, base] = [wireKeys.get('_SID'), wireKeys.get('_BASE')];
    if (!isId(id)) return false;
    const channel = channelOf(recipient);
    const isReliable = session.relies(recipient);
    const from = Number(base) || 0;
    const stream = streams.at(`${id} ${channel}`, sender, from || number);
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
      const posted = context.compose(sender, {}, { _ACK: [id, stream.awaited - 1, stream.base] });
      session.outbound.post(posted, 'keep');
    } catch (thrown) {
      events.error(asError(thrown));
    }
    return true;
  });
}

/** One that has a next one: where numbers are too large to be counted on, all that comes would be held for ever. */
function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isId(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && value.length <= longestId);
}

interface Streams {
  /** The stream that is known by `place`, or a new one of `owner`, who then may have to give up another one. */
  at(place: string, owner: string, first: number): Stream;
}

/** Streams, each bounded by who began it, so that nobody pushes out those of others. */
function createStreams(): Streams {
  const byPlace = new Map<string, Stream>();
  /** The places of each sender; senders and places both in the order in which they were last heard of. */
  const byOwner = new Map<string, Set<string>>();

  /** Forgets the stream of `owner` that was not heard of for longest. */
  function forgetOne(owner: string, places: Set<string>): void {
    for (const oldest of places) {
      places.delete(oldest);
      byPlace.delete(oldest);
      break;
    }
    if (places.size === 0) byOwner.delete(owner);
  }

  return {
    at(place, sender, first) {
      const stream = byPlace.get(place) ?? { owner: sender, base: first, awaited: first, held: new Map() };
      const { owner } = stream;
      const places = byOwner.get(owner) ?? new Set();
      places.delete(place);
      places.add(place);
      byOwner.delete(owner);
      byOwner.set(owner, places);
      byPlace.set(place, stream);
      if (places.size > mostStreams) forgetOne(owner, places);
      // Who brings much gives it up first; else it is who was not heard of for longest.
      if (byPlace.size > mostInAll) {
        const [silent] = byOwner;
        if (places.size > 1 || !silent) forgetOne(owner, places);
        else forgetOne(...silent);
      }
      return stream;
    },
  };
}
