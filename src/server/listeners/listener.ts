import type { Server, Socket } from 'node:net';
import type { Clock } from '../../core/clock';
import { OocsiError, textOf } from '../../core/errors';

/** Something that clients connect to. */
export interface Listener {
  /** Starts to listen; gives the port, which the machine picks for port 0. */
  listen(host: string, port: number): Promise<number>;
  /** Takes no more connections, gives those that are open a moment to end, and then cuts them. */
  close(): Promise<void>;
}

/** How long connections have to end when a listener closes, in ms. */
const partingTime = 500;

/** @param option the name of the option that sets the port, for messages */
export function createListener(server: Server, option: string, clock: Clock): Listener {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', (cause) => reject(cannotListen(cause, option, host, port)));
        server.listen(port, host, () => {
          const address = server.address();
          resolve(typeof address === 'object' && address ? address.port : port);
        });
      }),
    close: () =>
      new Promise((resolve) => {
        const cancel = clock.after(partingTime, () => {
          for (const socket of sockets) socket.destroy();
        });
        server.close(() => {
          cancel();
          resolve();
        });
      }),
  };
}

function cannotListen(cause: Error, option: string, host: string, port: number): OocsiError {
  const inUse = 'code' in cause && cause.code === 'EADDRINUSE';
  const text = inUse
    ? `Port ${port} is in use by another program: set the option ${option} to another one, or to 0 for any free port.`
    : `Cannot listen at ${host}, port ${port} (${textOf(cause)}): check the options host and ${option}.`;
  return new OocsiError('unsupported', text, { cause });
}
