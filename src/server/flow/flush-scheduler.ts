import type { Clock } from '../../util/index';

/** Something that collects what it sends until it is flushed. */
export interface Collector {
  flush(): void;
}

/** Decides when what was collected leaves: each write takes a moment, and very many would keep everybody waiting. */
export interface Departures {
  /** Flushes them in order: as far as there is time now, the others in later turns, with what they collect until then. */
  flush(collectors: readonly Collector[]): void;
}

/** How long the writes of large groups take in one turn of the event loop, in ms. */
const turnTime = 8;
/** So few do not queue behind a large group: an answer for one client, what a few say to each other. */
const few = 16;

/** @param nextTurn calls a task when the event loop has looked at everybody once */
export function createDepartures(clock: Pick<Clock, 'monotonic'>, nextTurn: (task: () => void) => void): Departures {
  const waiting = new Set<Collector>();
  let isOpen = false;
  let turnEnds = 0;

  function depart(): void {
    if (!isOpen) {
      isOpen = true;
      turnEnds = clock.monotonic() + turnTime;
      nextTurn(close);
    }
    for (const collector of waiting) {
      if (clock.monotonic() >= turnEnds) return;
      waiting.delete(collector);
      collector.flush();
    }
  }

  function close(): void {
    isOpen = false;
    if (waiting.size > 0) depart();
  }

  return {
    flush(collectors) {
      if (collectors.length <= few) {
        for (const collector of collectors) collector.flush();
        return;
      }
      for (const collector of collectors) waiting.add(collector);
      depart();
    },
  };
}
