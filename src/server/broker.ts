import { checkNoMore } from '../core/check';
import { type Clock, systemClock } from '../core/clock';
import { fillPlaceholders } from '../core/handle';
import type { Dialect, Link, LinkEvents } from '../core/link';
import { createChannels } from './channels';
import { splitPassword } from './claim';
import { type Connection, createConnection, type Hub } from './connection';
import { createDelayed } from './delayed';
import { createDirectory } from './directory';
import { Envelope } from './envelope';
import { createForms } from './forms';
import { splitFunctions } from './functions/functions';
import { createJournal } from './journal';
import { idleAtMost, pingEvery } from './limits';
import { createPost } from './post';
import { createPresence } from './presence';
import { createReports } from './reports';
import { isReserved, isServersOwn, isSystemChannel, watchedName } from './reserved';
import { createRetained } from './retained';
import { createTicker } from './ticker';
import { readTiming } from './timing';
import { readUsers } from './users';
import type { Refusal } from './wording';

/** Options of {@link createBroker}. */
export interface BrokerOptions {
  /**
   * Handles for those only who know the password, as `name:password`: a client asks for the handle `name:password`, and
   * is `name` to everybody. `channels` and presence leave such clients out. Names consist of letters, digits, `_`, `-`
   * and `.`, passwords of visible ASCII characters but `;`. @default none
   */
  readonly users?: readonly string[];
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
  /** Says goodbye to every client; retained and delayed messages are gone. */
  close(): void;
}

/** How many fillings of `#` are tried for a free name. */
const triesForName = 20;

/**
 * A server without a network: clients reach it by `memory(broker.accept)`, or by whatever hands its links to `accept`.
 *
 * @param slow told of each client that was cut because it did not take what was sent to it, and why
 * @throws TypeError when an option is none, or `users` cannot be meant
 * @example
 * const broker = createBroker();
 * const oocsi = await connect(memory(broker.accept), { handle: 'lamp' });
 * broker.clients(); //=> ['lamp']
 */
