// A server in a process of its own: ours, or a bare one that passes each piece on to everybody else.
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { WebSocketServer } from 'ws';

/** @type {(message: unknown) => void} */
const tell = (message) => void process.send?.(message);

/** @type {Record<string, () => Promise<{ tcp: number, web: number }>>} */
const servers = {
  async ours() {
    const { startServer } = await import('../../dist/node/server.js');
    const server = await startServer({ port: 0, tcpPort: 0 });
    return { tcp: server.tcpPort ?? 0, web: server.port };
  },
  async bare() {
    /** @type {Set<import('node:net').Socket>} */
    const sockets = new Set();
    const lines = createTcpServer({ noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
      socket.on('data', (piece) => {
        for (const other of sockets) if (other !== socket) other.write(piece);
      });
      socket.write('welcome\n');
    });
    const http = createServer();
    const frames = new WebSocketServer({ server: http, perMessageDeflate: false });
    frames.on('connection', (socket) => {
      socket.on('message', (data) => {
        for (const other of frames.clients) if (other !== socket) other.send(data, { binary: false });
      });
      socket.send('welcome');
    });
    return { tcp: await portOf(lines), web: await portOf(http) };
  },
};

/** @type {(server: import('node:net').Server) => Promise<number>} */
function portOf(server) {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', 1024, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
}

process.on('message', () => {
  for (let time = 0; time < 4; time++) globalThis.gc?.();
  tell({ heap: process.memoryUsage().heapUsed });
});
process.on('disconnect', () => process.exit());
tell(await servers[process.argv[2] ?? '']?.());
