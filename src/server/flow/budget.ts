/** Something that holds bytes for one connection. */
export interface BufferHolder {
  /** Bytes that nobody else holds. */
  readonly own: number;
  /** What it may hold together with others, as one message waits for many. */
  readonly shared?: Iterable<Uint8Array>;
  /** Ends the connection, and with it what it holds. */
  cut(reason: string): void;
}

/** All holders are looked at after so much of the budget may have been added. */
const lookAfter = 1 / 16;
/** From this part of the budget on, a sender to one that holds more than its share has to wait. */
const tightFrom = 3 / 4;

/**
 * Bounds what all connections of a server hold together. When it gets tight, senders wait for a connection that holds more
 * than its share; when it is too much all the same, the connection that holds the most is ended.
 */
export class Budget {
  readonly #limit: number;
  readonly #nextTurn: (task: () => void) => void;
  readonly #holders = new Set<BufferHolder>();
  #grown = 0;
  #isPlanned = false;
  #share = Number.POSITIVE_INFINITY;

  /**
   * @param limit in bytes
   * @param nextTurn calls a task after the event loop has looked at every socket once
   */
  constructor(limit: number, nextTurn: (task: () => void) => void) {
    this.#limit = limit;
    this.#nextTurn = nextTurn;
  }

  /** How much one connection may hold before its senders have to wait, in bytes: there is no bound until it gets tight. */
  get share(): number {
    return this.#share;
  }

  /** From now on, a holder counts, until the returned function is called. */
  add(holder: BufferHolder): () => void {
    this.#holders.add(holder);
    return () => this.#holders.delete(holder);
  }

  /** So many bytes more may be held now. To be called whenever something comes that may stay. */
  grew(bytes: number): void {
    this.#grown += bytes;
    if (this.#isPlanned || this.#grown < this.#limit * lookAfter) return;
    this.#isPlanned = true;
    this.#nextTurn(() => this.#look());
  }

  #look(): void {
    this.#isPlanned = false;
    this.#grown = 0;
    const sizes = sizesOf(this.#holders);
    let total = 0;
    for (const size of sizes.values()) total += size;
    const isTight = total > this.#limit * tightFrom;
    this.#share = isTight ? this.#limit / this.#holders.size : Number.POSITIVE_INFINITY;
    if (total > this.#limit) cutLargest(sizes, total - this.#limit);
  }
}

/** Ends the largest holders until they held `excess` bytes together. */
function cutLargest(sizes: ReadonlyMap<BufferHolder, number>, excess: number): void {
  const largestFirst = [...sizes].sort(([, a], [, b]) => b - a);
  let rest = excess;
  for (const [holder, size] of largestFirst) {
    holder.cut(`too much waited in the server, and the most of it, ${Math.round(size)} bytes, for this connection`);
    rest -= size;
    if (rest <= 0) return;
  }
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
