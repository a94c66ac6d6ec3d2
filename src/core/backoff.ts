/** The longest that a client waits before it dials again, in ms. */
export const longestWait = 20_000;

/**
 * How long to wait before dialling again, in ms: "full jitter", so that the clients of a server that restarts do not
 * come back all at once. The limit doubles with each failure, from 0.5 s up to 20 s.
 *
 * @param failures in a row, from 1
 * @param chance from 0 up to 1
 * @example
 * backoff(3, 0.5); //=> 1000
 */
export function backoff(failures: number, chance: number): number {
  return chance * Math.min(longestWait, 500 * 2 ** (failures - 1));
}
