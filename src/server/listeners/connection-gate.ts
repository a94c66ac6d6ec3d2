import type { Socket } from 'node:net';
import { OocsiError, type Refusal, type RefusalCode, refusalOf, textOf } from '../../protocol/index';
import { type AddressGroup, type Clock, groupsOf } from '../../util/index';
import type { Counts, ServerLimits } from '../config/index';
import type { ServerEventEmitter } from '../domain/index';
import { isLoopback, plainAddress } from './addresses';

/** Both ends of a socket: no other open socket has the same three. */
export type SocketAddress = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localPort'>;

/** A socket that tells how much was read from it. */
export type ReadSocket = SocketAddress & Pick<Socket, 'bytesRead'>;

/** What the gate needs of a socket. */
export interface GatedSocket extends SocketAddress {
  on(event: 'error', listener: () => void): unknown;
  once(event: 'close' | 'finish', listener: () => void): unknown;
  resume(): unknown;
  end(text: string): unknown;
  destroy(): unknown;
}

/** What becomes of the sockets of one listener. */
export interface SocketHandler<S> {
  /** Takes a socket that was let in, and reads from it. */
  serve(socket: S): void;
  /** The text for a socket that is not let in. */
  refusal(refusal: Refusal): string;
}

/** What a gate works with. */
export interface ConnectionGateParts {
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly events: ServerEventEmitter;
  readonly counts: Counts;
}

/** How long the far side has to close a socket that the server has ended before its client was let in, in ms. */
const closeWithin = 500;
/** So many refused sockets have that time; there may be very many of them. */
const mostClosing = 256;
/** So many sockets are let in before those that are in already are read again. */
const mostInARow = 32;
/** After an error no socket is let in for so long, in ms: what was lacking may be there again then. */
const restAfterError = 1_000;

interface Connection {
  readonly socket: GatedSocket;
  readonly serve: () => void;
  readonly refusal: (refusal: Refusal) => string;
  readonly address: string;
  /** The groups of addresses that it counts for. */
  readonly groups: readonly AddressGroup[];
  /** `unidentified` until the client says its handle, or sends a request. */
  state: 'waiting' | 'unidentified' | 'identified' | 'refused';
  isIdle: boolean;
  cancelDeadline: () => void;
}

/**
 * Lets connections in, as many as the limits allow, holds the others back, and refuses those that are too many. All listeners
 * of a server share one gate.
 */
export class ConnectionGate {
  readonly #clock: Clock;
  readonly #limits: ServerLimits;
  readonly #events: ServerEventEmitter;
  readonly #serverCounts: Counts;
  readonly #trusted: ReadonlySet<string>;
  readonly #connections = new Map<string, Connection>();
  readonly #waiting = new Set<Connection>();
  /** How many connections each group of addresses has. */
  readonly #perGroup = new Map<string, number>();
  readonly #counts = { unidentified: 0, identified: 0, waiting: 0, refused: 0 };
  #restsUntil = 0;
  /** How many were let in since the event loop last looked at the sockets that are in already. */
  #inARow = 0;

  constructor({ clock, limits, events, counts }: ConnectionGateParts) {
    this.#clock = clock;
    this.#limits = limits;
    this.#events = events;
    this.#serverCounts = counts;
    this.#trusted = new Set(limits.trusted);
  }

  /** Takes a socket from which nothing was read yet. It waits here while there are too many. */
  admit<S extends GatedSocket>(socket: S, handler: SocketHandler<S>): void {
    const address = plainAddress(socket.remoteAddress ?? '');
    if (address === '' || this.#clock.monotonic() < this.#restsUntil) {
      socket.destroy();
      return;
    }
    const connection: Connection = {
      socket,
      address,
      groups: groupsOf(address),
      state: 'waiting',
      isIdle: false,
      serve: () => handler.serve(socket),
      refusal: (refusal) => handler.refusal(refusal),
      cancelDeadline: () => undefined,
    };
    this.#count(connection);
    const group = this.#crowdedGroup(connection);
    if (group) this.#refuse(connection, refusalOf('fullAddress', group.name));
    else if (this.#waiting.size === 0 && this.#hasRoom()) this.#letIn(connection);
    else if (this.#waiting.size < this.#limits.backlog) this.#waiting.add(connection);
    else this.#refuse(connection, refusalOf('fullBacklog'));
  }

  /** The client of a socket has said its handle or sent a request, so that another socket may be let in. */
  identified(socket: SocketAddress): void {
    const connection = this.#find(socket);
    if (connection?.state !== 'unidentified') return;
    this.#move(connection, 'identified');
    this.#letInWaiting();
  }

  /**
   * Ends a socket after `ms`, unless `isFine` says otherwise then, or another deadline is set before. The event `refused`
   * tells of it, unless nothing was ever read from the socket: browsers open connections in advance that they may not need.
   */
  setDeadline(socket: ReadSocket, ms: number, isFine?: () => boolean): void {
    const connection = this.#find(socket);
    if (!connection) return;
    connection.cancelDeadline();
    connection.isIdle = isFine === undefined;
    connection.cancelDeadline = this.#clock.after(ms, () => {
      if (isFine?.()) return;
      if (connection.state === 'unidentified' && socket.bytesRead > 0)
        this.#tell(connection, 'limit', `nothing was asked for within ${ms / 1_000} s`);
      // At once: what it may still ask for must not count.
      connection.socket.destroy();
    });
  }

