// What clients and subscriptions keep in memory, in bytes each. Needs --expose-gc.
import { driverOf } from '../drivers/index.js';
import { nextTurn } from '../kit/clock.js';
import { channelName } from '../kit/messages.js';

async function used() {
  for (let times = 0; times < 3; times++) {
    globalThis.gc?.();
    await nextTurn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** @param {{ address: string, driver: string, clients?: number }} options */
export async function ofClients({ address, driver, clients = 500 }) {
  const { connect } = await driverOf(driver);
  const connections = [await connect(address, clients)];
  const before = await used();
  for (let index = 0; index < clients; index++) connections.push(await connect(address, index));
  const bytes = ((await used()) - before) / clients;
  await Promise.all(connections.map((connection) => connection.close()));
  return { bytes };
}

/** @param {{ address: string, driver: string, channels?: number }} options */
export async function ofSubscriptions({ address, driver, channels = 10_000 }) {
  const { connect } = await driverOf(driver);
  const connection = await connect(address, 0);
  const before = await used();
  for (let channel = 0; channel < channels; channel++) await connection.subscribe(channelName(channel), () => {});
  await connection.settle();
  const bytes = ((await used()) - before) / channels;
  await connection.close();
  return { bytes };
}
