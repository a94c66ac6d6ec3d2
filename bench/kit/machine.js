import { spawnSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem, type } from 'node:os';

/** What a run was made with: figures without it mean little. */
export function describeMachine() {
  const [first] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    system: `${type()} ${release().split('-')[0]}`,
    node: process.version,
    /** How many programs wanted to run in the minute before: more than one or two, and the figures mean little. */
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
    commit: commit(),
  };
}

/** Empty where this is no copy of the repository; with a + where files were changed since. */
function commit() {
  const git = (/** @type {string[]} */ ...args) => spawnSync('git', args, { encoding: 'utf8' }).stdout ?? '';
  const changed = git('status', '--porcelain', '--', 'src', 'bench/*.js').trim() === '' ? '' : '+';
  const name = git('rev-parse', '--short', 'HEAD').trim();
  return name && `${name}${changed}`;
}

/** @param {ReturnType<typeof describeMachine>} machine */
export function machineLine({ date, cpu, cores, memory, system, node, commit, load }) {
  const made = commit && `, commit ${commit}`;
  const busy = load > cores / 2 ? `, while other programs were busy (load ${load}): figures vary` : '';
  return `${date}, ${cpu}, ${cores} cores, ${memory}, ${system}, Node ${node.slice(1)}${made}${busy}`;
}
