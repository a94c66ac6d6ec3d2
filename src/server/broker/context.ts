import type { Envelope } from '../../protocol/index';
import type { Clock, Ticker } from '../../util/index';
import type { Accounts, Admission } from '../admission/index';
import type { Counts, ServerLimits } from '../config/index';
import type { Channels, ServerEventEmitter, Subscriber } from '../domain/index';
import type {
  EventLog,
  MessageScheduler,
  OpenCalls,
  Presence,
  RetainedMessages,
  SystemChannels,
} from '../features/index';
import type { FilteredSubscriptions, Shaping } from '../filters/index';
import type { Scheduler } from '../flow/index';
import type { Quotas } from '../limits/index';
import type { ChannelDelivery } from './channel-delivery';
import type { ClientRegistry } from './client-registry';
import type { Directory } from './directory';
import type { Queries } from './queries';

/** What a broker shares with the listeners of its server. */
export interface BrokerParts {
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly limits: ServerLimits;
  readonly events: ServerEventEmitter;
  readonly counts: Counts;
  readonly delivery: ChannelDelivery;
  /** Shares the time of the program among all clients. */
  readonly fairScheduler: Scheduler;
}

/**
 * Delivers a message to all its receivers; `keepFor` is how long its channel keeps it, in ms. `sender` is undefined when
 * the message has waited. Gives, in words, why it was not delivered.
 */
export type Deliver = (
  envelope: Envelope,
  keepFor: number | undefined,
  sender?: Subscriber | undefined,
) => string | undefined;

/** All parts of one broker: built once, and handed as a whole to those that need several of them. */
export interface BrokerContext extends BrokerParts {
  readonly registry: ClientRegistry;
  readonly channels: Channels<Subscriber>;
  readonly filters: FilteredSubscriptions;
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
  readonly deliver: Deliver;
  /** While a server stops, no client is told which others leave. */
  isClosing: boolean;
}
