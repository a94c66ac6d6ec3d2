import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * TCP with nothing on it: a line of JSON a message, one write a turn; the server hands what comes in to all others.
 *
 * @type {import('./index.js').Driver}
 */
export const bareTcp = {
  async serve() {
    /** @type {Set<import('node:net').Socket>} */
    const sockets = new Set();
    const server = createServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.on('data', (piece) => {
        for (const other of sockets) if (other !== socket) other.write(piece);
      });
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => socket.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    return { address: `tcp://127.0.0.1:${port}`, close: () => server.close() };
  },

  async connect(address) {
    const { hostname, port } = new URL(address);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    let listen = (/** @type {unknown} */ _data) => {};
    let batch = '';
    let rest = '';
    socket.setEncoding('utf8');
    socket.on('data', (/** @type {string} */ piece) => {
      let start = 0;
      for (let end = piece.indexOf('\n'); end >= 0; end = piece.indexOf('\n', start)) {
        const line = start === 0 ? rest + piece.slice(0, end) : piece.slice(start, end);
        start = end + 1;
        listen(JSON.parse(line));
      }
      rest = start === 0 ? rest + piece : piece.slice(start);
    });
    return {
      publish(_channel, data) {
        batch += `${JSON.stringify(data)}\n`;
      },
      flush() {
        socket.write(batch);
        batch = '';
      },
      subscribe(_channel, listener) {
        listen = listener;
      },
      settle() {},
      close: () => socket.destroy(),
    };
  },
};
