import type { Subscriber } from '../domain/index';

/**
 * All clients, by their handles. Internal clients are parts of the server, such as `echo`: messages reach them, and no
 * client can have their handles; but no list names them, and no limit counts them.
 */
export class ClientRegistry {
  /** All sessions of clients, also of those that were not let in yet. */
  readonly sessions = new Set<Subscriber>();
  /** The clients that were let in, by their handles. */
  readonly clients = new Map<string, Subscriber>();
  /** Internal clients, by their handles. */
  readonly internal = new Map<string, Subscriber>();

  has(handle: string): boolean {
    return this.clients.has(handle) || this.internal.has(handle);
  }

  get(handle: string): Subscriber | undefined {
    return this.clients.get(handle) ?? this.internal.get(handle);
  }

  isInternal(handle: string): boolean {
    return this.internal.has(handle);
  }
}
