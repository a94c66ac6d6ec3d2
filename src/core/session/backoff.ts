/** The longest that a client waits before it dials again, in ms. */
export const longestWait = 20_000;
/** The same for a server on the machine itself or in its own network, in ms. */
export const longestWaitNear = 2_000;

/**
 * How long to wait before dialling again, in ms: "full jitter", so that the clients of a server that restarts do not
 * come back all at once. The limit doubles with each failure, from 0.5 s up to `longest`.
 *
 * @param failures in a row, from 1
 * @param chance from 0 up to 1
 * @example
 * backoff(3, 0.5); //=> 1000
 */
export function backoff(failures: number, chance: number, longest = longestWait): number {
  return chance * Math.min(longest, 500 * 2 ** (failures - 1));
}
