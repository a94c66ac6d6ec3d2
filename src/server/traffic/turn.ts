import { Batch, type Pack } from './batch';

/** Something that collects what it sends until the turn is over. */
export interface Collector {
  flush(): void;
}

/** What links of one kind share within one turn of the event loop. */
export interface Turn {
  /** What a link holds that has sent nothing yet. */
  readonly start: Batch;
  readonly pack: Pack;
  /** Flushes `collector` when the turn is over. */
  join(collector: Collector): void;
}

export function createTurn(pack: Pack): Turn {
  const start = Batch.empty();
  let collectors: Collector[] = [];

  function end(): void {
    const all = collectors;
    collectors = [];
    for (const collector of all) collector.flush();
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
