/** How much an {@link OwnedMap} holds. */
export interface OwnedMapLimits {
  readonly perOwner: number;
  readonly inAll: number;
}

interface Owned<V> {
  readonly owner: string;
  readonly value: V;
}

/** A bounded map whose entries have owners: an owner that adds many gives up its own oldest entries, not those of others. */
export class OwnedMap<V> {
  readonly #limits: OwnedMapLimits;
  /** In the order in which they were set last. */
  readonly #byKey = new Map<string, Owned<V>>();
  /** The keys of each owner; owners and keys both in the order in which they were set last. */
  readonly #byOwner = new Map<string, Set<string>>();

  constructor(limits: OwnedMapLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get(key: string): V | undefined {
    return this.#byKey.get(key)?.value;
  }

  /** The entry that was set longest ago. */
  oldest(): readonly [key: string, value: V] | undefined {
    const [oldest] = this.#byKey;
    return oldest && [oldest[0], oldest[1].value];
  }

  /** Sets an entry, which belongs to the owner that set it first, and makes it the newest one. */
  set(key: string, value: V, sender: string): void {
    const owner = this.#byKey.get(key)?.owner ?? sender;
    this.delete(key);
    const keys = this.#byOwner.get(owner) ?? new Set();
    this.#byOwner.delete(owner);
    this.#byOwner.set(owner, keys.add(key));
    this.#byKey.set(key, { owner, value });
    if (keys.size > this.#limits.perOwner) this.#deleteOldest(keys);
    if (this.size <= this.#limits.inAll) return;
    // An owner with many entries gives up one of its own; else it is the owner that has been silent for longest.
    const [silent = keys] = this.#byOwner.values();
    this.#deleteOldest(keys.size > 1 ? keys : silent);
  }

  delete(key: string): void {
    const owned = this.#byKey.get(key);
    if (!owned) return;
    this.#byKey.delete(key);
    const keys = this.#byOwner.get(owned.owner);
    keys?.delete(key);
    if (keys?.size === 0) this.#byOwner.delete(owned.owner);
  }

  #deleteOldest(keys: ReadonlySet<string>): void {
    const [oldest] = keys;
    if (oldest !== undefined) this.delete(oldest);
  }
}
