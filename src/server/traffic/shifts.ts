import type { Clock } from '../../core/clock';

/**
 * Shares the time of one program among all who have something to do: a client whose messages cost much is not to keep the
 * others waiting.
 */
export interface Shifts {
  /** Somebody begins, and may go on for as long as there is time. */
  begin(): void;
  hasTime(): boolean;
  /** ms since 1970 */
  now(): number;
  /** Whether all that is to be done in this turn of the event loop is done. */
  readonly isOver: boolean;
  /** Calls `goOn` in a later turn, behind those who wait already. */
  wait(goOn: () => void): void;
}

/** How long everybody together works in one turn, in ms. */
const turnTime = 8;
/** The same of one of them, while others wait. */
const stretch = 2;

/** @param nextTurn calls a task when the event loop has looked at everybody once */
export function createShifts(clock: Pick<Clock, 'now'>, nextTurn: (task: () => void) => void): Shifts {
  const waiting = new Set<() => void>();
  let isOpen = false;
  let [turnEnds, stretchEnds] = [0, 0];

  function open(): void {
    if (isOpen) return;
    isOpen = true;
    turnEnds = clock.now() + turnTime;
    nextTurn(close);
  }

  function close(): void {
    isOpen = false;
    if (waiting.size === 0) return;
    open();
    for (const goOn of [...waiting]) {
      if (clock.now() >= turnEnds) return;
      waiting.delete(goOn);
      goOn();
    }
  }

  return {
    begin() {
      open();
      // Who is alone gets all of it: what leaves in one turn leaves as one piece.
      stretchEnds = waiting.size === 0 ? turnEnds : Math.min(clock.now() + stretch, turnEnds);
    },
    now: () => clock.now(),
    hasTime: () => clock.now() < stretchEnds,
    get isOver() {
      return isOpen && clock.now() >= turnEnds;
    },
    wait(goOn) {
      waiting.add(goOn);
      open();
    },
  };
}
