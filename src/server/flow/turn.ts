import type { Collector, FlushScheduler } from './flush-scheduler';
import { FrameBatch, type Pack } from './frame-batch';

/** What links of one kind share within one turn of the event loop. */
export interface Turn {
  /** The batch of a link that has sent nothing in this turn. */
  readonly start: FrameBatch;
  readonly pack: Pack;
  /** Flushes `collector` when the turn is over. */
  join(collector: Collector): void;
}

export function createTurn(pack: Pack, flushes: FlushScheduler): Turn {
  const start = FrameBatch.empty();
  let collectors: Collector[] = [];

  function end(): void {
    const all = collectors;
    collectors = [];
    flushes.flush(all);
    start.forgetNext();
  }

  return {
    start,
    pack,
    join(collector) {
      if (collectors.push(collector) === 1) queueMicrotask(end);
    },
  };
}
