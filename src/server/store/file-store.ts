import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Clock, systemClock } from '../../core/clock';
import { OocsiError, textOf } from '../../core/errors';
import { readSnapshot, type Snapshot, type Store } from './store';

/** Options of {@link fileStore}. */
export interface FileStoreOptions {
  /** Names damaged files; tests hand in their own. @default the machine's clock */
  readonly clock?: Pick<Clock, 'now'>;
}

const version = 1;

/**
 * A store in one file, for the option `store` of {@link startServer}. It is written whole beside the old one and then
 * takes its place, so a crash leaves the one or the other. It holds passwords of channels; only its owner may read it.
 *
 * A file that cannot be understood is set aside as `PATH.damaged-TIME`, and the server starts with nothing kept.
 *
 * @param path of the file; it and its folder are made when they are not there
 * @throws TypeError when the path is no text
 * @example
 * const server = await startServer({ store: fileStore('data/kept.json') });
 */
export function fileStore(path: string, { clock = systemClock }: FileStoreOptions = {}): Store {
  if (typeof path !== 'string' || path === '') throw new TypeError('the path of a store must be a text');
  const file = resolve(path);

  async function setAside(why: string, warn: (text: string) => void): Promise<Snapshot> {
    const aside = `${file}.damaged-${clock.now()}`;
    await rename(file, aside);
    warn(`${file} is damaged (${why}): it is now ${aside}, and nothing is kept from before`);
    return { retained: [], delayed: [] };
  }

  return {
    async load(warn) {
      let text: string;
      try {
        await mkdir(dirname(file), { recursive: true });
        text = await readFile(file, 'utf8');
      } catch (cause) {
        if (isMissing(cause)) return { retained: [], delayed: [] };
        // Going on without it would write over it.
        throw new OocsiError('unsupported', `Cannot read the store ${file} (${textOf(cause)}).`, { cause });
      }
      try {
        return parse(text);
      } catch (cause) {
        return setAside(textOf(cause), warn);
      }
    },
    async save(snapshot) {
      const fresh = `${file}.new`;
      // What a crash left there could be open to others.
      await rm(fresh, { force: true });
      const handle = await open(fresh, 'wx', 0o600);
      try {
        await handle.writeFile(`${JSON.stringify({ version, ...snapshot })}\n`);
        // Else a power cut could leave an empty file under the right name.
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(fresh, file);
    },
  };
}

/** @throws TypeError, SyntaxError when it is none that this version has written */
function parse(text: string): Snapshot {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('version' in value) || value.version !== version) {
    throw new TypeError(`it is not of version ${version}`);
  }
  return readSnapshot(value);
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
