import { fork } from 'node:child_process';
import { join } from 'node:path';
import { onOneCore } from './places.js';

/** How long one step of a case may take, in ms. */
const stepTime = 60_000;

/** @typedef {Awaited<ReturnType<typeof startChild>>} Child */

/**
 * Starts a child process that plays a role of `bench/roles/`.
 *
 * @param {string} role
 * @param {string[]} [execArgv] options for Node
 * @param {boolean} [sharesCore] whether it shares one core with others that do
 */
export async function startChild(role, execArgv = [], sharesCore = false) {
  const { before, ...place } = sharesCore ? onOneCore() : { before: [] };
  const options = { ...place, execArgv: [...before, ...execArgv] };
  const child = fork(join(import.meta.dirname, 'child.js'), [role], options);
  /** @type {Map<number, { resolve: (result: any) => void, reject: (error: Error) => void }>} */
  const asked = new Map();
  let count = 0;
  let isEnding = false;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${role} ended with ${code}`)));
  });
  child.on('message', (/** @type {{ id: number, result: unknown, error?: string }} */ { id, result, error }) => {
    const waiting = asked.get(id);
    asked.delete(id);
    if (error) waiting?.reject(new Error(`${role}: ${error}`));
    else waiting?.resolve(result);
  });
  child.on('exit', (code) => {
    if (!isEnding) for (const { reject } of asked.values()) reject(new Error(`${role} ended with ${code}`));
  });

  return {
    /** @type {(method: string, args?: object) => Promise<any>} */
    call(method, args = {}) {
      const id = ++count;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${role}.${method} took too long`)), stepTime);
        const settled = (/** @type {(value: any) => void} */ settle) => (/** @type {any} */ value) => {
          clearTimeout(timer);
          settle(value);
        };
        asked.set(id, { resolve: settled(resolve), reject: settled(reject) });
        child.send({ id, method, args });
      });
    },
    async end() {
      isEnding = true;
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill('SIGKILL'), 3_000);
      await gone;
      clearTimeout(timer);
    },
  };
}
