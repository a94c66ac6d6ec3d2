// `node scripts/soak/outages.js`: steady senders whose cable is pulled for 5, 25 and 60 s. Server and clients live in network
// namespaces of their own, and the router between them stops forwarding: nothing is closed, nothing answers, as with a real
// cable. It needs Linux, `ip` and root.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { answerAs, loadBuilt, pause, startRole } from './processes.js';

const outages = [5, 25, 60];
/** What senders do, every so many ms. */
const intervals = [50, 200, 1_000];
const schemes = ['tcp', 'ws'];
/** Back at most so late behind the plug, in ms. */
const aim = 3_000;
const serverAddress = '10.77.1.2';
const ports = { tcp: 4_444, ws: 9_000 };

/** @typedef {{ n: number, at: number }} Event */

async function serve() {
  const { startServer } = await loadBuilt();
  const server = await startServer({ host: serverAddress, port: ports.ws, tcpPort: ports.tcp });
  answerAs({ ping: () => 'here', stop: () => server.close() });
}

/** Clients that send to those of the other place, and take what those send. */
async function takePart(/** @type {string} */ here) {
  const { connect } = await loadBuilt();
  const there = here === 'near' ? 'far' : 'near';
  /** @type {Record<string, { sent: Event[], acked: number[], rejected: string[], delivered: Event[], states: string[] }>} */
  const log = {};
  const names = schemes.flatMap((scheme) => intervals.map((every) => ({ scheme, every, name: `${scheme}_${every}` })));
  const began = Date.now();
  /** @type {any[]} */
  const clients = [];
  /** @type {Promise<void>[]} */
  const waiting = [];
  let isSending = false;

  async function join() {
    for (const { scheme, name } of names) {
      const entry = { sent: [], acked: [], rejected: [], delivered: [], states: [] };
      log[name] = entry;
      // Room for a minute of the fastest sender; what does not fit is rejected at once, and says so.
      const options = { handle: `${here}_${name}`, outbox: { size: 5_000 } };
      const client = await connect(`${scheme}://${serverAddress}:${ports[scheme]}`, options);
      client.on('state', ({ status, cause }) => {
        const second = ((Date.now() - began) / 1_000).toFixed(1);
        entry.states.push(`${second} ${status}${cause ? `: ${cause.message}` : ''}`);
      });
      client.on('gap', (gap) => entry.states.push(`gap ${JSON.stringify(gap)}`));
      client.subscribe(`${there}_${name}_says`, ({ data }) => entry.delivered.push({ n: data.n, at: Date.now() }), {
        reliable: true,
      });
      await client.flush();
      clients.push(client);
    }
  }

  async function sendSteadily(client, { name, every }) {
    const { sent, acked, rejected } = log[name];
    for (let n = 0; isSending; n++) {
      sent.push({ n, at: Date.now() });
      waiting.push(
        client.send(`${here}_${name}_says`, { n }, { ack: { timeout: 120_000 } }).then(
          () => void acked.push(n),
          (error) => void rejected.push(`${n} ${error.code}: ${error.message}`),
        ),
      );
      await pause(every);
    }
  }

  answerAs({
    join,
    start() {
      isSending = true;
      names.forEach((one, index) => void sendSteadily(clients[index], one));
    },
    async stop() {
      isSending = false;
      await pause(Math.max(...intervals));
      await Promise.all(waiting);
      await pause(1_000);
      await Promise.all(clients.map((client) => client.close()));
      return log;
    },
  });
}

