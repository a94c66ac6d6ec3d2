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

type OutboxLimits = { readonly [K in keyof OutboxOptions]-?: number };

/** What an outbox hands messages to. */
export interface OutboxOwner {
  /** Hands a message to the link; false when more than `highWater` bytes wait there, undefined when there is no link. */
  transmit(posted: Posted, highWater: number): boolean | undefined;
  /** A message will never be sent. */
  dropped(posted: Posted, reason: DropReason): void;
  /** A message could not be handed over at once. */
  delayed(): void;
}

/** Messages that wait for a connection. */
export class Outbox {
  readonly #clock: Clock;
  readonly #owner: OutboxOwner;
  readonly #limits: OutboxLimits;
  /**
   * What keeps each message from expiring, in the order they were posted; messages that were posted with `keep` have none.
   * Made with the first message that waits.
   */
  #waiting: Map<Posted, (() => void) | undefined> | undefined;
  #count = 0;
  #total = 0;
  #isOver = false;
  #stopDraining: (() => void) | undefined;

  constructor(clock: Clock, options: OutboxOptions, owner: OutboxOwner) {
    checkOptions(options, ['size', 'bytes', 'ttl', 'highWater'], 'outbox');
    const { size = 1_000, bytes = 2 ** 20, ttl = 30_000, highWater = 2 ** 24 } = options;
    this.#clock = clock;
    this.#owner = owner;
    this.#limits = { size, bytes, ttl, highWater };
  }

  /** Hands a message to the link, or does as `mode` says; `keep` has no bounds: who posts it takes it back in time. */
  post(posted: Posted, mode: WhenOffline | 'keep'): Sent {
    if (!this.#waiting?.size && this.#isSent(posted)) return 'sent';
    this.#owner.delayed();
    if (this.#isOver || mode === 'drop') {
      this.#owner.dropped(posted, this.#isOver ? 'closed' : 'offline');
      return 'dropped';
    }
    if (mode === 'latest') this.#removeAll('replaced', (other) => placeOf(other) === placeOf(posted));
    this.#add(posted, mode === 'keep');
    this.#removeOverflow();
    return this.holds(posted) ? 'queued' : 'dropped';
  }

  /** Whether a message still waits. */
  holds(posted: Posted | undefined): boolean {
    return posted !== undefined && this.#waiting?.has(posted) === true;
  }

  /** Takes a message back, if it still waits. */
  withdraw(posted: Posted | undefined): void {
    if (posted) this.#remove(posted);
  }

  /** Hands over what waits, in order, as far as the link takes it. */
  flush(): void {
    for (const posted of this.#waiting?.keys() ?? []) {
      if (!this.#isSent(posted)) break;
      this.#remove(posted);
    }
  }

  /** Drops what waits, and whatever is posted later. */
  end(): void {
    this.#isOver = true;
    this.#stopDraining?.();
    this.#removeAll('closed', () => true);
  }

  #isSent(posted: Posted): boolean {
    const result = this.#owner.transmit(posted, this.#limits.highWater);
    if (result === false) {
      this.#stopDraining?.();
      // Links do not tell when they take more, so they are asked again and again.
      this.#stopDraining = this.#clock.after(drainTime, () => this.flush());
    }
    return result === true;
  }

  #add(posted: Posted, isKept: boolean): void {
    this.#waiting ??= new Map();
    if (isKept) {
      this.#waiting.set(posted, undefined);
      return;
    }
    const cancel = this.#clock.after(this.#limits.ttl, () => this.#remove(posted, 'expired'));
    this.#waiting.set(posted, cancel);
    this.#count++;
    this.#total += posted.json.length;
  }

  #removeOverflow(): void {
    for (const [oldest, cancel] of this.#waiting ?? []) {
      if (this.#count <= this.#limits.size && this.#total <= this.#limits.bytes) break;
      if (cancel) this.#remove(oldest, 'overflow');
    }
  }

  #remove(posted: Posted, reason?: DropReason): void {
    const cancel = this.#waiting?.get(posted);
    if (!this.#waiting?.delete(posted)) return;
    if (cancel) {
      cancel();
      this.#count--;
      this.#total -= posted.json.length;
    }
    if (reason) this.#owner.dropped(posted, reason);
  }

  #removeAll(reason: DropReason, isToGo: (posted: Posted) => boolean): void {
    for (const posted of this.#waiting?.keys() ?? []) if (isToGo(posted)) this.#remove(posted, reason);
  }
}

/** What a newer message must have in common with an older one to take its place: recipient and keys. */
function placeOf({ outgoing: { recipient, data } }: Posted): string {
  const keys = Object.entries(data).flatMap(([key, value]) => (value === undefined ? [] : key));
  return [recipient, ...keys.sort()].join(' ');
}
