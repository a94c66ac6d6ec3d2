/** Collects what a callback is given, so that a test can wait for it without sleeping. */
export interface Inbox<T> {
  readonly push: (item: T) => void;
  /** Everything so far that nobody has taken. */
  readonly waiting: readonly T[];
  /** Takes the next item, now or when it comes; rejects when it does not come. */
  next(): Promise<T>;
  /** Takes so many items. */
  take(count: number): Promise<T[]>;
}

export function createInbox<T>(): Inbox<T> {
  const items: T[] = [];
  const takers: ((item: T) => void)[] = [];
  const next = (): Promise<T> => {
    if (items.length > 0) return Promise.resolve(items.splice(0, 1)).then(([item]) => item as T);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('waited in vain for the next item')), 30_000);
      takers.push((item) => {
        clearTimeout(timer);
        resolve(item);
      });
    });
  };
  return {
    push(item) {
      const taker = takers.shift();
      if (taker) taker(item);
      else items.push(item);
    },
    waiting: items,
    next,
    async take(count) {
      const taken: T[] = [];
      while (taken.length < count) taken.push(await next());
      return taken;
    },
  };
}
