import { once } from 'node:events';
import { createServer } from 'node:net';
import { Aedes } from 'aedes';
import { connectAsync } from 'mqtt';

/** MQTT 3.1.1 with quality of service 0: mqtt.js and aedes. @type {import('./index.js').Driver} */
export const mqtt = {
  async serve() {
    const broker = await Aedes.createBroker();
    const server = createServer({ noDelay: true }, broker.handle);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    return { address: `mqtt://127.0.0.1:${port}`, close: () => server.close() };
  },

  async connect(address) {
    const client = await connectAsync(address, { reconnectPeriod: 0 });
    /** @type {Map<string, (data: unknown) => void>} */
    const listeners = new Map();
    client.on('message', (topic, payload) => listeners.get(topic)?.(JSON.parse(String(payload))));
    return {
      publish: (channel, data) => client.publish(channel, JSON.stringify(data)),
      flush() {},
      async subscribe(channel, listener) {
        listeners.set(channel, listener);
        await client.subscribeAsync(channel);
      },
      settle() {},
      close: () => client.end(true),
    };
  },
};
