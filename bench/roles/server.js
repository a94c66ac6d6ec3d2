// The server of a system.
import { driverOf } from '../drivers/index.js';

/** @type {{ address: string, close: () => unknown } | undefined} */
let served;

/** @param {{ driver: string }} options */
export async function serve({ driver }) {
  served = await (await driverOf(driver)).serve();
  return served.address;
}

/** What a driver started beside itself must not stay behind. */
export function end() {
  served?.close();
}
