import cluster from 'node:cluster';
import { createServer, type Socket } from 'node:net';
import { OocsiError, textOf } from '../../protocol/index';
import type { Clock } from '../../util/index';
import type { ServerLimits } from '../config/index';
import type { Backpressure } from '../flow/index';
import type { ConnectionGate, SocketHandler } from './connection-gate';
import { type Identity, secured } from './tls';

/** Something that clients connect to. */
export interface Listener {
  /** Starts to listen; gives where: the machine picks the port for port 0, and what a name stands for. */
  listen(host: string, port: number): Promise<ListeningAt>;
  /** Takes no more connections; once `goodbyes` are said, gives those that are open a moment to end, and then cuts them. */
  close(goodbyes?: Promise<unknown>): Promise<void>;
}

/** Where a listener listens. */
export interface ListeningAt {
  readonly address: string;
  readonly port: number;
}

/** What listeners share. */
export interface ListenerParts {
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly gate: ConnectionGate;
  /** For TLS; without it, sockets are read as they are. */
  readonly identity?: Identity | undefined;
}

/** The same, for listeners whose clients send to each other. */
export interface ClientParts extends ListenerParts {
  readonly backpressure: Backpressure;
}

/** How one listener differs from others. */
export interface ListenerKind extends SocketHandler<Socket> {
  /** The name of the option that sets the port, for messages. */
  readonly option: string;
  /** Whether a socket that the far side has ended can still be written to. */
  readonly allowHalfOpen: boolean;
}

/** How long connections have to end when a listener closes, in ms. */
const closeWithin = 500;
/** As many connections as a machine lets wait at most. */
const mostBacklog = 65_535;

export function createListener({ clock, limits, gate, identity }: ListenerParts, kind: ListenerKind): Listener {
  const { option, allowHalfOpen } = kind;
  // Before both sides have agreed on a key there is nothing that could be said.
  const entry: SocketHandler<Socket> = identity
    ? { serve: secured(identity, gate, limits.handshakeTime, kind.serve), refusal: () => '' }
    : kind;
  const sockets = new Set<Socket>();
  // Nothing is read from a socket before the gate lets it in.
  const server = createServer({ noDelay: true, pauseOnConnect: true, allowHalfOpen }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    gate.admit(socket, entry);
  });
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        const fail = (cause: Error): void => reject(cannotListen(cause, option, host, port));
        server.once('error', fail);
        // Workers of a cluster would share the port, and a message would reach the clients of one of them only.
        server.listen({ port, host, backlog: Math.min(limits.backlog, mostBacklog), exclusive: true }, () => {
          server.removeListener('error', fail);
          server.on('error', (cause) => gate.acceptFailed(cause));
          const address = server.address();
          resolve(typeof address === 'object' && address ? address : { address: host, port });
        });
      }),
    async close(goodbyes) {
      const closed = new Promise((resolve) => server.close(resolve));
      await goodbyes;
      for (const socket of sockets) if (gate.isIdle(socket)) socket.destroy();
      const cancel = clock.after(closeWithin, () => {
        for (const socket of sockets) socket.destroy();
      });
      await closed;
      cancel();
    },
  };
}

/** What to know where one program runs as several processes: the other program may be this one. */
const oneProcess =
  'This is a worker of a cluster, but a server is one process, because its clients would not hear those of another: start it in one worker (pm2: exec_mode "fork", instances 1). ';

function cannotListen(cause: Error, option: string, host: string, port: number): OocsiError {
  const inUse = 'code' in cause && cause.code === 'EADDRINUSE';
  const text = inUse
    ? `${cluster.isWorker ? oneProcess : ''}Port ${port} is in use by another program: set the option ${option} to another one, or to 0 for any free port.`
    : `Cannot listen at ${host}, port ${port} (${textOf(cause)}): check the options host and ${option}.`;
  return new OocsiError('unsupported', text, { cause });
}
