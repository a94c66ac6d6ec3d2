// `node scripts/soak/attacks.js [minutes]`: all attacks at once, again and again, beside clients that come and go. Bystanders
// are to be answered all the time, and the server is to hold nothing afterwards.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { attacks } from '../../test/helpers/attacks.js';
import { answerAs, loadBuilt, pause, startRole } from './processes.js';

/** How long the answers of bystanders may take, all but one in a thousand, in ms. */
const aim = 50;
/** What the server may hold for all connections together, as `limits.buffers` has it. */
const budget = 2 ** 28;
/** What the process may have in all: what was read, or is written, also stays until it is collected. */
const memory = 3 * budget;
/** So much more may be there at the end than at the beginning. */
const tolerated = { heap: 4 * 2 ** 20, descriptors: 0 };
const attackers = 3;

/** Where this may (as root), the server and those who measure it do not wait for what else the machine does. */
function goFirst() {
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
  } catch (error) {
    console.log(`It is measured beside everything else on this machine: ${error.message}`);
  }
}

/** How long this process has waited for a processor so far, in ms; undefined where nobody counts it. */
function waitedForProcessor() {
  const file = `/proc/self/task/${process.pid}/schedstat`;
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split(' ')[1]) / 1e6 : undefined;
}

const mebibytes = (/** @type {number} */ bytes) => (bytes / 2 ** 20).toFixed(1);

async function serve() {
  goFirst();
  const { startServer } = await loadBuilt();
  const server = await startServer({ port: 0, tcpPort: 0, users: ['owner:word'] });
  // Beside the answers of the bystanders it tells whether the server stood still, or the machine had no time for it.
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let cpu = process.cpuUsage();
  let waited = waitedForProcessor() ?? 0;
  let peak = 0;
  setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 100);
  answerAs({
    where: () => ({ port: server.tcpPort, webPort: server.port }),
    /** What it holds; the heap after it was collected. */
    async look() {
      for (let round = 0; round < 3; round++) {
        global.gc?.();
        await pause(50);
      }
      const { heapUsed, rss } = process.memoryUsage();
      const descriptors = readdirSync('/proc/self/fd').length;
      const { clients, unauthenticated, channels, retained, delayed } = server.stats();
      return { heap: heapUsed, rss, peak, descriptors, clients, unauthenticated, channels, retained, delayed };
    },
    /** How the event loop did since it was asked last, and how much processor time it took, in ms. */
    strain() {
      const { user, system } = process.cpuUsage(cpu);
      const before = waited;
      waited = waitedForProcessor() ?? 0;
      const [most, longest] = [delay.percentile(99.9), delay.max].map((ns) => ns / 1e6);
      delay.reset();
      cpu = process.cpuUsage();
      return { most, longest, cpu: (user + system) / 1_000, waited: waited - before };
    },
    stop: () => server.close(),
  });
}

/** Each attack again and again, until it is told to stop; every so many of them are for this process. */
function attack(/** @type {number} */ which) {
  setPriority(constants.priority.PRIORITY_LOW);
  let isOver = false;
  const counts = new Map();
  /** @type {Promise<void>[]} */
  let all = [];
  const again = async (name, target) => {
    while (!isOver) {
      await attacks[name]?.(target);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  };
  answerAs({
    start({ target }) {
      isOver = false;
      const names = Object.keys(attacks).filter((_, index) => index % attackers === which);
      all = names.map((name) => again(name, target));
    },
    async stop() {
      isOver = true;
      await Promise.all(all);
      return [...counts];
    },
  });
}

/** Clients of the library that come, subscribe, send and go. */
async function comeAndGo() {
  setPriority(constants.priority.PRIORITY_LOW);
  const { connect } = await loadBuilt();
  let isOver = false;
  let count = 0;
  /** @type {Promise<void>[]} */
  let all = [];
  const errors = new Map();
  async function again(url, index) {
    while (!isOver) {
      try {
        const client = await connect(url, { handle: `churn_${index}`, onHandleTaken: 'retry' });
        client.subscribe('churn', () => {});
        for (let n = 0; n < 10; n++) client.send('churn', { n });
        await client.flush();
        await client.close();
        count++;
      } catch (error) {
        errors.set(error.message, (errors.get(error.message) ?? 0) + 1);
      }
    }
  }
  answerAs({
    start({ target }) {
      isOver = false;
      const urls = [`tcp://127.0.0.1:${target.port}`, `ws://127.0.0.1:${target.webPort}/ws`];
      all = Array.from({ length: 20 }, (_, index) => again(urls[index % 2], index));
    },
    async stop() {
      isOver = true;
      await Promise.all(all);
      return { count, errors: [...errors] };
    },
  });
}

/** Clients that send to themselves all the time, and note how long it takes; one connection for each dialect. */
async function standBy() {
  goFirst();
  const { connect } = await loadBuilt();
  /** @type {number[]} */
  let times = [];
  let lost = 0;
  let isOver = false;
  /** @type {any[]} */
  const clients = [];
  async function trips(client) {
    /** @type {() => void} */
    let arrived = () => {};
    let trip = 0;
    // Attackers send to it, too.
    client.subscribe(({ sender, data }) => {
      if (sender === client.handle && data.trip === trip) arrived();
    });
    while (!isOver) {
      const began = performance.now();
      trip++;
      const back = new Promise((resolve) => {
        arrived = () => resolve(true);
      });
      client.send(client.handle, { trip });
      if (await Promise.race([back, pause(30_000).then(() => false)])) times.push(performance.now() - began);
      else lost++;
      await pause(2);
    }
  }
  answerAs({
    async start({ target }) {
      const urls = [`tcp://127.0.0.1:${target.port}`, `ws://127.0.0.1:${target.webPort}/ws`];
      for (const [index, url] of [...urls, ...urls].entries()) {
        const client = await connect(url, { handle: index === 0 ? 'bystander' : `bystander_${index}` });
        client.on('state', ({ status }) => {
          if (status === 'reconnecting') lost++;
        });
        clients.push(client);
        void trips(client);
      }
    },
    /** The times since it was asked last. */
    take() {
      const taken = { times, lost };
      times = [];
      lost = 0;
      return taken;
    },
    async stop() {
      isOver = true;
      await Promise.all(clients.map((client) => client.close()));
    },
  });
}

/** What so many of a thousand stay below. */
function quantile(/** @type {number[]} */ times, /** @type {number} */ ofThousand) {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * ofThousand) / 1_000) - 1)] ?? Number.NaN;
}

