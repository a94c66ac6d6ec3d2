// The clients, in a process of their own: it is asked for one measurement after the other.
import { dialTcp, dialWeb, hears, takes } from './wires.js';

/**
 * @typedef {object} Task
 * @property {'trips' | 'burst' | 'flow' | 'storm' | 'idle' | 'leave'} what
 * @property {'tcp' | 'web'} over
 * @property {boolean} bare Whether the server is the bare one, which knows no commands.
 * @property {number} port
 * @property {number} [count] of trips, messages or clients
 * @property {number} [receivers]
 * @property {boolean} [slow] Whether one of them takes nothing, and one 10 KB a second.
 */

let named = 0;
/** @type {import('./wires.js').Wire[]} */
let wires = [];

/** @type {(task: Task, ...commands: string[]) => Promise<import('./wires.js').Wire & { handle: string }>} */
async function enter({ over, bare, port }, ...commands) {
  const wire = await (over === 'tcp' ? dialTcp : dialWeb)(port);
  const handle = `client${String(named++).padStart(5, '0')}`;
  wires.push(wire);
  const welcome = hears(wire, 'welcome');
  if (!bare) wire.socket.write(wire.pack(over === 'tcp' ? `${handle}(JSON)` : handle));
  await welcome;
  if (!bare && commands.length > 0) {
    // An answer to oneself tells that what was said before has been dealt with.
    const settled = hears(wire, '"settled"');
    for (const command of [...commands, `sendjson ${handle} {"settled":1}`]) wire.socket.write(wire.pack(command));
    await settled;
  }
  return { ...wire, handle };
}

/** A message as its receivers get it: as long as at our server. @type {(task: Task, sender: string, recipient: string, index: number) => string} */
function told({ over }, sender, recipient, index) {
  const envelope = `"recipient":"${recipient}","timestamp":1764000000000,"sender":"${sender}"`;
  return over === 'tcp' ? `{"i":${index},${envelope}}` : `{${envelope},"data":{"i":${index}}}`;
}

/** Each of many messages there and back, one after the other; ms each. @type {(task: Task) => Promise<number[]>} */
async function trips(task) {
  const [asker, answerer] = [await enter(task), await enter(task)];
  const [there, back] = task.bare
    ? [told(task, asker.handle, answerer.handle, 1), told(task, answerer.handle, asker.handle, 1)]
    : [`sendjson ${answerer.handle} {"i":1}`, `sendjson ${asker.handle} {"i":1}`];
  const [question, answer] = [asker.pack(there), answerer.pack(back)];
  answerer.socket.on('data', () => answerer.socket.write(answer));
  /** @type {number[]} */
  const times = [];
  return new Promise((resolve) => {
    let start = 0;
    const ask = () => {
      start = performance.now();
      asker.socket.write(question);
    };
    asker.socket.on('data', () => {
      times.push(performance.now() - start);
      if (times.length === task.count) resolve(times);
      else ask();
    });
    ask();
  });
}

/** Ms until the last of many messages has reached the last receiver; throws when one is missing. @type {(task: Task) => Promise<number>} */
async function burst(task) {
  const { count = 1, receivers = 1, bare } = task;
  const sender = await enter(task);
  const all = await Promise.all(Array.from({ length: receivers }, () => enter(task, 'subscribe channel')));
  const indices = Array.from({ length: count }, (_, index) => index);
  const expected = indices.map((index) => told(task, sender.handle, 'channel', index));
  const lines = bare ? expected : indices.map((index) => `sendjson channel {"i":${index}}`);
  const piece = Buffer.concat(lines.map(sender.pack));
  const size = expected.reduce((sum, text) => sum + text.length + sender.head, 0);
  const arrivals = all.map((receiver) => takes(receiver, size));
  const start = performance.now();
  sender.socket.write(piece);
  const arrived = await Promise.all(arrivals);
  for (const { bytes } of arrived) check(bytes.toString('latin1'), count, size);
  return Math.max(...arrived.map(({ at }) => at)) - start;
}

const filling = 'x'.repeat(430);
const perMs = 3;

/**
 * A steady flow of 3,000 messages of 500 bytes a second: how long each took to each receiver that reads, in ms. Those who
 * do not read are to be gone in the end.
 *
 * @type {(task: Task) => Promise<number[]>}
 */
async function flow(task) {
  const { count = 1, receivers = 1, slow = false } = task;
  const [sender, ...all] = await Promise.all(
    Array.from({ length: receivers + 1 }, (_, index) => enter(task, ...(index > 0 ? ['subscribe channel'] : []))),
  );
  const [frozen, sipping] = slow ? all.splice(-2) : [];
  frozen?.socket.pause();
  sipping?.socket.pause();
  const sips = setInterval(() => sipping?.socket.read(1_024), 100);
  /** @type {number[]} */
  const sent = [];
  /** @type {number[]} */
  const times = [];
  const complete = all.map(({ socket }) => {
    let [next, rest] = [0, ''];
    return new Promise((resolve, reject) => {
      socket.on('data', (piece) => {
        const now = performance.now();
        const lines = (rest + piece.toString('latin1')).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          // The server asks who is silent.
          if (line === 'ping') continue;
          if (!line.startsWith(`{"i":${next},`)) reject(new Error(`${line.slice(0, 40)} came instead of ${next}`));
          times.push(now - (sent[next++] ?? 0));
        }
        if (next === count) resolve(next);
      });
    });
  });
  const start = performance.now();
  const pacing = setInterval(() => {
    const now = performance.now();
    while (sent.length < Math.min(count, (now - start) * perMs)) {
      sender?.socket.write(`sendraw channel {"i":${sent.push(performance.now()) - 1},"filling":"${filling}"}\n`);
    }
    if (sent.length === count) clearInterval(pacing);
  }, 1);
  await Promise.all(complete);
  clearInterval(sips);
  if (!slow || !sender) return times;
  const there = hears(sender, ',');
  sender.socket.write('clients\n');
  const handles = (await there).trim().split(',');
  for (const one of [frozen, sipping])
    if (handles.includes(one?.handle ?? '')) throw new Error('a slow one is still there');
  return times;
}

/** @type {(text: string, count: number, size: number) => void} */
function check(text, count, size) {
  const indices = [...text.matchAll(/"i":(\d+)/g)].map(([, index]) => Number(index));
  if (text.length !== size || indices.length !== count || indices.some((value, index) => value !== index)) {
    throw new Error(`${indices.length} messages of ${count} came, or not in order`);
  }
}

/** Ms until many clients that connect at once are all welcome. @type {(task: Task) => Promise<number>} */
async function storm(task) {
  const start = performance.now();
  await Promise.all(Array.from({ length: task.count ?? 1 }, () => enter(task)));
  return performance.now() - start;
}

async function leave() {
  const gone = wires.map(({ socket }) => new Promise((resolve) => socket.once('close', resolve)));
  for (const { socket } of wires) socket.destroy();
  wires = [];
  await Promise.all(gone);
}

const tasks = { trips, burst, flow, storm, idle: storm, leave };

process.on('message', (/** @type {Task} */ task) => {
  tasks[task.what](task)
    .then((result) => process.send?.({ result }))
    .catch((thrown) => process.send?.({ fault: String(thrown) }));
});
process.on('disconnect', () => process.exit());
