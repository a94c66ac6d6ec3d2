import type { Envelope } from '../../protocol/index';
import { bytesOf, splitPassword } from '../../protocol/index';
import { groupsOf } from '../../util/index';
import type { ServerLimits } from '../config/index';
import type { Channels, Subscriber } from '../domain/index';
import { clientOwner } from '../domain/index';

/** Messages that are kept, or wait. */
interface Messages {
  readonly size: number;
  has(name: string): boolean;
  /** How many count for an owner. */
  countOf(owner: string): number;
}

/** Names that are watched. */
interface Watches {
  readonly size: number;
  countOf(watcher: Subscriber): number;
}

/** What the quotas count. */
export interface QuotaParts {
  readonly limits: ServerLimits;
  readonly registry: { isInternal(handle: string): boolean };
  readonly channels: Channels<Subscriber>;
  readonly presence: Watches;
  readonly retained: Messages;
  readonly messageScheduler: Messages;
}

/** What clients may take up; each method gives, as a sentence, why something is too much. */
export interface Quotas {
  /** Of a name, or a password behind it. */
  name(text: string): string | undefined;
  /** Of one more channel, or name that is watched. */
  subscription(client: Subscriber, isNew: boolean): string | undefined;
  /** Of a message that is to wait. */
  delay(envelope: Envelope, due: number, now: number): string | undefined;
  /** Of a message that its channel is to keep. */
  keep(envelope: Envelope): string | undefined;
  /** The owners that a message of a client counts for when it is to wait or to be kept. */
  ownersOf(client: Pick<Subscriber, 'name' | 'address'>): readonly string[];
}

/** One client has at most this part of all that is kept, and of all that waits. */
const clientPart = 1 / 4;
/** The same of all clients behind one address. */
const addressPart = 1 / 2;

/** Of IPv6, its network and its site: whoever has a site has very many networks. */
const addressOwners = (address: string): string[] => groupsOf(address).map(({ name }) => `address ${name}`);

/**
 * Why there is no room for one more message of these owners. Each may have its part, and not more than is still free for
 * all others: so no client can leave nothing for clients that come later, even if it comes back under other names.
 */
function shareTaken(
  messages: Messages,
  name: string,
  limit: number,
  owners: readonly string[],
): 'all' | 'client' | 'address' | undefined {
  // What takes the place of another one needs no room.
  if (messages.has(name)) return undefined;
  const free = limit - messages.size;
  if (free <= 0) return 'all';
  for (const owner of owners) {
    const isAddress = owner.startsWith('address ');
    const held = messages.countOf(owner);
    if (held >= Math.ceil(limit * (isAddress ? addressPart : clientPart))) return isAddress ? 'address' : 'client';
    if (held >= free) return 'all';
  }
  return undefined;
}

const ownerTexts = { all: '', client: ' of this client', address: ' of this address' } as const;

export function createQuotas({ limits, registry, channels, presence, retained, messageScheduler }: QuotaParts): Quotas {
  const trusted = new Set(limits.trusted);
  const tooLong = `data longer than ${limits.kept} characters is neither kept nor delayed`;
  return {
    name(text) {
      // A character has three bytes at most.
      if (text.length * 3 <= limits.name) return undefined;
      const isTooLong = splitPassword(text).some((part = '') => bytesOf(part) > limits.name);
      return isTooLong ? `name longer than ${limits.name} bytes` : undefined;
    },
    subscription(client, isNew) {
      if (channels.countOf(client) + presence.countOf(client) >= limits.channelsPerClient) {
        return `too many subscriptions: ${limits.channelsPerClient} at most`;
      }
      const isFull = isNew && channels.size + presence.size >= limits.channels;
      return isFull ? 'the server has too many channels: try again later' : undefined;
    },
    delay({ recipient, data, owners }, due, now) {
      if (data.text.length > limits.kept) return tooLong;
      if (due - now > limits.delay) return `delay longer than ${limits.delay / 1_000} s`;
      const who = shareTaken(messageScheduler, recipient, limits.delayed, owners);
      return who && `too many delayed messages${ownerTexts[who]}: try again later`;
    },
    keep({ recipient, data, owners }) {
      if (data.text.length > limits.kept) return tooLong;
      const [channel] = splitPassword(recipient);
      const who = shareTaken(retained, channel, limits.retained, owners);
      return who && `too many messages${ownerTexts[who]} are kept: try again later`;
    },
    ownersOf({ name, address }) {
      const owners = name === undefined || registry.isInternal(name) ? [] : [clientOwner(name)];
      return address === undefined || trusted.has(address) ? owners : [...owners, ...addressOwners(address)];
    },
  };
}
