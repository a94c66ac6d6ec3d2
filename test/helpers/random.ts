/** Chance that can be repeated: a number from 0 up to, not including, 1 each time (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed to print, or the one that is asked for by the environment variable `OOCSI_SEED`. */
export function seed(): number {
  return Number(process.env['OOCSI_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
}
