// `npm run bench:server`: how fast the built server is, beside bare sockets that pass the same bytes on.
// Give a word to measure only what has it in its name, such as `npm run bench:server -- burst`.
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

if (!existsSync(join(import.meta.dirname, '../dist/node/server.js'))) {
  console.error('There is no dist/node/server.js yet: run `npm run build` first.');
  process.exit(1);
}

const wanted = process.argv[2] ?? '';
const rounds = 9;

/** @typedef {import('node:child_process').ChildProcess} Process */

/** @type {(file: string, args?: readonly string[], nodeOptions?: readonly string[]) => Process} */
const start = (file, args = [], nodeOptions = []) =>
  fork(join(import.meta.dirname, 'server', file), args, { execArgv: [...nodeOptions] });

/** Asks a process, and resolves with what it answers. @type {(child: Process, question?: import('node:child_process').Serializable) => Promise<any>} */
function ask(child, question) {
  return new Promise((resolve, reject) => {
    const ended = (/** @type {number | null} */ code) => reject(new Error(`a process ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (/** @type {any} */ answer) => {
      child.off('exit', ended);
      if (answer.fault) reject(new Error(answer.fault));
      else resolve(answer);
    });
    if (question !== undefined) child.send(question);
  });
}

const clients = start('clients.js');
const profiling = process.env['OOCSI_CPU_PROF']
  ? ['--cpu-prof', `--cpu-prof-dir=${process.env['OOCSI_CPU_PROF']}`]
  : [];
const ours = start('servers.js', ['ours'], ['--expose-gc', ...profiling]);
const bare = start('servers.js', ['bare'], ['--expose-gc']);
const [oursAt, bareAt] = await Promise.all([ask(ours), ask(bare)]);

/** @typedef {'tcp' | 'web'} Transport */

/** @type {(what: string, over: Transport, isBare: boolean, more?: object) => Promise<any>} */
async function measure(what, over, isBare, more) {
  const port = (isBare ? bareAt : oursAt)[over];
  const { result } = await ask(clients, { what, over, bare: isBare, port, ...more });
  if (what !== 'idle') await ask(clients, { what: 'leave' });
  return result;
}

/** Both servers by turns, so that what else the machine does hits both. @type {(what: string, over: Transport, more: object) => Promise<{ ours: any[], bare: any[] }>} */
async function both(what, over, more) {
  /** @type {{ ours: any[], bare: any[] }} */
  const results = { ours: [], bare: [] };
  // The first rounds only warm up.
  for (let round = -3; round < rounds; round++) {
    const [one, other] = [await measure(what, over, false, more), await measure(what, over, true, more)];
    if (round < 0) continue;
    results.ours.push(one);
    results.bare.push(other);
  }
  return results;
}

/** @type {(values: readonly number[], share?: number) => number} */
function quantile(values, share = 0.5) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
}

let missed = 0;

/** @type {(name: string, value: string, aim?: { reached: boolean, text: string }) => void} */
function print(name, value, aim) {
  if (aim && !aim.reached) missed++;
  const verdict = aim ? `${aim.reached ? '✓' : '✗'} ${aim.text}` : '';
  console.log(`${name.padEnd(47)}${value.padEnd(58)}${verdict}`);
}

/** @type {(value: number) => string} */
const ms = (value) => `${value.toFixed(value < 1 ? 3 : 1)} ms`;
/** @type {(value: number) => string} */
const perSecond = (value) => `${Math.round(value).toLocaleString('en')}/s`;

const names = { tcp: 'TCP', web: 'WebSocket' };

/** @type {(over: Transport) => Promise<void>} */
async function tripTimes(over) {
  const { ours, bare } = await both('trips', over, { count: 2_000 });
  const [p50, p99, bare50] = [quantile(ours.flat()), quantile(ours.flat(), 0.99), quantile(bare.flat())];
  const ratio = p50 / bare50;
  const aim = { reached: p50 <= 0.15 && ratio <= 1.5, text: 'p50 at most 0.15 ms and 1.5 × bare' };
  const value = `p50 ${ms(p50)} (bare ${ms(bare50)}, ${ratio.toFixed(2)} ×), p99 ${ms(p99)}`;
  print(`round trip, two hops, ${names[over]}`, value, over === 'tcp' ? aim : undefined);
}

/** @type {(over: Transport, receivers: number, aim?: number) => Promise<void>} */
async function bursts(over, receivers, aim) {
  const count = 20_000;
  const { ours, bare } = await both('burst', over, { count, receivers });
  const [rate, bareRate] = [ours, bare].map((times) => (1_000 * count * receivers) / quantile(times));
  const value = `${perSecond(rate ?? 0)} (bare ${perSecond(bareRate ?? 0)})`;
  const reached = (rate ?? 0) >= (aim ?? 0);
  print(
    `burst of 20,000, 1 to ${receivers}, ${names[over]}`,
    value,
    aim && { reached, text: `at least ${perSecond(aim)}` },
  );
}

/** @type {(over: Transport) => Promise<void>} */
async function toMany(over) {
  const { ours, bare } = await both('burst', over, { count: 1, receivers: 1_000 });
  const [time, bareTime] = [quantile(ours), quantile(bare)];
  const aim = { reached: time <= 30 || time <= 1.5 * bareTime, text: 'at most 30 ms or 1.5 × bare' };
  print(`one message to 1,000, ${names[over]}, the last`, `${ms(time)} (bare ${ms(bareTime)})`, aim);
}

/** @type {(over: Transport) => Promise<void>} */
async function storms(over) {
  const { ours, bare } = await both('storm', over, { count: 1_000 });
  const [time, bareTime] = [quantile(ours), quantile(bare)];
  const aim = { reached: Math.max(...ours) <= 2_000, text: 'at most 2 s' };
  print(`1,000 connect at once, ${names[over]}`, `${ms(time)} (bare ${ms(bareTime)})`, aim);
}

/** @type {(over: Transport) => Promise<void>} */
async function idleHeap(over) {
  const count = 2_000;
  /** @type {(isBare: boolean) => Promise<number>} */
  async function each(isBare) {
    const server = isBare ? bare : ours;
    const before = await ask(server, 'heap');
    await measure('idle', over, isBare, { count });
    const after = await ask(server, 'heap');
    await ask(clients, { what: 'leave' });
    return (after.heap - before.heap) / count / 1_024;
  }
  await each(false);
  const [own, bareHeap] = [await each(false), await each(true)];
  const aim = over === 'tcp' ? { reached: own <= 6, text: 'at most 6 KiB' } : undefined;
  print(`heap of an idle client, ${names[over]}`, `${own.toFixed(1)} KiB (bare ${bareHeap.toFixed(1)} KiB)`, aim);
}

/** Without slow clients and with some, several times; the best of each. @type {() => Promise<void>} */
async function slowOnes() {
  /** @type {(slow: boolean) => Promise<number[]>} */
  const flow = (slow) => measure('flow', 'tcp', false, { count: 15_000, receivers: slow ? 20 : 18, slow });
  await flow(false);
  /** @type {number[]} */
  const without = [];
  /** @type {number[]} */
  const withThem = [];
  for (let round = 0; round < 3; round++) {
    without.push(quantile(await flow(false), 0.99));
    withThem.push(quantile(await flow(true), 0.99));
  }
  const [usual, disturbed] = [Math.min(...without), Math.min(...withThem)];
  const aim = { reached: disturbed <= 2 * usual, text: 'at most 2 × without them' };
  const value = `p99 ${ms(disturbed)} (without ${ms(usual)}, ${(disturbed / usual).toFixed(2)} ×)`;
  print('3,000/s to 18, beside a frozen and a slow one', value, aim);
}

/** @type {readonly (readonly [name: string, task: () => Promise<void>])[]} */
const tasks = [
  ['trip tcp', () => tripTimes('tcp')],
  ['trip web', () => tripTimes('web')],
  ['burst tcp 1', () => bursts('tcp', 1, 300_000)],
  ['burst tcp 10', () => bursts('tcp', 10, 900_000)],
  ['burst web 1', () => bursts('web', 1)],
  ['burst web 10', () => bursts('web', 10)],
  ['many tcp', () => toMany('tcp')],
  ['many web', () => toMany('web')],
  ['slow tcp', slowOnes],
  ['storm tcp', () => storms('tcp')],
  ['storm web', () => storms('web')],
  ['idle tcp', () => idleHeap('tcp')],
  ['idle web', () => idleHeap('web')],
];

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}; medians of ${rounds} rounds\n`);
try {
  for (const [name, task] of tasks) if (name.includes(wanted)) await task();
} finally {
  for (const child of [clients, ours, bare]) child.disconnect();
}
if (missed > 0) {
  console.error(`\n${missed} of the figures are not reached.`);
  process.exitCode = 1;
}
