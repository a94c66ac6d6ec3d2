import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { connect } from '@nats-io/transport-node';

/** nats.js and Debian's nats-server. @type {import('./index.js').Driver} */
export const nats = {
  async serve() {
    const port = await freePort();
    const server = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await new Promise((resolve, reject) => {
      server.on('error', reject);
      server.on('exit', (code) => reject(new Error(`nats-server ended with ${code}`)));
      let said = '';
      server.stderr.on('data', (piece) => {
        said += piece;
        if (said.includes('Server is ready')) resolve(undefined);
      });
    });
    return { address: `nats://127.0.0.1:${port}`, close: () => server.kill() };
  },

  async connect(address) {
    const client = await connect({ servers: address, reconnect: false });
    return {
      publish: (channel, data) => client.publish(channel, JSON.stringify(data)),
      flush() {},
      subscribe: (channel, listener) =>
        client.subscribe(channel, {
          callback(error, message) {
            if (error) throw error;
            listener(message.json());
          },
        }),
      settle: () => client.flush(),
      close: () => client.close(),
    };
  },
};

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}
