// The server of a system.
import { driverOf } from '../drivers/index.js';

/** @type {{ address: string, close: () => unknown } | undefined} */
let served;

/** For so many clients, or channels. @param {{ driver: string, size?: number }} options */
export async function serve({ driver, size }) {
  served = await (await driverOf(driver)).serve(size);
  return served.address;
}

/** What a driver started beside itself must not stay behind. */
export function end() {
  served?.close();
}
