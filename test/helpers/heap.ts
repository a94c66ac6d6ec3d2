import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

async function collectAll(): Promise<void> {
  for (let time = 0; time < 4; time++) {
    collect();
    await new Promise(setImmediate);
  }
}

/** What is in use on the heap once nothing is left to collect, in bytes. */
export async function heapInUse(): Promise<number> {
  await collectAll();
  return process.memoryUsage().heapUsed;
}

/** The same, with what buffers hold. */
export async function memoryInUse(): Promise<number> {
  await collectAll();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
