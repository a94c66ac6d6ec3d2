import type { Collector, Departures } from './flush-scheduler';
import { Batch, type Pack } from './frame-batch';

/** What links of one kind share within one turn of the event loop. */
export interface Turn {
  /** What a link holds that has sent nothing yet. */
  readonly start: Batch;
  readonly pack: Pack;
  /** Lets `collector` leave when the turn is over. */
  join(collector: Collector): void;
}

export function createTurn(pack: Pack, departures: Departures): Turn {
  const start = Batch.empty();
  let collectors: Collector[] = [];

  function end(): void {
    const all = collectors;
    collectors = [];
    departures.flush(all);
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
