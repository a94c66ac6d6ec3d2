// A caller, or a responder.
import { connect } from '../../dist/node/index.js';
import { now } from '../kit/clock.js';
import { quantile } from '../kit/figures.js';
import { kinds } from '../kit/messages.js';

/** @type {import('../../src/index').Client | undefined} */
let oocsi;

/** @param {{ address: string }} options */
export async function open({ address }) {
  oocsi = await connect(address, { handle: `calls_${process.pid}` });
}

/** @param {{ address: string }} options */
export async function respond({ address }) {
  await open({ address });
  oocsi?.register('bench', 'next', ({ n, ...rest }) => ({ n: n + 1, ...rest }));
  await oocsi?.flush();
}

/**
 * @param {{ count: number, inFlight: number }} options
 * @returns {Promise<{ rate: number, p50: number, p99: number }>} calls a second, µs
 */
export async function calls({ count, inFlight }) {
  const times = new Float64Array(count);
  let next = 0;
  async function oneAfterTheOther() {
    while (next < count) {
      const n = next++;
      const start = now();
      const answer = await oocsi?.call('bench', 'next', kinds.small(n));
      times[n] = (now() - start) * 1_000;
      if (answer.n !== n + 1) throw new Error(`${n} was answered with ${answer.n}`);
    }
  }
  const start = now();
  await Promise.all(Array.from({ length: inFlight }, oneAfterTheOther));
  const rate = (count / (now() - start)) * 1_000;
  return { rate, p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