/** @param {string} line */
function run(line) {
  const [command = '', ...args] = line.split(' ');
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${line}: ${stderr}`);
}

/** Two networks with a router between them, whose cable can be pulled. */
function createNetwork() {
  const [server, router, far] = ['server', 'router', 'far'].map((name) => `oocsi-${process.pid}-${name}`);
  const all = [server, router, far];
  const remove = () => all.forEach((name) => void spawnSync('ip', ['netns', 'del', name]));
  process.once('exit', remove);
  for (const name of all) {
    run(`ip netns add ${name}`);
    run(`ip -n ${name} link set lo up`);
  }
  for (const [index, name] of [server, far].entries()) {
    const net = `10.77.${index + 1}`;
    run(`ip -n ${router} link add to${index} type veth peer name eth0 netns ${name}`);
    run(`ip -n ${router} addr add ${net}.1/24 dev to${index}`);
    run(`ip -n ${router} link set to${index} up`);
    run(`ip -n ${name} addr add ${net}.2/24 dev eth0`);
    run(`ip -n ${name} link set eth0 up`);
    run(`ip -n ${name} route add default via ${net}.1`);
  }
  const forward = (/** @type {0 | 1} */ isOn) =>
    run(`ip netns exec ${router} sysctl -q -w net.ipv4.ip_forward=${isOn}`);
  forward(1);
  const inside = (/** @type {string | undefined} */ name) => ['ip', 'netns', 'exec', name ?? ''];
  return { inServer: inside(server), inFar: inside(far), pull: () => forward(0), plug: () => forward(1), remove };
}

/** What became of the messages from one client to another. */
function judge(/** @type {string} */ name, from, to, plugs) {
  const got = to.delivered.map(({ n }) => n);
  const had = new Set(got);
  const resumed = plugs.map((plug) => {
    const next = to.delivered.find(({ at }) => at >= plug);
    const fresh = from.sent.find(({ at }) => at >= plug);
    const freshAt = to.delivered.find(({ n }) => n === fresh?.n)?.at ?? Number.POSITIVE_INFINITY;
    return { first: (next?.at ?? Number.POSITIVE_INFINITY) - plug, all: freshAt - plug };
  });
  return {
    name,
    sent: from.sent.length,
    acked: from.acked.length,
    rejected: from.rejected,
    lost: from.acked.filter((n) => !had.has(n)),
    twice: got.length - had.size,
    isInOrder: got.every((n, index) => index === 0 || n > got[index - 1]),
    resumed,
  };
}

async function main() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || spawnSync('ip', ['-V']).status !== 0) {
    console.log('skipped: outages of a network need Linux, `ip` and root');
    return;
  }
  const network = createNetwork();
  const start = (role, before) => startRole(import.meta.filename, role, { before });
  const server = start('server', network.inServer);
  await server.ask({ type: 'ping' });
  const near = start('near', network.inServer);
  const far = start('far', network.inFar);
  for (const place of [near, far]) await place.ask({ type: 'join' });
  for (const place of [near, far]) await place.ask({ type: 'start' });
  await pause(3_000);
  const plugs = [];
  for (const seconds of outages) {
    console.log(`The cable is pulled for ${seconds} s.`);
    network.pull();
    await pause(seconds * 1_000);
    plugs.push(Date.now());
    network.plug();
    await pause(15_000);
  }
  const [nearLog, farLog] = await Promise.all([near.ask({ type: 'stop' }), far.ask({ type: 'stop' })]);
  await server.ask({ type: 'stop' });
  for (const role of [near, far, server]) role.end();

  const results = Object.keys(nearLog).flatMap((name) => [
    judge(`${name} ms, the sender is away`, farLog[name], nearLog[name], plugs),
    judge(`${name} ms, the receiver is away`, nearLog[name], farLog[name], plugs),
  ]);
  let failures = 0;
  for (const { name, sent, acked, rejected, lost, twice, isInOrder, resumed } of results) {
    const times = resumed.map(({ first, all }) => `${first}/${all}`).join(', ');
    const isLate = resumed.some(({ first }) => first > aim);
    const isBad = lost.length > 0 || twice > 0 || !isInOrder || isLate || rejected.length > 0;
    if (isBad) failures++;
    console.log(
      `${isBad ? '✗' : '✓'} ${name}: ${sent} sent, ${acked} acknowledged, ${rejected.length} rejected, ${lost.length} lost, ` +
        `${twice} twice, ${isInOrder ? '' : 'not '}in order; first/all again after ${times} ms`,
    );
    for (const one of rejected.slice(0, 3)) console.log(`    ${one}`);
  }
  if (process.env.OOCSI_STATES) {
    writeFileSync(process.env.OOCSI_STATES, JSON.stringify({ plugs, near: nearLog, far: farLog }, null, 1));
  }
  console.log(failures === 0 ? 'outages: nothing lost' : `outages: ${failures} of ${results.length} failed`);
  process.exitCode = failures === 0 ? 0 : 1;
}

const role = process.argv[2];
if (role === 'server') await serve();
else if (role === 'near' || role === 'far') await takePart(role);
else await main();
