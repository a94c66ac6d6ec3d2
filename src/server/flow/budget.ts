/** Something that holds bytes for one connection. */
export interface BufferHolder {
  /** Bytes that nobody else holds. */
  readonly own: number;
  /** What it may hold together with others, as one message waits for many. */
  readonly shared?: Iterable<Uint8Array>;
  /** Ends the connection, and with it what it holds. */
  cut(reason: string): void;
}

/** Bounds what all connections of a server hold together: when it is too much, the one that holds the most is ended. */
export interface Budget {
  /** From now on, a holder counts, until the returned function is called. */
  add(holder: BufferHolder): () => void;
  /** So many bytes more may be held now. To be called whenever something comes that may stay. */
  grew(bytes: number): void;
}

/** All holders are looked at whenever this part of the budget may have been added. */
const lookAfter = 1 / 16;

/**
 * @param limit in bytes
 * @param nextTurn calls a task when the event loop has looked at everybody once
 */
export function createBudget(limit: number, nextTurn: (task: () => void) => void): Budget {
  const holders = new Set<BufferHolder>();
  let grown = 0;
  let isPlanned = false;

  function look(): void {
    isPlanned = false;
    grown = 0;
    const sizes = sizesOf(holders);
    let total = 0;
    for (const size of sizes.values()) total += size;
    if (total <= limit) return;
    const largestFirst = [...sizes].sort(([, a], [, b]) => b - a);
    for (const [holder, size] of largestFirst) {
      holder.cut(`too much waited in the server, and the most of it, ${Math.round(size)} bytes, for this connection`);
      total -= size;
      if (total <= limit) return;
    }
  }

  return {
    add(holder) {
      holders.add(holder);
      return () => holders.delete(holder);
    },
    grew(bytes) {
      grown += bytes;
      if (isPlanned || grown < limit * lookAfter) return;
      isPlanned = true;
      nextTurn(look);
    },
  };
}

/** What each one holds, in bytes; what several hold together counts for each in part. */
function sizesOf(holders: Iterable<BufferHolder>): Map<BufferHolder, number> {
  const sharers = new Map<Uint8Array, number>();
  for (const { shared = [] } of holders) for (const bytes of shared) sharers.set(bytes, (sharers.get(bytes) ?? 0) + 1);
  const sizes = new Map<BufferHolder, number>();
  for (const holder of holders) {
    let size = holder.own;
    for (const bytes of holder.shared ?? []) size += bytes.length / (sharers.get(bytes) ?? 1);
    sizes.set(holder, size);
  }
  return sizes;
}
