import type { Dialect, Link, LinkEvents } from '../../protocol/index';
import { afterHearing, type Clock, checkOptions, systemClock } from '../../util/index';
import { type Accounts, createAdmission, readAccounts } from '../admission/index';
import { type Counts, createCounts, readLimits, type ServerLimits, type ServerStats } from '../config/index';
import type { Peer, Subscriber } from '../domain/index';
import { createChannels, createServerEvents, type ServerEventEmitter } from '../domain/index';
import {
  createEventLog,
  createOpenCalls,
  createPresence,
  createRetainedMessages,
  createScheduler,
  createSystemChannels,
} from '../features/index';
import { createForms, createShaping } from '../filters/index';
import type { Scheduler } from '../flow/index';
import { unlimitedTime } from '../flow/index';
import { createIdleMonitor, createRateLimiter } from '../limits/index';
import { createHandout, type Handout } from './channel-delivery';
import { createHandles } from './client-registry';
import { createDesk } from './commands';
import { createDirectory } from './directory';
import { clientOf, refusedOf, tellSlow } from './event-payloads';
import { createInquiries } from './queries';
import { createPost } from './router';
import { createHome, type Home } from './server-broker';
import { createConnection } from './session';
import type { Hub } from './session-host';

/** Options of {@link createBroker}. */
export interface BrokerOptions {
  /**
   * Handles for those only who know the password, as `name:password`: a client asks for the handle `name:password`, and
   * is `name` to everybody. `channels` and presence leave such clients out. Names consist of letters, digits, `_`, `-`
   * and `.`, passwords of visible ASCII characters but `;`. @default none
   */
  readonly users?: readonly string[];
  /** What clients may take up; whatever is left out keeps its default. @default see {@link ServerLimits} */
  readonly limits?: Partial<ServerLimits>;
  /** Time and chance; tests hand in their own. @default the machine's clock */
  readonly clock?: Clock;
}

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

/**
 * A server without a network: clients reach it by `memory(broker.accept)`, or by whatever hands its links to `accept`.
 *
 * @throws TypeError, RangeError when an option is none, or cannot be meant
 * @example
 * const broker = createBroker();
 * const oocsi = await connect(memory(broker.accept), { handle: 'lamp' });
 * broker.clients(); //=> ['lamp']
 */
export function createBroker(options: BrokerOptions = {}): Broker {
  checkOptions(options, ['users', 'limits', 'clock']);
  const { clock = systemClock, users = [], limits } = options;
  const parts = { clock, users: readAccounts(users), limits: readLimits(limits) };
  const rest = {
    news: createServerEvents(),
    counts: createCounts(),
    handout: createHandout(),
    scheduler: unlimitedTime,
  };
  return assembleBroker({ ...parts, ...rest }).broker;
}

/** A broker, as the server that it belongs to knows it. */
export type HomeBroker = Broker & Home;

/** What a broker shares with whoever listens for it. */
export interface BrokerParts {
  readonly clock: Clock;
  readonly users: Accounts;
  readonly limits: ServerLimits;
  readonly news: ServerEventEmitter;
  readonly counts: Counts;
  readonly handout: Handout;
  /** When who is at work. */
  readonly scheduler: Scheduler;
}

/** A broker, and the same with what only the server that it belongs to may ask of it. */
export interface AssembledBroker {
  readonly broker: Broker;
  readonly home: HomeBroker;
}