  /** From now on, a socket has no deadline. */
  clearDeadline(socket: SocketAddress): void {
    const connection = this.#find(socket);
    if (!connection) return;
    connection.cancelDeadline();
    connection.isIdle = false;
  }

  /** Ends a socket because of what its client did. */
  cut(socket: SocketAddress, reason: string): void {
    const connection = this.#find(socket);
    if (!connection) return;
    this.#tell(connection, 'limit', reason);
    connection.socket.destroy();
  }

  /** Whether a socket has asked for nothing that is still to come. */
  isIdle(socket: SocketAddress): boolean {
    return this.#find(socket)?.isIdle ?? false;
  }

  /** The system could not accept a socket: it may lack file descriptors. */
  acceptFailed(cause: Error): void {
    const now = this.#clock.monotonic();
    if (now < this.#restsUntil) return;
    this.#restsUntil = now + restAfterError;
    this.#events.emit('error', new OocsiError('unreachable', `Cannot take connections: ${textOf(cause)}.`, { cause }));
  }

  #find(socket: SocketAddress): Connection | undefined {
    return this.#connections.get(keyOf(socket));
  }

  #count(connection: Connection): void {
    const { socket, groups } = connection;
    const key = keyOf(socket);
    for (const { name } of groups) this.#perGroup.set(name, (this.#perGroup.get(name) ?? 0) + 1);
    this.#counts.waiting++;
    this.#connections.set(key, connection);
    socket.once('close', () => this.#forget(key, connection));
    socket.once('finish', () => this.#destroySoon(connection));
    // `close` follows, and tells all that there is to do.
    socket.on('error', () => undefined);
  }

  #forget(key: string, connection: Connection): void {
    // Another socket may come from the same address and port before this one is seen to be gone.
    if (this.#connections.get(key) === connection) this.#connections.delete(key);
    this.#waiting.delete(connection);
    connection.cancelDeadline();
    this.#counts[connection.state]--;
    for (const { name } of connection.groups) {
      const rest = (this.#perGroup.get(name) ?? 1) - 1;
      if (rest > 0) this.#perGroup.set(name, rest);
      else this.#perGroup.delete(name);
    }
    this.#letInWaiting();
  }

  #move(connection: Connection, state: Connection['state']): void {
    this.#counts[connection.state]--;
    this.#counts[state]++;
    connection.state = state;
  }

  #hasRoom(): boolean {
    const { unidentified, identified } = this.#counts;
    const { unauthenticated, clients } = this.#limits;
    if (this.#inARow >= mostInARow || unidentified >= unauthenticated) return false;
    return unidentified + identified < clients + unauthenticated;
  }

  /** The group of addresses that has too many connections with this one. */
  #crowdedGroup({ address, groups }: Connection): AddressGroup | undefined {
    if (this.#trusted.has(address) || isLoopback(address)) return undefined;
    const { perAddress } = this.#limits;
    return groups.find(({ name, times }) => (this.#perGroup.get(name) ?? 0) > perAddress * times);
  }

  #letIn(connection: Connection): void {
    this.#move(connection, 'unidentified');
    if (this.#inARow++ === 0) {
      setImmediate(() => {
        this.#inARow = 0;
        this.#letInWaiting();
      });
    }
    connection.serve();
  }

  #letInWaiting(): void {
    for (const connection of this.#waiting) {
      if (!this.#hasRoom()) return;
      this.#waiting.delete(connection);
      this.#letIn(connection);
    }
  }

  #refuse(connection: Connection, refusal: Refusal): void {
    this.#move(connection, 'refused');
    this.#tell(connection, refusal.code, refusal.message);
    const { socket } = connection;
    if (this.#counts.refused > mostClosing) {
      socket.destroy();
      return;
    }
    socket.end(connection.refusal(refusal));
    // What is still to come is read and dropped, or the refusal would be lost with it.
    socket.resume();
  }

  #tell({ address }: Connection, code: RefusalCode, reason: string): void {
    this.#serverCounts.refused++;
    this.#events.emit('refused', { reason, code, handle: undefined, address });
  }

  #destroySoon({ socket, state }: Connection): void {
    if (state === 'identified') return;
    const cancel = this.#clock.after(closeWithin, () => socket.destroy());
    socket.once('close', cancel);
  }
}

function keyOf({ remoteAddress, remotePort, localPort }: SocketAddress): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
