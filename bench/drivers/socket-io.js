import { once } from 'node:events';
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';

/** socket.io over WebSocket; a channel is a room. @type {import('./index.js').Driver} */
export const socketIo = {
  async serve() {
    const http = createServer();
    const server = new Server(http, { transports: ['websocket'] });
    server.on('connection', (socket) => {
      socket.on('subscribe', (room, done) => {
        socket.join(room);
        done();
      });
      socket.on('publish', (room, data) => socket.to(room).emit('message', room, data));
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (http.address());
    return { address: `http://127.0.0.1:${port}`, close: () => server.close() };
  },

  async connect(address) {
    const socket = io(address, { transports: ['websocket'], reconnection: false, forceNew: true });
    await new Promise((resolve, reject) => socket.on('connect', () => resolve(undefined)).on('connect_error', reject));
    /** @type {Map<string, (data: unknown) => void>} */
    const listeners = new Map();
    socket.on('message', (room, data) => listeners.get(room)?.(data));
    return {
      publish: (channel, data) => socket.emit('publish', channel, data),
      flush() {},
      async subscribe(channel, listener) {
        listeners.set(channel, listener);
        await socket.emitWithAck('subscribe', channel);
      },
      settle() {},
      close: () => socket.disconnect(),
    };
  },
};
