import type { Clock, Ticker } from '../../util/index';
import { type Accounts, Admission } from '../admission/index';
import type { Counts, ServerLimits } from '../config/index';
import { Channels, type ServerEventEmitter, type Subscriber } from '../domain/index';
import {
  createOpenCalls,
  EventLog,
  MessageScheduler,
  type OpenCalls,
  Presence,
  RetainedMessages,
  SystemChannels,
} from '../features/index';
import { createFilteredSubscriptions, createShaping, type FilteredSubscriptions, type Shaping } from '../filters/index';
import type { Scheduler } from '../flow/index';
import { createIdleMonitor, createQuotas, type Quotas } from '../limits/index';
import type { ChannelDelivery } from './channel-delivery';
import { createChannelEvents } from './channel-events';
import { ClientRegistry } from './client-registry';
import type { BrokerContext, BrokerParts, Deliver } from './context';
import { createDirectory, type Directory } from './directory';
import { createQueries, type Queries } from './queries';
import { createRouter } from './router';

/**
 * Makes all parts of a broker and tells each of them of the others.
 *
 * @param changed called when the broker holds other retained or delayed messages
 */
export function assembleContext(parts: BrokerParts, changed: () => void): BrokerContext {
  return new AssembledContext(parts, changed);
}

/** The parts in an order in which each one needs only those above it to be made; what it calls later may stand below. */
class AssembledContext implements BrokerContext {
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly limits: ServerLimits;
  readonly events: ServerEventEmitter;
  readonly counts: Counts;
  readonly delivery: ChannelDelivery;
  readonly fairScheduler: Scheduler;
  readonly registry = new ClientRegistry();
  readonly channels: Channels<Subscriber> = new Channels(createChannelEvents(this));
  readonly filters: FilteredSubscriptions = createFilteredSubscriptions();
  readonly shaping: Shaping;
  readonly directory: Directory;
  readonly queries: Queries;
  readonly retained: RetainedMessages;
  readonly messageScheduler: MessageScheduler;
  readonly presence: Presence;
  readonly openCalls: OpenCalls;
  readonly systemChannels: SystemChannels;
  readonly eventLog: EventLog;
  readonly quotas: Quotas;
  readonly admission: Admission;
  readonly idleMonitor: Ticker;
  readonly deliver: Deliver = createRouter(this);
  isClosing = false;

  constructor(parts: BrokerParts, changed: () => void) {
    const { clock, fairScheduler, limits } = parts;
    this.clock = clock;
    this.accounts = parts.accounts;
    this.limits = limits;
    this.events = parts.events;
    this.counts = parts.counts;
    this.delivery = parts.delivery;
    this.fairScheduler = fairScheduler;
    const { registry, channels, deliver } = this;

    this.shaping = createShaping(this.filters, fairScheduler);
    this.directory = createDirectory(this);
    this.queries = createQueries(this);
    this.retained = new RetainedMessages(clock, (name) => channels.closeIfEmpty(name), changed);
    this.messageScheduler = new MessageScheduler(clock, { release: deliver, reaches: this.queries.reaches, changed });
    this.openCalls = createOpenCalls(clock, this.queries.reachesClient);
    this.presence = new Presence(clock, fairScheduler, this.directory.look);
    this.systemChannels = new SystemChannels(clock, fairScheduler, this.directory);
    this.eventLog = new EventLog(clock, (name) => (this.isClosing ? undefined : channels.find(name)));
    this.quotas = createQuotas(this);
    this.idleMonitor = createIdleMonitor(clock, limits.idle, registry.sessions, (session) =>
      this.#expel(session, 'silent'),
    );
    this.admission = new Admission({
      clock,
      limits,
      accounts: this.accounts,
      clients: registry.clients,
      isChannel: (name) => channels.has(name) || registry.isInternal(name),
      expel: (session) => this.#expel(session, 'replaced'),
    });
  }

  /** Ends a client that gives no sign of life, and tells those that watch the same names. */
  #expel(session: Subscriber, reason: 'silent' | 'replaced'): void {
    const name = this.directory.publicName(session);
    if (name !== undefined) this.presence.timedOut(session, name);
    session.end(session.wording.bye, reason);
  }
}
