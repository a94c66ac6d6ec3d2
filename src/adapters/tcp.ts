import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { type Adapter, createLineSplitter, type Link, longestFrame } from '../protocol/index';
import { checkOptions, shown } from '../util/index';
import { whyUnreachable } from './unreachable';

/** Options of {@link tcp}. */
export interface TcpOptions {
  /** @default 'localhost' */
  readonly host?: string | undefined;
  /** @default 4444 */
  readonly port?: number | undefined;
  /** `true` for TLS, or the options of Node's `tls.connect`, such as `ca`. @default false */
  readonly tls?: boolean | ConnectionOptions | undefined;
}

/** How long a link that was closed may stand still before it is cut, in ms. */
const closeTimeout = 5_000;

/**
 * An adapter that speaks OOCSI over TCP, for Node.
 *
 * @throws RangeError when the port is none
 * @example
 * const oocsi = await connect(tcp({ host: 'localhost', port: 4444 }));
 */
export function tcp(options: TcpOptions = {}): Adapter {
  checkOptions(options, ['host', 'port', 'tls']);
  const { host = 'localhost', port = 4444, tls = false } = options;
  if (!(Number.isInteger(port) && port > 0 && port < 65_536))
    throw new RangeError(`port must be a whole number from 1 to 65535, not ${shown(port)}`);
  const name = `${tls ? 'tls' : 'tcp'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    name,
    dialect: 'line',
    async dial(events, signal) {
      signal.throwIfAborted();
      const common = { host, port, noDelay: true };
      const socket: Socket = tls
        ? connectTls({ ...(isIP(host) === 0 && { servername: host }), ...common, ...(typeof tls === 'object' && tls) })
        : connect(common);
      return new Promise<Link>((resolve, reject) => {
        let failure: unknown;
        const abort = (): void => {
          reject(signal.reason);
          socket.destroy();
        };
        const opened = (): void => {
          signal.removeEventListener('abort', abort);
          socket.removeListener('close', closedEarly);
          socket.on('close', () => events.close(failure));
          // The server's end of the conversation is ours as well.
          socket.on('end', () => socket.end());
          socket.setEncoding('utf8');
          socket.on('data', createLineSplitter(events.frame, longestFrame));
          resolve(new SocketLink(socket));
        };
        const closedEarly = (): void => {
          signal.removeEventListener('abort', abort);
          reject(whyUnreachable(name, failure ?? new Error('the connection was cut at once')));
        };
        signal.addEventListener('abort', abort);
        socket.on('error', (error) => {
          failure = error;
        });
        socket.on('close', closedEarly);
        socket.once(tls ? 'secureConnect' : 'connect', opened);
      });
    },
  };
}

/** An open socket, as a link. */
class SocketLink implements Link {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  send(frame: string): void {
    const socket = this.#socket;
    // What needs one byte a character is written faster if Node knows.
    if (socket.writable) socket.write(frame, Buffer.byteLength(frame) === frame.length ? 'latin1' : 'utf8');
  }

  close(): void {
    const socket = this.#socket;
    socket.end();
    socket.setTimeout(closeTimeout, () => socket.destroy());
  }

  get buffered(): number {
    return this.#socket.writableLength;
  }
}
