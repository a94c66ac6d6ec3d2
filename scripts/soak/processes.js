// What the long runs share: processes that are told what to do, and the built client.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '../..');

/** The client and the server as they were built. */
export async function loadBuilt() {
  const files = ['index', 'tcp', 'server'].map((name) => join(root, `dist/node/${name}.js`));
  if (!files.every((file) => existsSync(file))) {
    console.error('Run `npm run build` first: the long runs use what was built.');
    process.exit(2);
  }
  const [client, , server] = await Promise.all(files.map((file) => import(pathToFileURL(file).href)));
  return { connect: client.connect, startServer: server.startServer };
}

export const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Starts a role of a file as a process of its own. `ask` sends it a word and gives its answer.
 *
 * @param {string} file
 * @param {string} role
 * @param {{ before?: string[], flags?: string[] }} [options] `before`: the command that runs Node, such as `ip netns exec`
 */
export function startRole(file, role, { before = [], flags = [] } = {}) {
  const [command = '', ...args] = [...before, process.execPath, ...flags, file, role];
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  /** @type {((answer: any) => void)[]} */
  const waiting = [];
  child.on('message', (answer) => waiting.shift()?.(answer));
  child.on('exit', (code) => {
    if (waiting.length > 0) throw new Error(`The process "${role}" ended with ${code} before it had answered.`);
  });
  return {
    ask: (/** @type {unknown} */ word) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        child.send(/** @type {any} */ (word));
      }),
    end: () => void (child.connected && child.disconnect()),
    child,
  };
}

/**
 * The other side of `startRole`: answers one word after the other, and ends with the process that started it.
 *
 * @param {Record<string, (word: any) => unknown>} answers by the `type` of the word
 */
export function answerAs(answers) {
  process.on('disconnect', () => process.exit());
  process.on('message', async (/** @type {any} */ word) => {
    process.send?.((await answers[word.type]?.(word)) ?? null);
  });
}
