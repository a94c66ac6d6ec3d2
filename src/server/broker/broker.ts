import { type Clock, checkOptions, systemClock } from '../../util/index';
import { readAccounts } from '../admission/index';
import { createCounts, readLimits, type ServerLimits } from '../config/index';
import { createServerEvents } from '../domain/index';
import { unlimitedTime } from '../flow/index';
import { ChannelDelivery } from './channel-delivery';
import { assembleBroker, type Broker } from './server-broker';

/** Options of {@link createBroker}. */
export interface BrokerOptions {
  /**
   * Handles with a password, as `name:password`: a client that asks for the handle `name:password` gets the handle `name`,
   * and no other client does. `channels` and presence leave such clients out. Names consist of letters, digits, `_`, `-`
   * and `.`, passwords of visible ASCII characters but `;`. @default none
   */
  readonly users?: readonly string[];
  /** What clients may take up; whatever is left out keeps its default. @default see {@link ServerLimits} */
  readonly limits?: Partial<ServerLimits>;
  /** Time and chance; tests hand in their own. @default the machine's clock */
  readonly clock?: Clock;
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
  const { broker } = assembleBroker({
    clock,
    accounts: readAccounts(users),
    limits: readLimits(limits),
    events: createServerEvents(),
    counts: createCounts(),
    delivery: new ChannelDelivery(),
    fairScheduler: unlimitedTime,
  });
  return broker;
}
