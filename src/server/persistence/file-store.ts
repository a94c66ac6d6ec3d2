import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { OocsiError, textOf } from '../../protocol/index';
import { type Clock, systemClock } from '../../util/index';
import { readSnapshot, type Snapshot, type Store } from './store';

/** Options of {@link fileStore}. */
export interface FileStoreOptions {
  /** Names damaged files; tests hand in their own. @default the machine's clock */
  readonly clock?: Pick<Clock, 'now'>;
}

/** The first line of a file says the version, and the checksum of all that comes behind that line. */
const version = 2;
/** Files of this version are one line, without a checksum. */
const versionWithoutChecksum = 1;

/**
 * A store in one file, for the option `store` of {@link startServer}. It is written whole beside the old one and then
 * takes its place, so a crash leaves the one or the other. It holds passwords of channels; only its owner may read it.
 *
 * A file that cannot be understood, or whose checksum is wrong, is set aside as `PATH.damaged-TIME`, and the server starts
 * with nothing kept.
 *
 * @param path of the file; it and its folder are made when they are not there
 * @throws TypeError when the path is no text
 * @example
 * const server = await startServer({ store: fileStore('data/kept.json') });
 */
export function fileStore(path: string, { clock = systemClock }: FileStoreOptions = {}): Store {
  if (typeof path !== 'string' || path === '') throw new TypeError('the path of a store must be a text');
  const file = resolve(path);
  const fresh = `${file}.new`;
  return {
    async load(warn) {
      const snapshot = await load(file, clock, warn);
      const newer = await readFresh(fresh);
      if (newer) await rename(fresh, file);
      return newer ?? snapshot;
    },
    async save(snapshot) {
      // Composed before anything waits: what changes while the disk is busy belongs to the next save.
      await writeWhole(fresh, compose(snapshot));
      await rename(fresh, file);
    },
  };
}

/** @throws OocsiError `unsupported` when there is something that cannot be read: to go on would write over it */
async function load(file: string, clock: Pick<Clock, 'now'>, warn: (text: string) => void): Promise<Snapshot> {
  let bytes: Buffer;
  try {
    await mkdir(dirname(file), { recursive: true });
    const kind = kindOf(await stat(file));
    // Node would wait for ever to read from a pipe, and read from some devices without an end.
    if (kind !== 'file') throw new Error(`it is a ${kind}, not a file`);
    bytes = await readFile(file);
  } catch (cause) {
    if (isMissing(cause)) return { retained: [], delayed: [] };
    throw new OocsiError('unsupported', `Cannot read the store ${file} (${textOf(cause)}).`, { cause });
  }
  try {
    return parse(bytes);
  } catch (cause) {
    const aside = `${file}.damaged-${clock.now()}`;
    await rename(file, aside);
    warn(`${file} is damaged (${textOf(cause)}): it is now ${aside}, and nothing is kept from before`);
    return { retained: [], delayed: [] };
  }
}

/** What a server that was killed had written, but not put in its place yet, is newer. */
async function readFresh(fresh: string): Promise<Snapshot | undefined> {
  try {
    if (kindOf(await stat(fresh)) !== 'file') return undefined;
    const bytes = await readFile(fresh);
    return isWhole(bytes) ? parse(bytes) : undefined;
  } catch {
    // There is none, or it was cut off: the one before it is whole.
    return undefined;
  }
}

async function writeWhole(fresh: string, text: string): Promise<void> {
  // A file that a crash left there could be open to others.
  await rm(fresh, { force: true });
  const handle = await open(fresh, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    // Else a power cut could leave an empty file under the right name.
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function compose(snapshot: Snapshot): string {
  const body = `${JSON.stringify(snapshot)}\n`;
  return `${JSON.stringify({ version, sha256: checksum(body) })}\n${body}`;
}

function checksum(body: string | Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

/** @throws TypeError, SyntaxError when it is none that this version, or the one before it, has written */
function parse(bytes: Buffer): Snapshot {
  const { head, body } = split(bytes);
  const value: unknown = JSON.parse(String(head));
  if (typeof value !== 'object' || value === null || !('version' in value)) throw new TypeError('it has no version');
  if (value.version === versionWithoutChecksum) return readSnapshot(value);
  if (value.version !== version) throw new TypeError(`it is not of version ${version}`);
  if (!('sha256' in value) || value.sha256 !== checksum(body)) throw new TypeError('its checksum is wrong');
  return readSnapshot(JSON.parse(String(body)));
}

/** Whether it is all that was to be written; a file without a checksum may lack anything. */
function isWhole(bytes: Buffer): boolean {
  return split(bytes).body.length > 0;
}

function split(bytes: Buffer): { readonly head: Buffer; readonly body: Buffer } {
  const end = bytes.indexOf('\n');
  return end < 0
    ? { head: bytes, body: bytes.subarray(0, 0) }
    : { head: bytes.subarray(0, end), body: bytes.subarray(end + 1) };
}

function kindOf(found: Stats): string {
  if (found.isFile()) return 'file';
  if (found.isDirectory()) return 'directory';
  if (found.isFIFO()) return 'pipe';
  return found.isSocket() ? 'socket' : 'device';
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