/** @param changed told when something else is kept or delayed */
export function assembleBroker(parts: BrokerParts, changed = (): void => undefined): AssembledBroker {
  const { clock, users, limits, news, counts, handout, scheduler } = parts;
  const born = clock.monotonic();
  const connections = new Set<Subscriber>();
  const clients = new Map<string, Subscriber>();
  const handles = createHandles(clients);
  let isClosing = false;

  const forms = createForms();
  const channels = createChannels<Subscriber>({
    opened(channel) {
      if (channel.password === undefined) eventLog.note('SERVER', channel.name, 'added channel');
      systemChannels.opened(channel);
    },
    joined(channel, member) {
      const name = publicName(member);
      if (channel.password === undefined && name !== undefined) {
        presence.joined(channel.name, name);
        eventLog.note(channel.name, name, 'added channel');
        eventLog.note(name, channel.name, 'subscribed');
      }
      const kept = retained.get(channel.name);
      if (kept) forms.teller(channel.name)(member, kept);
      systemChannels.joined(channel, member);
    },
    left(channel, member) {
      forms.drop(channel.name, member);
      if (member.name !== undefined) openCalls.left(channel.name, member.name);
      const name = publicName(member);
      if (channel.password !== undefined || name === undefined) return;
      presence.left(channel.name, name);
      eventLog.note(channel.name, name, 'removed channel');
    },
    closed(channel) {
      if (channel.password === undefined) eventLog.note('SERVER', channel.name, 'closed empty channel');
      systemChannels.closed(channel);
    },
    stays: ({ name }) => retained.get(name) !== undefined,
  });
  const directory = createDirectory(users, clients, channels);
  const { publicName } = directory;
  const inquiries = createInquiries(users, handles, channels, directory);
  const openCalls = createOpenCalls(clock, inquiries.reachesClient);
  const retained = createRetainedMessages(clock, channels.closeIfEmpty, changed);
  const presence = createPresence(clock, scheduler, directory.look);
  const systemChannels = createSystemChannels(clock, scheduler, directory);
  // While a server stops, nobody needs to hear of everybody else who goes.
  const eventLog = createEventLog(clock, (name) => (isClosing ? undefined : channels.find(name)));
  const shaping = createShaping(forms, scheduler);
  const deliver = createPost({
    clients: handles,
    channels,
    forms,
    shaping,
    handout,
    retained,
    openCalls,
    eventLog,
    systemChannels,
    publicName,
  });
  const delayed = createScheduler(clock, { release: deliver, reaches: inquiries.reaches, changed });

  const desk = createDesk({
    ...{ clock, limits, counts, news, users, clients: handles, channels, forms, presence, retained, delayed },
    ...{ eventLog, publicName, deliver },
  });
  const silence = createIdleMonitor(clock, limits.idle, connections, (connection) => expel(connection, 'silent'));
  const isChannel = (name: string): boolean => channels.has(name) || handles.isHelper(name);
  const admission = createAdmission({
    ...{ clock, limits, users, clients, isChannel },
    evict: (connection) => expel(connection, 'replaced'),
  });
  function expel(connection: Subscriber, reason: 'silent' | 'replaced'): void {
    const name = publicName(connection);
    if (name !== undefined) presence.timedOut(connection, name);
    connection.end(connection.wording.bye, reason);
  }

  const hub: Hub = {
    limits,
    counts,
    monotonic: () => clock.monotonic(),
    awaitHandshake: (late) => afterHearing(clock, limits.handshakeTime, late),
    rate: (peer, released) => createRateLimiter(clock, limits, peer, released),
    admit: admission.ask,
    denied(connection, denial) {
      counts.refused++;
      news.emit('refused', refusedOf(connection, denial));
    },
    slow: (connection, fault) => tellSlow(parts, connection, fault),
    joined(connection) {
      const name = publicName(connection);
      if (name !== undefined) {
        presence.arrived(name);
        eventLog.note('SERVER', name, 'added channel');
        eventLog.note(name, 'OOCSI', 'client connected');
      }
      news.emit('join', clientOf(connection));
    },
    remove(connection, reason) {
      // A connection can end twice: by a word of ours, and then by its link.
      if (!connections.delete(connection)) return;
      silence.run(connections.size > 0);
      presence.forget(connection);
      if (connection.name !== undefined) clients.delete(connection.name);
      const name = publicName(connection);
      if (name !== undefined) {
        presence.departed(name);
        eventLog.note('SERVER', name, 'removed channel');
      }
      channels.leave(connection);
      if (connection.name !== undefined) news.emit('leave', clientOf(connection), reason);
      admission.forget(connection);
    },
    ...desk,
    ...directory,
    settle: handout.settle,
  };

  const isTaken = (name: string): boolean => users.has(name) || handles.has(name);
  const stock = { clock, channels, retained, delayed, isTaken };
  const home = createHome({ ...stock, handles, hub, inquiries, connections, hush });
  function hush(): void {
    isClosing = true;
    admission.clear();
    presence.clear();
  }

  const broker: Broker = {
    accept(link, dialect = 'web', peer = {}) {
      const connection = createConnection(hub, dialect, link, peer);
      connections.add(connection);
      silence.run(true);
      return { frame: connection.frame, close: connection.close };
    },
    clients: directory.clients,
    channels: directory.channels,
    on: news.on,
    stats: () => ({
      ...counts,
      uptime: Math.floor(clock.monotonic() - born),
      clients: clients.size,
      unauthenticated: connections.size - clients.size,
      channels: channels.size,
      retained: retained.size,
      delayed: delayed.size,
    }),
    close() {
      hush();
      delayed.clear();
      retained.clear();
      for (const connection of connections) connection.end(connection.wording.bye, 'closed');
      isClosing = false;
    },
  };
  return { broker, home: { ...broker, ...home } };
}
