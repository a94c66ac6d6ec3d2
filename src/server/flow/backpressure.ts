import type { Clock } from '../../util/index';
import { createTicker } from '../../util/index';
import type { ServerLimits } from '../config/index';
import { type Budget, createBudget } from './budget';
import { createShifts, type Shifts } from './fair-scheduler';
import { createDepartures, type Departures } from './flush-scheduler';

/** The limits that this is about. */
export type TrafficLimits = Pick<ServerLimits, 'stall' | 'queue' | 'writeDeadline' | 'buffers'>;

/** How fast the one may become the other, in ms: slower than this, nobody has to wait. */
const fillTime = 250;
/** How long writers are held at a time, in ms. */
const stallAtMost = 100;
/** The same for a receiver that has taken nothing for so long already. */
const lastStall = 2;
/** As many full queues may wait for one receiver when very many write to it at once. */
const fullQueuesAtMost = 256;
const fellBehind = 'did not keep up with what was sent to it';
const lookEvery = 1_000;

/** Why a link was cut: its client did not take what was sent to it. */
export class TooSlow extends Error {
  override readonly name = 'TooSlow';

  constructor(
    /** What was too much, in words. */
    readonly reason: string,
    /** Bytes that were still to leave. */
    readonly waiting: number,
  ) {
    super(`${reason}, with ${waiting} bytes waiting for it`);
  }
}

/** Something that goes on for as long as one source is at work. */
export interface Work {
  begin(): void;
  end(): void;
}

/** Where frames come from; while it is held, it hands over none. */
export interface Source {
  hold(): void;
  release(): void;
}

/** What is known of a link that does not take everything at once. */
export interface Receiver {
  /** Bytes that wait for it. */
  readonly buffered: number;
  cut(reason: TooSlow): void;
}

/** Keeps the links of one server from harming each other: who writes to a full one waits, who takes nothing goes. */
export interface Traffic {
  /** From here on, who writes to a receiver may have to wait; in bytes that wait for it. */
  readonly fullAt: number;
  /** What all connections may hold together. */
  readonly budget: Budget;
  /** When who is at work. */
  readonly shifts: Shifts;
  /** When what leaves. */
  readonly departures: Departures;
  /** From here on, until it leaves, a source is at work: it is the one to hold when a receiver is full. */
  enter(source: Source): void;
  leave(): void;
  /** More than {@link Traffic.fullAt} waits for a receiver, and something was added. */
  full(receiver: Receiver): void;
  /** A receiver has taken something, and still has something to take, or not. */
  moved(receiver: Receiver, isWaiting: boolean): void;
  /** A receiver is gone. */
  forget(receiver: Receiver): void;
}

/** A time in which a receiver is full. */
interface Jam {
  readonly since: number;
  /** Who is held because of it. */
  readonly held: Set<Source>;
  heldSince: number;
  /** Ends what holds them at the moment. */
  cancel: (() => void) | undefined;
}

/** Calls a task when the event loop has looked at everybody once. */
export const nextTurn = (task: () => void): void => void setImmediate(task);

/** @param limits what may wait for a receiver, and how long it may take nothing */
export function createTraffic(
  clock: Clock,
  { stall, queue: waitingAtMost, writeDeadline: frozenAtMost, buffers }: TrafficLimits,
  work: Work = { begin() {}, end() {} },
  shifts = createShifts(clock, nextTurn),
): Traffic {
  const fullAt = Math.min(stall, waitingAtMost);
  const jams = new Map<Receiver, Jam>();
  /** Since when each one that waits has taken nothing, by the monotonic clock. */
  const waiting = new Map<Receiver, number>();
  const departures = createDepartures(clock, nextTurn);
  const looking = createTicker(clock, lookEvery, look);
  let current: Source | undefined;

  function look(): void {
    const now = clock.monotonic();
    for (const [receiver, since] of waiting) {
      if (now - since >= frozenAtMost) cut(receiver, `took nothing for ${frozenAtMost / 1_000} s`);
    }
  }

  function cut(receiver: Receiver, reason: string): void {
    const fault = new TooSlow(reason, receiver.buffered);
    forget(receiver);
    receiver.cut(fault);
  }

  function forget(receiver: Receiver): void {
    clear(receiver);
    if (waiting.delete(receiver)) looking.run(waiting.size > 0);
  }

  function clear(receiver: Receiver): void {
    const jam = jams.get(receiver);
    jams.delete(receiver);
    if (jam) release(jam);
  }

  function release(jam: Jam): void {
    jam.cancel?.();
    jam.cancel = undefined;
    for (const source of jam.held) source.release();
    jam.held.clear();
  }

  /** Until when the writers of a receiver are to be held, so that it has time to take what waits for it. */
  function heldUntil(receiver: Receiver, jam: Jam): number {
    const { buffered } = receiver;
    if (buffered > waitingAtMost) {
      const lastTaken = waiting.get(receiver) ?? jam.heldSince;
      return jam.heldSince + (jam.heldSince - lastTaken < stallAtMost ? stallAtMost : lastStall);
    }
    const filled = (buffered - fullAt) / (waitingAtMost - fullAt);
    return Math.min(jam.heldSince + stallAtMost, jam.since + filled * fillTime);
  }

  function hold(receiver: Receiver, jam: Jam): boolean {
    const time = heldUntil(receiver, jam) - clock.monotonic();
    if (time > 0) jam.cancel = clock.after(time, () => hold(receiver, jam) || goOn(receiver, jam));
    return time > 0;
  }

  function goOn(receiver: Receiver, jam: Jam): void {
    if (receiver.buffered <= waitingAtMost) return release(jam);
    // This program itself may have been busy; what the receiver took meanwhile is heard of first.
    jam.cancel = clock.after(1, () => {
      if (receiver.buffered <= waitingAtMost) return release(jam);
      cut(receiver, fellBehind);
    });
  }

  return {
    fullAt,
    budget: createBudget(buffers, nextTurn),
    shifts,
    departures,
    enter(source) {
      current = source;
      shifts.begin();
      work.begin();
    },
    leave() {
      work.end();
      current = undefined;
    },
    full(receiver) {
      if (receiver.buffered > waitingAtMost * fullQueuesAtMost) return cut(receiver, fellBehind);
      let jam = jams.get(receiver);
      if (!jam) {
        const since = clock.monotonic();
        jam = { since, held: new Set(), heldSince: since, cancel: undefined };
        jams.set(receiver, jam);
      }
      if (!jam.cancel) {
        jam.heldSince = clock.monotonic();
        if (!hold(receiver, jam)) return;
      }
      if (!current || jam.held.has(current)) return;
      jam.held.add(current);
      current.hold();
    },
    moved(receiver, isWaiting) {
      if (isWaiting) waiting.set(receiver, clock.monotonic());
      else waiting.delete(receiver);
      looking.run(waiting.size > 0);
      // Room for half of what it is full at.
      if (receiver.buffered <= fullAt / 2) clear(receiver);
    },
    forget,
  };
}
