import type { Posted } from '../../protocol/index';
import type { Clock } from '../../util/index';
import { checkOptions } from '../../util/index';
import type { DropReason } from './events';

/** How much waits for a connection, and how long. */
export interface OutboxOptions {
  /** How many messages wait at most; beyond that the oldest go. 0: none waits. @default 1_000 */
  readonly size?: number | undefined;
  /** How many bytes they may have together. @default 1_048_576 */
  readonly bytes?: number | undefined;
  /** How long a message waits, in ms. @default 30_000 */
  readonly ttl?: number | undefined;
  /** How many bytes the connection may hold that have not left yet; beyond that messages wait here. @default 16_777_216 */
  readonly highWater?: number | undefined;
}

/**
 * What to do with a message while there is no connection: `queue` it; keep only the `latest` with the same recipient and
 * keys; or `drop` it.
 */
export type WhenOffline = 'queue' | 'latest' | 'drop';

/**
 * What became of a message: `'sent'`, handed to the connection within this turn (which is no receipt); `'queued'`, it waits
 * for a connection or, here or at the server, for its time; or `'dropped'`, and the event `dropped` tells it, too.
 */
export type Sent = 'sent' | 'queued' | 'dropped';

/** How often a link that took no more is asked again, in ms. */
const drainTime = 20;

/** Messages that wait for a connection. */
export interface Outbox {
  /** Hands a message to the link, or does as `mode` says; `keep` has no bounds: who posts it takes it back in time. */
  post(posted: Posted, mode: WhenOffline | 'keep'): Sent;
  /** Whether a message still waits. */
  holds(posted: Posted | undefined): boolean;
  /** Takes a message back, if it still waits. */
  withdraw(posted: Posted | undefined): void;
  /** Hands over what waits, in order, as far as the link takes it. */
  flush(): void;
  /** Drops what waits, and whatever is posted later. */
  end(): void;
}

/**
 * @param send hands a message to the link; false when more than `highWater` waits there, undefined when there is none
 * @param dropped told of what will never be sent
 * @param missed told when a message could not be handed over at once
 */
export function createOutbox(
  clock: Clock,
  options: OutboxOptions,
  send: (posted: Posted, highWater: number) => boolean | undefined,
  dropped: (posted: Posted, reason: DropReason) => void,
  missed: () => void,
): Outbox {
  checkOptions(options, ['size', 'bytes', 'ttl', 'highWater'], 'outbox');
  const { size = 1_000, bytes = 2 ** 20, ttl = 30_000, highWater = 2 ** 24 } = options;
  /** What keeps each message from expiring, in the order they were posted; `keep` has none. */
  const waiting = new Map<Posted, (() => void) | undefined>();
  let count = 0;
  let total = 0;
  let isOver = false;
  let stopDraining = (): void => {};

  function remove(posted: Posted, reason?: DropReason): void {
    const cancel = waiting.get(posted);
    if (!waiting.delete(posted)) return;
    if (cancel) {
      cancel();
      count--;
      total -= posted.json.length;
    }
    if (reason) dropped(posted, reason);
  }

  function removeAll(reason: DropReason, isToGo: (posted: Posted) => boolean): void {
    for (const posted of waiting.keys()) if (isToGo(posted)) remove(posted, reason);
  }

  function isSent(posted: Posted): boolean {
    const result = send(posted, highWater);
    if (result === false) {
      stopDraining();
      // Links do not tell when they take more, so they are asked again and again.
      stopDraining = clock.after(drainTime, flush);
    }
    return !!result;
  }

  function flush(): void {
    for (const posted of waiting.keys()) {
      if (!isSent(posted)) break;
      remove(posted);
    }
  }

  return {
    post(posted, mode) {
      if (waiting.size === 0 && isSent(posted)) return 'sent';
      missed();
      if (isOver || mode === 'drop') {
        dropped(posted, isOver ? 'closed' : 'offline');
        return 'dropped';
      }
      if (mode === 'latest') removeAll('replaced', (other) => placeOf(other) === placeOf(posted));
      if (mode === 'keep') waiting.set(posted, undefined);
      else {
        waiting.set(
          posted,
          clock.after(ttl, () => remove(posted, 'expired')),
        );
        count++;
        total += posted.json.length;
      }
      for (const [oldest, cancel] of waiting) {
        if (count <= size && total <= bytes) break;
        if (cancel) remove(oldest, 'overflow');
      }
      return waiting.has(posted) ? 'queued' : 'dropped';
    },
    holds: (posted) => posted !== undefined && waiting.has(posted),
    withdraw(posted) {
      if (posted) remove(posted);
    },
    flush,
    end() {
      isOver = true;
      stopDraining();
      removeAll('closed', () => true);
    },
  };
}

/** What a newer message must have in common with an older one to take its place: recipient and keys. */
function placeOf({ outgoing: { recipient, data } }: Posted): string {
  const keys = Object.entries(data).flatMap(([key, value]) => (value === undefined ? [] : key));
  return [recipient, ...keys.sort()].join(' ');
}
