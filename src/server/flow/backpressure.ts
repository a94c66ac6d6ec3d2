import { type Clock, createTicker, type Ticker } from '../../util/index';
import type { ServerLimits } from '../config/index';
import { Budget } from './budget';
import { FairScheduler, type Scheduler } from './fair-scheduler';
import { FlushScheduler } from './flush-scheduler';

/** The limits that this is about. */
export type BackpressureLimits = Pick<ServerLimits, 'stall' | 'queue' | 'writeDeadline' | 'buffers'>;

/** A queue fills from the first limit to the second one in so many ms; nobody has to wait for a queue that fills slower. */
const fillTime = 250;
/** How long senders are held at a time, in ms. */
const longestHold = 100;
/** How long they are held for a recipient that has taken nothing for that long already, in ms. */
const lastHold = 2;
/** A queue may be so many times its limit when very many senders write to one recipient at once. */
const longestQueue = 256;
const fellBehind = 'did not keep up with what was sent to it';
const lookEvery = 1_000;

/** The error of a link that was cut because its client did not take what was sent to it. */
export class SlowConsumerError extends Error {
  override readonly name = 'SlowConsumerError';

  constructor(
    /** What was too much, in words. */
    readonly reason: string,
    /** Bytes that were still to leave. */
    readonly waiting: number,
  ) {
    super(`${reason}, with ${waiting} bytes waiting for it`);
  }
}

/** Is told when a source begins to hand over frames, and when it ends. */
export interface WorkObserver {
  begin(): void;
  end(): void;
}

/** Where frames come from; while it is held, it hands over none. */
export interface Source {
  hold(): void;
  release(): void;
}

/** A link that does not take everything at once. */
export interface Receiver {
  /** Bytes that wait for it. */
  readonly buffered: number;
  cut(reason: SlowConsumerError): void;
}

/** A time in which a receiver is full. */
interface Congestion {
  readonly since: number;
  /** The sources that are held because of it. */
  readonly held: Set<Source>;
  heldSince: number;
  /** Cancels the timer that ends the current hold. */
  cancel: (() => void) | undefined;
}

/** Calls a task after the event loop has looked at every socket once. */
export const nextTurn = (task: () => void): void => void setImmediate(task);

/** What a {@link Backpressure} works with. */
export interface BackpressureParts {
  readonly clock: Clock;
  readonly limits: BackpressureLimits;
  readonly observer?: WorkObserver;
  readonly scheduler?: Scheduler;
}

/**
 * Keeps the links of one server from harming each other: a source that writes to a full receiver is held, and a receiver that
 * takes nothing is cut.
 */
export class Backpressure {
  /** What all connections may hold together. */
  readonly budget: Budget;
  /** When which source hands over its frames. */
  readonly scheduler: Scheduler;
  /** When which link writes what it has collected. */
  readonly flushes: FlushScheduler;
  readonly #clock: Clock;
  readonly #limits: BackpressureLimits;
  readonly #observer: WorkObserver | undefined;
  readonly #congestions = new Map<Receiver, Congestion>();
  /** Since when each receiver that has something to take has taken nothing, by the monotonic clock. */
  readonly #waiting = new Map<Receiver, number>();
  readonly #watch: Ticker;
  #current: Source | undefined;

  constructor({ clock, limits, observer, scheduler = new FairScheduler(clock, nextTurn) }: BackpressureParts) {
    this.#clock = clock;
    this.#limits = limits;
    this.#observer = observer;
    this.scheduler = scheduler;
    this.budget = new Budget(limits.buffers, nextTurn);
    this.flushes = new FlushScheduler(clock, nextTurn);
    this.#watch = createTicker(clock, lookEvery, () => this.#cutFrozen());
  }

  /**
   * When more bytes than this wait for a receiver, sources that write to it may be held. It is less while all connections
   * together hold nearly as much as they may.
   */
  get fullAt(): number {
    const { stall, queue } = this.#limits;
    return Math.min(stall, queue, this.budget.share);
  }

  /** From now on, until {@link endWork}, this source hands over frames: it is the one to hold when a receiver is full. */
  beginWork(source: Source): void {
    this.#current = source;
    this.scheduler.begin();
    this.#observer?.begin();
  }

