import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** The first core that this program may use. */
function firstCore() {
  const status = '/proc/self/status';
  return existsSync(status) ? /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync(status, 'utf8'))?.[1] : undefined;
}

/**
 * How to start programs that all have to share one core, where the system can do that (`taskset` on Linux).
 *
 * A round trip is short. Left alone, the system keeps the programs of one variant on one core and spreads those of another
 * one, and a hop to a core that sleeps takes longer than all that is done at its two ends.
 *
 * @returns {{ execPath?: string, before: string[] }} what to start, and what stands before the options of Node
 */
export function onOneCore() {
  const core = firstCore();
  const canPin = core !== undefined && spawnSync('taskset', ['-c', core, 'true']).status === 0;
  return canPin ? { execPath: 'taskset', before: ['-c', core, process.execPath] } : { before: [] };
}
