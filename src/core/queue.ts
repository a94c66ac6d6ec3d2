export interface QueueOptions<T> {
  /** How many items wait at most; beyond that the oldest go. */
  readonly size: number;
  /**
   * Starts what pushes items; the returned function stops it, and calls `end`. After `end` no more items count: the loop
   * gets what is left, and then it ends, or throws `cause` if there is one.
   */
  start(push: (item: T) => void, end: (cause?: unknown) => void): () => void;
  /** How many items went, told when the loop next takes one. */
  overflowed(missed: number): void;
}

/** A loop over what is pushed, with a bounded line in between. Leaving the loop stops what pushes. */
export function createQueue<T>({ size, start, overflowed }: QueueOptions<T>): AsyncIterableIterator<T, undefined> {
  // A Set keeps order and lets the oldest go in constant time, however long the line is.
  const items = new Set<{ readonly value: T }>();
  let missed = 0;
  let ended: { readonly cause?: unknown } | undefined;
  let wake = (): void => {};

  function push(value: T): void {
    if (ended) return;
    items.add({ value });
    const [oldest] = items;
    if (items.size > size && oldest && items.delete(oldest)) missed++;
    wake();
  }

  function end(cause?: unknown): void {
    ended ??= { cause };
    wake();
  }

  async function* take(): AsyncGenerator<T, undefined> {
    for (;;) {
      if (missed > 0) overflowed(missed);
      missed = 0;
      const [item] = items;
      if (item) {
        items.delete(item);
        yield item.value;
      } else if (ended) {
        if (ended.cause !== undefined) throw ended.cause;
        return undefined;
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }

  const stop = start(push, end);
  const loop = take();
  const finish = loop.return;
  // A loop that waits for its next item would not notice that it is left: stopping wakes it to end.
  loop.return = (value) => {
    stop();
    items.clear();
    return finish.call(loop, value);
  };
  return loop;
}