  endWork(): void {
    this.#observer?.end();
    this.#current = undefined;
  }

  /** More than {@link fullAt} waits for a receiver, and something was added. */
  full(receiver: Receiver): void {
    if (receiver.buffered > this.#limits.queue * longestQueue) return this.#cut(receiver, fellBehind);
    const congestion = this.#congestionOf(receiver);
    if (!congestion.cancel) {
      congestion.heldSince = this.#clock.monotonic();
      if (!this.#hold(receiver, congestion)) return;
    }
    const source = this.#current;
    if (!source || congestion.held.has(source)) return;
    congestion.held.add(source);
    source.hold();
  }

  /**
   * A receiver has taken something.
   *
   * @param isWaiting whether it still has something to take
   */
  moved(receiver: Receiver, isWaiting: boolean): void {
    if (isWaiting) this.#waiting.set(receiver, this.#clock.monotonic());
    else this.#waiting.delete(receiver);
    this.#watch.run(this.#waiting.size > 0);
    // Half of what makes it full, so that sources are not held and released again and again.
    if (receiver.buffered <= this.fullAt / 2) this.#endCongestion(receiver);
  }

  /** A receiver is gone. */
  forget(receiver: Receiver): void {
    this.#endCongestion(receiver);
    if (this.#waiting.delete(receiver)) this.#watch.run(this.#waiting.size > 0);
  }

  #cutFrozen(): void {
    const now = this.#clock.monotonic();
    const longest = this.#limits.writeDeadline;
    for (const [receiver, since] of this.#waiting) {
      if (now - since >= longest) this.#cut(receiver, `took nothing for ${longest / 1_000} s`);
    }
  }

  #cut(receiver: Receiver, reason: string): void {
    const error = new SlowConsumerError(reason, receiver.buffered);
    this.forget(receiver);
    receiver.cut(error);
  }

  #congestionOf(receiver: Receiver): Congestion {
    const known = this.#congestions.get(receiver);
    if (known) return known;
    const since = this.#clock.monotonic();
    const congestion: Congestion = { since, held: new Set(), heldSince: since, cancel: undefined };
    this.#congestions.set(receiver, congestion);
    return congestion;
  }

  #endCongestion(receiver: Receiver): void {
    const congestion = this.#congestions.get(receiver);
    this.#congestions.delete(receiver);
    if (congestion) release(congestion);
  }

  /** Until when the sources that write to a receiver are held, so that it has time to take what waits for it. */
  #heldUntil(receiver: Receiver, { since, heldSince }: Congestion): number {
    const { buffered } = receiver;
    const { queue } = this.#limits;
    if (buffered > queue) {
      const lastTaken = this.#waiting.get(receiver) ?? heldSince;
      return heldSince + (heldSince - lastTaken < longestHold ? longestHold : lastHold);
    }
    const filled = (buffered - this.fullAt) / (queue - this.fullAt);
    return Math.min(heldSince + longestHold, since + filled * fillTime);
  }

  /** Gives false when there is no reason to hold anybody. */
  #hold(receiver: Receiver, congestion: Congestion): boolean {
    const time = this.#heldUntil(receiver, congestion) - this.#clock.monotonic();
    if (time <= 0) return false;
    congestion.cancel = this.#clock.after(time, () => {
      if (!this.#hold(receiver, congestion)) this.#releaseOrCut(receiver, congestion);
    });
    return true;
  }

  #releaseOrCut(receiver: Receiver, congestion: Congestion): void {
    const { queue } = this.#limits;
    if (receiver.buffered <= queue) return release(congestion);
    // This program itself may have been busy: what the receiver took meanwhile is heard of first.
    congestion.cancel = this.#clock.after(1, () => {
      if (receiver.buffered <= queue) return release(congestion);
      this.#cut(receiver, fellBehind);
    });
  }
}

function release(congestion: Congestion): void {
  congestion.cancel?.();
  congestion.cancel = undefined;
  for (const source of congestion.held) source.release();
  congestion.held.clear();
}
