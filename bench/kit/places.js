import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** The cores that this program may use, such as `0-1`. */
function ownCores() {
  const status = '/proc/self/status';
  return existsSync(status) ? /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync(status, 'utf8'))?.[1] : undefined;
}

/** The first of these cores, where the system can say who runs on it (`taskset` on Linux). */
function firstOf(/** @type {string | undefined} */ cores) {
  const core = /^\d+/.exec(cores ?? '')?.[0];
  return core !== undefined && spawnSync('taskset', ['-c', core, 'true']).status === 0 ? core : undefined;
}

/**
 * How to start programs that all have to share one core.
 *
 * A round trip is short. Left alone, the system keeps the programs of one variant on one core and spreads those of another
 * one, and a hop to a core that sleeps takes longer than all that is done at its two ends.
 *
 * @returns {{ execPath?: string, before: string[] }} what to start, and what stands before the options of Node
 */
export function onOneCore() {
  const core = firstOf(ownCores());
  return core === undefined ? { before: [] } : { execPath: 'taskset', before: ['-c', core, process.execPath] };
}

/**
 * Starts what has many programs of its own, as a browser has, so that they share one core.
 *
 * Left alone, the system spreads them over all cores now in one way and now in another, and what a page can do differs by
 * a fifth from one moment to the next.
 *
 * @template T
 * @param {() => Promise<T>} start
 */
export async function startOnOneCore(start) {
  const cores = ownCores();
  const core = firstOf(cores);
  if (cores === undefined || core === undefined) return start();
  const move = (/** @type {string} */ to) => spawnSync('taskset', ['-c', '-p', to, String(process.pid)]);
  // What it starts inherits its place.
  move(core);
  try {
    return await start();
  } finally {
    move(cores);
  }
}
