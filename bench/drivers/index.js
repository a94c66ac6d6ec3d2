// Each driver gives one system the same few verbs, so that one piece of work measures them all.
//
// serve(size)        starts its server for so many clients, or channels; gives its address and how to close it
// connect(address)   gives a connection:
//   publish(channel, data)        hands a message over
//   flush()                       ends a turn, where the driver itself batches
//   subscribe(channel, listener)  `listener` is given the data
//   settle()                      the server has dealt with all that was asked before
//   close()

/**
 * @typedef {object} Connection
 * @property {(channel: string, data: any) => void} publish
 * @property {() => void} flush
 * @property {(channel: string, listener: (data: any) => void) => unknown} subscribe
 * @property {() => unknown} settle
 * @property {() => unknown} close
 *
 * @typedef {object} Driver
 * @property {(size?: number) => Promise<{ address: string, close: () => unknown }>} serve
 * @property {(address: string, index: number) => Promise<Connection>} connect
 */

/** @type {Record<string, () => Promise<Driver>>} */
const drivers = {
  'oocsi-tcp': async () => (await import('./oocsi.js')).overTcp,
  'oocsi-ws': async () => (await import('./oocsi.js')).overWebSocket,
  'oocsi-variable': async () => (await import('./oocsi.js')).asVariable,
  'bare-tcp': async () => (await import('./bare-tcp.js')).bareTcp,
  'bare-ws': async () => (await import('./bare-ws.js')).bareWebSocket,
  mqtt: async () => (await import('./mqtt.js')).mqtt,
  'socket.io': async () => (await import('./socket-io.js')).socketIo,
  nats: async () => (await import('./nats.js')).nats,
};

/** @param {string} name */
export function driverOf(name) {
  const load = drivers[name];
  if (!load) throw new Error(`no driver ${name}`);
  return load();
}
