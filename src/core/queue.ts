/** A bounded line between a listener that pushes and a `for await` loop that takes. */
export interface Queue<T> {
  push(item: T): void;
  /** No more items come: the loop gets what is left and then ends, or throws `cause` if there is one. */
  end(cause?: unknown): void;
  readonly loop: AsyncIterableIterator<T, undefined>;
}

export interface QueueOptions {
  /** How many items wait at most; beyond that the oldest go. */
  readonly size: number;
  /** How many went, told when the loop next takes an item. */
  overflowed(missed: number): void;
  /** The loop was left: stop what pushes. */
  left(): void;
}

export function createQueue<T>({ size, overflowed, left }: QueueOptions): Queue<T> {
  // A Set keeps order and lets the oldest go in constant time, however long the line is.
  const items = new Set<{ readonly value: T }>();
  let missed = 0;
  let ended: { readonly cause?: unknown } | undefined;
  let wake = (): void => {};

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

  function end(cause?: unknown): void {
    ended ??= { cause };
    wake();
  }

  const taking = take();
  return {
    push(value) {
      if (ended) return;
      items.add({ value });
      const [oldest] = items;
      if (items.size > size && oldest && items.delete(oldest)) missed++;
      wake();
    },
    end,
    loop: {
      next: () => taking.next(),
      return() {
        // A loop that waits for its next item would not notice: it is woken to end.
        left();
        items.clear();
        end();
        return taking.return(undefined);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
  };
}