export function createBroker(
  { clock = systemClock, users: list = [], ...unknown }: BrokerOptions = {},
  slow: Hub['slow'] = () => undefined,
): Broker {
  checkNoMore(unknown);
  const users = readUsers(list);
  const connections = new Set<Connection>();
  const clients = new Map<string, Connection>();
  let isClosing = false;

  const forms = createForms();
  const channels = createChannels<Connection>({
    opened(channel) {
      if (channel.password === undefined) journal.note('SERVER', channel.name, 'added channel');
      reports.opened(channel);
    },
    joined(channel, member) {
      const name = publicName(member);
      if (channel.password === undefined && name !== undefined) {
        presence.joined(channel.name, name);
        journal.note(channel.name, name, 'added channel');
        journal.note(name, channel.name, 'subscribed');
      }
      const kept = retained.get(channel.name);
      if (kept) forms.teller(channel.name)(member, kept);
      reports.joined(channel, member);
    },
    left(channel, member) {
      forms.drop(channel.name, member);
      const name = publicName(member);
      if (channel.password !== undefined || name === undefined) return;
      presence.left(channel.name, name);
      journal.note(channel.name, name, 'removed channel');
    },
    closed(channel) {
      if (channel.password === undefined) journal.note('SERVER', channel.name, 'closed empty channel');
      reports.closed(channel);
    },
    stays: ({ name }) => retained.get(name) !== undefined,
  });
  const directory = createDirectory(users, clients, channels);
  const { publicName } = directory;
  const retained = createRetained(clock, channels.closeIfEmpty);
  const presence = createPresence(clock, directory.look);
  const reports = createReports(clock, directory);
  // While a server stops, nobody needs to hear of everybody else who goes.
  const journal = createJournal(clock, (name) => (isClosing ? undefined : channels.find(name)));
  const deliver = createPost({ clients, channels, forms, retained, journal, reports, publicName });
  const delayed = createDelayed(clock, deliver);
  const pings = createTicker(clock, pingEvery, lookForSilence);

  function lookForSilence(): void {
    const now = clock.now();
    for (const connection of connections) {
      const silence = now - connection.seen;
      if (silence > idleAtMost) expel(connection);
      else if (silence > pingEvery && connection.name !== undefined) connection.write(connection.wording.ping);
    }
  }

  function expel(connection: Connection): void {
    const name = publicName(connection);
    if (name !== undefined) presence.timedOut(connection, name);
    connection.end(connection.wording.bye);
  }

  const isFree = (name: string): boolean => !clients.has(name) && !channels.has(name);

  function filled(pattern: string): string {
    for (let tries = 0; tries < triesForName; tries++) {
      const name = fillPlaceholders(pattern);
      if (isFree(name) && !users.has(name)) return name;
    }
    return pattern;
  }

  const hub: Hub = {
    now: () => clock.now(),
    slow,
    admit(connection, asked): string | Refusal {
      const [pattern, password] = splitPassword(asked ?? 'webclient_####');
      const name = filled(pattern);
      if (users.get(name) !== password) return { why: 'password', name };
      if (isReserved(name)) return { why: 'reserved', name };
      if (!isFree(name)) return { why: 'taken', name };
      clients.set(name, connection);
      if (!users.has(name)) {
        presence.arrived(name);
        journal.note('SERVER', name, 'added channel');
        journal.note(name, 'OOCSI', 'client connected');
      }
      return name;
    },
    remove(connection) {
      // A connection can end twice: by a word of ours, and then by its link.
      if (!connections.delete(connection)) return;
      pings.run(connections.size > 0);
      presence.forget(connection);
      if (connection.name !== undefined) clients.delete(connection.name);
      const name = publicName(connection);
      if (name !== undefined) {
        presence.departed(name);
        journal.note('SERVER', name, 'removed channel');
      }
      channels.leave(connection);
    },
    subscribe(connection, text) {
      const watched = watchedName(text);
      if (watched !== undefined) return presence.watch(connection, watched);
      const asked = splitFunctions(text);
      if (!asked) return;
      const [name, password] = splitPassword(asked.channel);
      // A handle is a channel of its own, and nobody else's.
      if (clients.has(name) || users.has(name)) return;
      // With a password of his, the first subscriber would keep others from what is for all.
      if (password !== undefined && isSystemChannel(name)) return;
      // One subscription per client and channel, plain or with functions: the first one counts.
      if (channels.find(asked.channel)?.members.has(connection)) return;
      forms.set(name, connection, asked.functions);
      if (!channels.subscribe(connection, asked.channel)) forms.drop(name, connection);
    },
    unsubscribe(connection, text) {
      const watched = watchedName(text);
      if (watched !== undefined) return presence.unwatch(connection, watched);
      const channel = channels.unsubscribe(connection, splitFunctions(text)?.channel ?? text);
      const name = publicName(connection);
      if (!channel || channel.password !== undefined || name === undefined) return;
      journal.note(name, channel.name, 'unsubscribed');
    },
    publish(sender, recipient, data) {
      if (isServersOwn(recipient)) return;
      const now = clock.now();
      const { due, keepFor } = readTiming(data, now);
      const envelope = new Envelope(recipient, sender.name ?? '', due ?? now, data);
      if (due === undefined) deliver(envelope, keepFor);
      else delayed.hold(envelope, keepFor);
    },
    clients: directory.clients,
    channels: directory.channels,
    members: directory.members,
  };

  return {
    accept(link, dialect = 'web') {
      const connection = createConnection(hub, dialect, link);
      connections.add(connection);
      pings.run(true);
      return connection;
    },
    clients: directory.clients,
    channels: directory.channels,
    close() {
      isClosing = true;
      presence.clear();
      delayed.clear();
      retained.clear();
      for (const connection of connections) connection.end(connection.wording.bye);
      isClosing = false;
    },
  };
}
