import { type Clock, systemClock } from '../core/clock';
import { fillPlaceholders } from '../core/handle';
import type { Dialect, Link, LinkEvents } from '../core/link';
import { createChannels, isPublic } from './channels';
import { isReserved, splitPassword } from './claim';
import { type Connection, createConnection, type Hub } from './connection';
import { Envelope } from './envelope';
import { idleAtMost, pingEvery } from './limits';
import type { Refusal } from './wording';

/** Options of {@link createBroker}. */
export interface BrokerOptions {
  /** Time and chance; tests hand in their own. @default the machine's clock */
  readonly clock?: Clock;
}

/** The heart of a server: it lets clients in and passes their messages on, over links of any kind. */
export interface Broker {
  /** Takes a link of a client; give it to `memory()`. The dialect is `web` unless said otherwise. */
  accept(link: Link, dialect?: Dialect): LinkEvents;
  /** The handles of all clients. */
  clients(): string[];
  /** Channels and clients, without those that have a password. */
  channels(): string[];
  /** Says goodbye to every client. */
  close(): void;
}

/** How many fillings of `#` are tried for a free name. */
const triesForName = 20;

/**
 * A server without a network: clients reach it by `memory(broker.accept)`, or by whatever hands its links to `accept`.
 *
 * @example
 * const broker = createBroker();
 * const oocsi = await connect(memory(broker.accept), { handle: 'lamp' });
 * broker.clients(); //=> ['lamp']
 */
export function createBroker({ clock = systemClock }: BrokerOptions = {}): Broker {
  const connections = new Set<Connection>();
  const clients = new Map<string, Connection>();
  const channels = createChannels<Connection>();
  let stopTicking: (() => void) | undefined;

  const isFree = (name: string): boolean => !clients.has(name) && !channels.has(name);

  function tick(): void {
    stopTicking = clock.after(pingEvery, tick);
    const now = clock.now();
    for (const connection of connections) {
      const silence = now - connection.seen;
      if (silence > idleAtMost) connection.end(connection.wording.bye);
      else if (silence > pingEvery && connection.name !== undefined) connection.write(connection.wording.ping);
    }
  }

  /** Without clients there is nothing to look for, and no timer to keep a program alive. */
  function rest(): void {
    stopTicking?.();
    stopTicking = undefined;
  }

  function filled(pattern: string): string {
    for (let tries = 0; tries < triesForName; tries++) {
      const name = fillPlaceholders(pattern);
      if (isFree(name)) return name;
    }
    return pattern;
  }

  const hub: Hub = {
    now: () => clock.now(),
    admit(connection, asked): string | Refusal {
      const [pattern, password] = splitPassword(asked ?? 'webclient_####');
      const name = filled(pattern);
      if (password !== undefined) return { why: 'password', name };
      if (isReserved(name)) return { why: 'reserved', name };
      if (!isFree(name)) return { why: 'taken', name };
      clients.set(name, connection);
      return name;
    },
    remove(connection) {
      connections.delete(connection);
      if (connections.size === 0) rest();
      channels.leave(connection);
      if (connection.name !== undefined && clients.get(connection.name) === connection) clients.delete(connection.name);
    },
    subscribe(connection, text) {
      // A handle is a channel of its own, and nobody else's.
      if (!clients.has(splitPassword(text)[0])) channels.subscribe(connection, text);
    },
    unsubscribe: channels.unsubscribe,
    publish(sender, recipient, data) {
      const direct = clients.get(recipient);
      const receivers = direct ? [direct] : channels.members(recipient);
      const envelope = new Envelope(recipient, sender.name ?? '', clock.now(), data);
      for (const receiver of receivers) {
        // A client hears what it says to itself, but not what it says to a channel.
        if (receiver === sender && !direct) continue;
        receiver.write(receiver.wording.message(envelope));
      }
    },
    clients: () => [...clients.keys()],
    channels: () => [...channels.names(), ...[...clients.keys()].filter(isPublic)],
    members: (channel) => [...channels.members(channel)].map(({ name }) => name ?? ''),
  };

  return {
    accept(link, dialect = 'web') {
      const connection = createConnection(hub, dialect, link);
      connections.add(connection);
      stopTicking ??= clock.after(pingEvery, tick);
      return connection;
    },
    clients: hub.clients,
    channels: hub.channels,
    close() {
      rest();
      for (const connection of connections) connection.end(connection.wording.bye);
    },
  };
}
