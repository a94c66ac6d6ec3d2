import type { Clock } from '../../util/index';

/**
 * Shares the time of one program among all who have something to do: a client whose messages cost much is not to keep the
 * others waiting.
 */
export interface Shifts {
  /** Somebody begins, and may go on for as long as there is time. */
  begin(): void;
  hasTime(): boolean;
  /** ms, by the monotonic clock */
  now(): number;
  /** Whether somebody has begun in this turn of the event loop. */
  readonly isOpen: boolean;
  /** Whether all that is to be done in this turn of the event loop is done. */
  readonly isOver: boolean;
  /** Calls `goOn` in a later turn, behind those who wait already; who has little to do waits only behind his like. */
  wait(goOn: () => void, isLittle?: boolean): void;
}

/** How long everybody together works in one turn, in ms. */
const turnTime = 8;
/** The same of one of them, while others wait. */
const stretch = 2;

/** @param nextTurn calls a task when the event loop has looked at everybody once */
export function createShifts(clock: Pick<Clock, 'monotonic'>, nextTurn: (task: () => void) => void): Shifts {
  const waiting = new Set<() => void>();
  const waitingWithLittle = new Set<() => void>();
  const areWaiting = (): boolean => waiting.size + waitingWithLittle.size > 0;
  let isOpen = false;
  let [turnEnds, stretchEnds] = [0, 0];

  function open(): void {
    if (isOpen) return;
    isOpen = true;
    turnEnds = clock.monotonic() + turnTime;
    nextTurn(close);
  }

  function close(): void {
    isOpen = false;
    if (!areWaiting()) return;
    open();
    // However many have little to do, one of the others goes on.
    const [one, ...others] = [...waiting];
    callInTurn(waitingWithLittle, [...waitingWithLittle]);
    if (one) call(waiting, one);
    callInTurn(waiting, others);
  }

  function callInTurn(from: Set<() => void>, all: readonly (() => void)[]): void {
    for (const goOn of all) {
      if (clock.monotonic() >= turnEnds) return;
      call(from, goOn);
    }
  }

  function call(from: Set<() => void>, goOn: () => void): void {
    from.delete(goOn);
    goOn();
  }

  return {
    begin() {
      open();
      // Who is alone gets all of it: what leaves in one turn leaves as one piece.
      stretchEnds = areWaiting() ? Math.min(clock.monotonic() + stretch, turnEnds) : turnEnds;
    },
    now: () => clock.monotonic(),
    hasTime: () => clock.monotonic() < stretchEnds,
    get isOpen() {
      return isOpen;
    },
    get isOver() {
      return isOpen && clock.monotonic() >= turnEnds;
    },
    wait(goOn, isLittle = false) {
      (isLittle ? waitingWithLittle : waiting).add(goOn);
      open();
    },
  };
}