function describeTimes(/** @type {number[]} */ times) {
  const [median, p99, most, longest] = [500, 990, 999, 1_000].map((part) => quantile(times, part).toFixed(1));
  return `${times.length} answers, p50 ${median}, p99 ${p99}, p99.9 ${most}, longest ${longest} ms`;
}

const describe = ({ heap, rss, peak, descriptors, ...counts }) =>
  `heap ${mebibytes(heap)} MiB, memory ${mebibytes(rss)} MiB (at most ${mebibytes(peak)}), ${descriptors} descriptors, ` +
  JSON.stringify(counts);

/** Lets the attackers and those who come and go do what they do for so long. */
async function assault(/** @type {any} */ { hostile, bystanders, server, target }, /** @type {number} */ ms) {
  for (const role of hostile) await role.ask({ type: 'start', target });
  /** @type {number[]} */
  const all = [];
  let lost = 0;
  const step = Math.min(ms, 10_000);
  for (let past = 0; past < ms; past += step) {
    await pause(step);
    const taken = await bystanders.ask({ type: 'take' });
    for (const time of taken.times) all.push(time);
    lost += taken.lost;
    const { most, longest, cpu, waited } = await server.ask({ type: 'strain' });
    console.log(
      `  ${(past + step) / 1_000} s: ${describeTimes(taken.times)}; event loop p99.9 ${most.toFixed(1)}, ` +
        `longest ${longest.toFixed(1)} ms, processor ${((cpu / step) * 100).toFixed(0)} %, ` +
        `waited for one ${waited.toFixed(0)} ms`,
    );
  }
  const done = await Promise.all(hostile.map((role) => role.ask({ type: 'stop' })));
  // What has no handshake is closed after 5 s, what is kept and delayed is gone after 9 s.
  await pause(12_000);
  await bystanders.ask({ type: 'take' });
  return { times: all, lost, done };
}

async function main() {
  const minutes = Number(process.argv[2] ?? 5);
  if (!(minutes > 0)) {
    console.error('node scripts/soak/attacks.js MINUTES: how long the attacks go on, such as 5.');
    process.exitCode = 2;
    return;
  }
  const start = (role, flags = []) => startRole(import.meta.filename, role, { flags });
  const server = start('server', ['--expose-gc']);
  const target = { ...(await server.ask({ type: 'where' })), victim: 'bystander' };
  const bystanders = start('bystanders');
  const hostile = [...Array.from({ length: attackers }, (_, index) => start(`attacker ${index}`)), start('churn')];
  await bystanders.ask({ type: 'start', target });
  await pause(5_000);
  const quiet = await bystanders.ask({ type: 'take' });
  console.log(`Nobody attacks: ${describeTimes(quiet.times)}`);
  console.log('All attacks at once, to warm up:');
  await assault({ hostile, bystanders, server, target }, 20_000);
  const before = await server.ask({ type: 'look' });
  console.log(`Before: ${describe(before)}`);
  console.log(`All attacks at once, for ${minutes} minutes:`);
  const { times, lost, done } = await assault({ hostile, bystanders, server, target }, minutes * 60_000);
  const after = await server.ask({ type: 'look' });
  console.log(`After: ${describe(after)}`);
  console.log(`Bystanders: ${describeTimes(times)}, ${lost} lost`);
  console.log(`Done meanwhile: ${JSON.stringify(done)}`);
  await bystanders.ask({ type: 'stop' });
  await server.ask({ type: 'stop' });
  for (const role of [...hostile, bystanders, server]) role.end();

  const wrong = [
    quantile(times, 999) > aim && `p99.9 is above ${aim} ms`,
    lost > 0 && `${lost} answers or connections of bystanders were lost`,
    after.heap - before.heap > tolerated.heap && `the heap grew by ${mebibytes(after.heap - before.heap)} MiB`,
    after.descriptors - before.descriptors > tolerated.descriptors &&
      `${after.descriptors - before.descriptors} more descriptors`,
    after.peak > memory && `the process had ${mebibytes(after.peak)} MiB`,
  ].filter((line) => line !== false);
  for (const line of wrong) console.log(`✗ ${line}`);
  console.log(wrong.length === 0 ? 'attacks: the bystanders were answered' : `attacks: ${wrong.length} failed`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

const [role, which] = (process.argv[2] ?? '').split(' ');
if (role === 'server') await serve();
else if (role === 'attacker') attack(Number(which));
else if (role === 'churn') await comeAndGo();
else if (role === 'bystanders') await standBy();
else await main();
