/** What one process did or saw, in the order in which it did. */
export type Entry =
  | { readonly type: 'publish'; readonly sender: string; readonly n: number }
  | { readonly type: 'ack'; readonly sender: string; readonly n: number }
  | { readonly type: 'drop'; readonly sender: string; readonly n: number }
  | { readonly type: 'deliver'; readonly sender: string; readonly n: number; readonly receiver: string }
  | { readonly type: 'close'; readonly receiver: string };

/** What is wrong with a history; all lists are empty when it is as promised. */
export interface Verdict {
  /** Acknowledged, and yet some receiver never had it. */
  readonly lostAfterAck: string[];
  /** Published, neither delivered nor told to be dropped. */
  readonly unaccounted: string[];
  readonly duplicated: string[];
  readonly outOfOrder: string[];
  /** Delivered, but nobody published it. */
  readonly phantom: string[];
  /** Delivered to a receiver that was closed. */
  readonly afterClose: string[];
}

/** Checks a history: of each sender, numbers grow as they are published. */
export function judge(history: readonly Entry[], receivers: readonly string[]): Verdict {
  const verdict: Verdict = {
    lostAfterAck: [],
    unaccounted: [],
    duplicated: [],
    outOfOrder: [],
    phantom: [],
    afterClose: [],
  };
  const published = new Set<string>();
  const told = new Set<string>();
  const acked = new Set<string>();
  const seen = new Map(receivers.map((receiver) => [receiver, new Set<string>()]));
  const newest = new Map<string, number>();
  const closed = new Set<string>();
  for (const entry of history) {
    if (entry.type === 'close') {
      closed.add(entry.receiver);
      continue;
    }
    const key = `${entry.sender} ${entry.n}`;
    if (entry.type === 'publish') published.add(key);
    else if (entry.type === 'drop') told.add(key);
    else if (entry.type === 'ack') acked.add(key);
    else {
      const { receiver, sender, n } = entry;
      const mine = seen.get(receiver) ?? new Set();
      const place = `${receiver} ${sender}`;
      if (!published.has(key)) verdict.phantom.push(key);
      if (mine.has(key)) verdict.duplicated.push(key);
      else if (n < (newest.get(place) ?? -Infinity)) verdict.outOfOrder.push(key);
      if (closed.has(receiver)) verdict.afterClose.push(key);
      newest.set(place, Math.max(n, newest.get(place) ?? -Infinity));
      mine.add(key);
      seen.set(receiver, mine);
    }
  }
  for (const key of published) {
    const hasAll = [...seen.values()].every((mine) => mine.has(key));
    if (hasAll) continue;
    if (acked.has(key)) verdict.lostAfterAck.push(key);
    else if (!told.has(key)) verdict.unaccounted.push(key);
  }
  return verdict;
}
