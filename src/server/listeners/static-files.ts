import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file as a web server answers with it. */
export interface ServedFile {
  readonly type: string;
  readonly body: Buffer;
}

const types = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.json', 'application/json'],
  ['.map', 'application/json'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
]);

/** What Node says about names that lead to no file, or that no file can have. */
const nothingThere = new Set<unknown>(['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE']);

/** The name in the package.json of this package. */
const packageName = 'oocsi-client';

/**
 * The folder of this package, wherever this file was built to; undefined when a bundler has put this file somewhere else.
 * The folder of another package is none of ours: what is in it is not for everybody.
 *
 * @param here the address of this file; bundles in CommonJS have none
 */
export function packageFolder(here: string | undefined = import.meta.url): string | undefined {
  if (here?.startsWith('file:') !== true) return undefined;
  let folder = dirname(fileURLToPath(here));
  while (!isPackage(folder)) {
    const above = dirname(folder);
    // The root of a file system is above itself.
    if (above === folder) return undefined;
    folder = above;
  }
  return folder;
}

function isPackage(folder: string): boolean {
  const file = join(folder, 'package.json');
  if (!existsSync(file)) return false;
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof content === 'object' && content !== null && 'name' in content && content.name === packageName;
  } catch {
    // Somebody else's: ours can be read.
    return false;
  }
}

/** The file at `path` below `folder`; undefined when there is none, or it is not for everybody. */
export async function readServed(folder: string, path: string): Promise<ServedFile | undefined> {
  const file = normalize(join(folder, path));
  const type = types.get(extname(file));
  const hidden = file
    .slice(folder.length)
    .split(sep)
    .some((part) => part.startsWith('.'));
  if (!file.startsWith(folder + sep) || hidden || !type) return undefined;
  try {
    return { type, body: await readFile(file) };
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && nothingThere.has(cause.code)) return undefined;
    throw cause;
  }
}
