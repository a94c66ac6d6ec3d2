import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';

/** Every build has the same chance (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a text weighs when Node has compressed it. */
export const weigh = (text: string): number => gzipSync(text, { level: 9 }).length;

/** What it weighs on average when `gzip` has compressed it, too: the two find different repetitions. */
export const weighTwice = (text: string): number =>
  (weigh(text) + spawnSync('gzip', ['-9nc'], { input: text }).stdout.length) / 2;

/**
 * Whether a change stays: always if it helps, and now and then if it harms. One does not get out of a hollow otherwise;
 * the colder it gets, the less harm is borne (simulated annealing).
 */
export const isKept = (harm: number, heat: number, random: () => number): boolean =>
  harm <= 0 || random() < Math.exp(-harm / heat);

/** Heat that falls evenly, by factors, while `progress` goes from 0 to 1. */
export const cooling = (first: number, last: number, progress: number): number => first * (last / first) ** progress;
