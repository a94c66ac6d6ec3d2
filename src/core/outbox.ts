import type { Posted } from './message';

/** Messages that wait for a link. */
export interface Outbox {
  /** Hands a message to the link, now or after the next welcome. */
  post(posted: Posted): void;
  /** Whether a message still waits. */
  has(posted: Posted | undefined): boolean;
  /** Takes a message back, if it still waits. */
  withdraw(posted: Posted | undefined): void;
  /** Hands over what waits, in order. */
  flush(): void;
  /** Drops what waits, and whatever is posted later. */
  end(): void;
}

/**
 * @param send hands a message to the link; false while there is none
 * @param dropped told of what will never be sent
 */
export function createOutbox(send: (posted: Posted) => boolean, dropped: (posted: Posted) => void): Outbox {
  const waiting = new Set<Posted | undefined>();
  let isOver = false;

  function empty(task: (posted: Posted) => void): void {
    for (const posted of waiting) if (posted) task(posted);
    waiting.clear();
  }

  return {
    post(posted) {
      if (send(posted)) return;
      waiting.add(posted);
      if (isOver) empty(dropped);
    },
    has: (posted) => waiting.has(posted),
    withdraw: (posted) => waiting.delete(posted),
    flush: () => empty(send),
    end() {
      isOver = true;
      empty(dropped);
    },
  };
}
