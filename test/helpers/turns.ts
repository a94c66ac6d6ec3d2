import { FairScheduler, type Scheduler } from '../../src/server/flow/fair-scheduler';

/** Turns of an event loop, and a clock that goes on only by what is done in them. */
export interface Turns {
  readonly scheduler: Scheduler;
  /** ms by that clock. */
  readonly now: number;
  pass(ms: number): void;
  /** Does what was left for the next turn; gives how long it took, in ms. */
  next(): number;
  /** Goes on until nothing is left; gives how long each turn took, in ms. */
  rest(): number[];
}

export function createTurns(): Turns {
  let now = 0;
  const tasks: (() => void)[] = [];
  const turns: Turns = {
    scheduler: new FairScheduler({ monotonic: () => now }, (task) => tasks.push(task)),
    get now() {
      return now;
    },
    pass(ms) {
      now += ms;
    },
    next() {
      const before = now;
      tasks.shift()?.();
      return now - before;
    },
    rest() {
      const times: number[] = [];
      while (tasks.length > 0) times.push(turns.next());
      return times;
    },
  };
  return turns;
}
