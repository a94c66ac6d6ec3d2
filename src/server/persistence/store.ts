import { readData } from '../../protocol/index';
import { refuse } from '../../util/index';

/** A message as a store keeps it. */
export interface StoredMessage {
  /** As the sender wrote it, password included. */
  readonly recipient: string;
  readonly sender: string;
  /** ms since 1970; of a message that waits, when it is due. */
  readonly timestamp: number;
  /** One JSON object as text: as a value it would lose digits. */
  readonly data: string;
}

/** A message that its channel keeps. */
export interface StoredRetained extends StoredMessage {
  /** ms since 1970 */
  readonly until: number;
}

/** A message that waits for its time. */
export interface StoredDelayed extends StoredMessage {
  /** How long its channel is to keep it once it is delivered, in ms. */
  readonly keepFor?: number;
}

/** What a server would lose when it stops. */
export interface Snapshot {
  readonly retained: readonly StoredRetained[];
  readonly delayed: readonly StoredDelayed[];
}

/**
 * Where a server puts what is to survive a restart; {@link fileStore} is one.
 *
 * @example
 * let kept: Snapshot = { retained: [], delayed: [] };
 * const store: Store = { load: () => kept, save: async (snapshot) => { kept = snapshot; } };
 * const server = await startServer({ store });
 */
export interface Store {
  /**
   * Asked once, before the server starts; without a snapshot it gives empty lists. When it fails, the server does not
   * start.
   *
   * @param warn takes a line for the server's log
   */
  load(warn: (text: string) => void): Promise<Snapshot> | Snapshot;
  /** Takes the place of what was saved before. It is not asked again before it has settled. */
  save(snapshot: Snapshot): Promise<void>;
}

/**
 * What was read, as a snapshot.
 *
 * @throws TypeError when it is none; it says where
 */
export function readSnapshot(value: unknown): Snapshot {
  if (!isRecord(value)) return refuse('a snapshot', value, ': use { retained: [], delayed: [] }');
  return {
    retained: listOf(value, 'retained').map((entry, index) => {
      const { message, record } = readMessage(entry, `retained[${index}]`);
      const { until } = record;
      return typeof until === 'number' ? { ...message, until } : refuse(`retained[${index}].until`, until);
    }),
    delayed: listOf(value, 'delayed').map((entry, index) => {
      const { message, record } = readMessage(entry, `delayed[${index}]`);
      const { keepFor } = record;
      if (keepFor === undefined) return message;
      return typeof keepFor === 'number' ? { ...message, keepFor } : refuse(`delayed[${index}].keepFor`, keepFor);
    }),
  };
}

function listOf(snapshot: Readonly<Record<string, unknown>>, key: string): readonly unknown[] {
  const list = snapshot[key];
  return Array.isArray(list) ? list : refuse(key, list, ': use a list');
}

function readMessage(
  entry: unknown,
  where: string,
): { readonly message: StoredMessage; readonly record: Readonly<Record<string, unknown>> } {
  if (!isRecord(entry)) return refuse(where, entry);
  const { recipient, sender, timestamp, data } = entry;
  const isName = (text: unknown): text is string => typeof text === 'string' && text !== '' && !/[\0-\x1f]/.test(text);
  if (!isName(recipient)) return refuse(`${where}.recipient`, recipient);
  if (!isName(sender)) return refuse(`${where}.sender`, sender);
  if (typeof timestamp !== 'number') return refuse(`${where}.timestamp`, timestamp);
  if (typeof data !== 'string' || !isObject(data)) return refuse(`${where}.data`, data, ': use the text of an object');
  return { message: { recipient, sender, timestamp, data }, record: entry };
}

function isObject(text: string): boolean {
  try {
    // It throws for what is nested too deep; the server could not start with that.
    readData(text);
    return isRecord(JSON.parse(text));
  } catch {
    return false;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
