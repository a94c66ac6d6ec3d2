import type { Dialect, Link, LinkEvents } from '../../protocol/index';
import type { ServerStats } from '../config/index';
import type { Peer, ServerEventEmitter } from '../domain/index';
import { createSnapshots, type Snapshots } from '../persistence/index';
import { assembleContext } from './assemble';
import { ClientHost } from './client-host';
import type { BrokerContext, BrokerParts } from './context';
import { InternalHost } from './internal-host';
import type { Queries } from './queries';
import { Session } from './session';
import type { SessionHost } from './session-host';
import { endAll } from './shutdown';

/** The heart of a server: it lets clients in and passes their messages on, over links of any kind. */
export interface Broker {
  /**
   * Takes a link of a client; give it to `memory()`. The dialect is `web` unless said otherwise; `peer` is for listeners
   * that know more of the far side.
   */
  accept(link: Link, dialect?: Dialect, peer?: Peer): LinkEvents;
  /** The handles of all clients. */
  clients(): string[];
  /** Channels and clients, without those that have a password. */
  channels(): string[];
  /**
   * Calls `listener` whenever the event happens; the returned function ends it, and so does `options.signal`.
   *
   * @throws TypeError when there is no such event, or the listener is no function
   * @example
   * broker.on('join', ({ handle }) => console.log(handle, 'is here'));
   */
  readonly on: ServerEventEmitter['on'];
  /** What the server has done and holds at this moment. */
  stats(): ServerStats;
  /** Says goodbye to every client; retained and delayed messages are gone. */
  close(): void;
}

/** A broker, and what only the server that it belongs to may ask of it. */
export interface ServerBroker {
  readonly broker: Broker;
  readonly queries: Queries;
  readonly snapshots: Snapshots;
  /** Takes the link of an internal client, a part of the server that others reach by `handle`. */
  attach(handle: string, link: Link, peer?: Peer): LinkEvents;
  /** Says goodbye to every client, spread over up to 2 s when they are many; retained and delayed messages stay. */
  shutDown(): Promise<void>;
}

/** @param changed called when the broker holds other retained or delayed messages */
export function assembleBroker(parts: BrokerParts, changed = (): void => undefined): ServerBroker {
  const context = assembleContext(parts, changed);
  const { clock, registry, channels, retained, messageScheduler, accounts, queries } = context;
  const isTaken = (name: string): boolean => accounts.has(name) || registry.has(name);
  return {
    broker: createPublicBroker(context, new ClientHost(context)),
    queries,
    snapshots: createSnapshots({ clock, channels, retained, messageScheduler, isTaken }),
    attach(handle, link, peer = {}) {
      const session = new Session(new InternalHost(context, handle), 'web', link, peer);
      session.frame(handle);
      return session;
    },
    shutDown() {
      beginClosing(context);
      return endAll(clock, registry.sessions, (session) => session.end(session.wording.bye, 'closed'));
    },
  };
}

function createPublicBroker(context: BrokerContext, host: SessionHost): Broker {
  const { clock, registry, directory, events, idleMonitor, messageScheduler, retained } = context;
  const startedAt = clock.monotonic();
  return {
    accept(link, dialect = 'web', peer = {}) {
      const session = new Session(host, dialect, link, peer);
      registry.sessions.add(session);
      idleMonitor.run(true);
      return { frame: (frame) => session.frame(frame), close: (cause) => session.close(cause) };
    },
    clients: directory.clients,
    channels: directory.channels,
    on: events.on,
    stats: () => statsOf(context, startedAt),
    close() {
      beginClosing(context);
      messageScheduler.clear();
      retained.clear();
      for (const session of registry.sessions) session.end(session.wording.bye, 'closed');
      context.isClosing = false;
    },
  };
}

/** From now on, no client is told which other clients leave. */
function beginClosing(context: BrokerContext): void {
  context.isClosing = true;
  context.admission.clear();
  context.presence.clear();
}

function statsOf(context: BrokerContext, startedAt: number): ServerStats {
  const { clock, counts, registry, channels, retained, messageScheduler } = context;
  return {
    ...counts,
    uptime: Math.floor(clock.monotonic() - startedAt),
    clients: registry.clients.size,
    unauthenticated: registry.sessions.size - registry.clients.size,
    channels: channels.size,
    retained: retained.size,
    delayed: messageScheduler.size,
  };
}
