import { once } from 'node:events';
import WebSocket, { WebSocketServer } from 'ws';

/**
 * WebSocket with nothing on it, by `ws`: a frame of JSON a message, one write a turn; the server hands each frame to all
 * others.
 *
 * @type {import('./index.js').Driver}
 */
export const bareWebSocket = {
  async serve() {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    server.on('connection', (socket) => {
      socket.on('message', (data, binary) => {
        for (const other of server.clients) if (other !== socket) other.send(data, { binary });
      });
    });
    await once(server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    return { address: `ws://127.0.0.1:${port}`, close: () => server.close() };
  },

  async connect(address) {
    const socket = new WebSocket(address, { perMessageDeflate: false });
    /** @type {import('node:net').Socket | undefined} */
    let below;
    socket.on('upgrade', (response) => {
      below = response.socket;
    });
    await once(socket, 'open');
    let isCorked = false;
    return {
      publish(_channel, data) {
        if (!isCorked) below?.cork();
        isCorked = true;
        socket.send(JSON.stringify(data));
      },
      flush() {
        below?.uncork();
        isCorked = false;
      },
      subscribe(_channel, listener) {
        socket.on('message', (data) => {
          const parsed = JSON.parse(String(data));
          // What comes from our source has an envelope; what comes from the bare server has none.
          listener(parsed.data ?? parsed);
        });
      },
      settle() {},
      close: () => socket.terminate(),
    };
  },
};
