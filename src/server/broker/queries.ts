import { channelName, isPublic, isSystemChannel, splitPassword, watchedName } from '../../protocol/index';
import type { Accounts } from '../admission/index';
import type { Channels, Subscriber } from '../domain/index';
import { problemOf, splitFunctions } from '../filters/index';
import type { Directory } from './directory';

/** Who is subscribed to what; both are told by their names, which no client and channel share. */
export interface Network {
  readonly clients: readonly string[];
  readonly channels: readonly string[];
  /** Which of these clients are subscribed to a channel. */
  subscribersOf(channel: string): readonly string[];
}

/** What can be asked about the names of a server. */
export interface Inquiries {
  /** Whether there is a client or a channel that a message to this recipient, with its password, goes to. */
  reaches(recipient: string): boolean;
  /** Whether such a message goes to that client. */
  reachesClient(recipient: string, client: string): boolean;
  /** Why a client cannot subscribe to this; undefined when it can. */
  refusesSubscription(text: string): 'name' | 'handle' | 'password' | 'functions' | undefined;
  /** As much as anybody may know. */
  network(): Network;
}

export function createInquiries(
  users: Accounts,
  clients: Pick<ReadonlyMap<string, Subscriber>, 'has' | 'get'>,
  channels: Channels<Subscriber>,
  directory: Directory,
): Inquiries {
  return {
    reaches: (recipient) => clients.has(recipient) || channels.find(recipient) !== undefined,
    reachesClient(recipient, client) {
      const connection = clients.get(client);
      if (!connection || recipient === client) return connection !== undefined;
      return channels.find(recipient)?.members.has(connection) ?? false;
    },
    refusesSubscription(text) {
      if (watchedName(text) !== undefined) return undefined;
      const asked = splitFunctions(text);
      if (!asked || (asked.functions !== undefined && problemOf(asked.functions) !== undefined)) return 'functions';
      const [name, password] = splitPassword(asked.channel);
      if (!channelName.test(name)) return 'name';
      if (clients.has(name) || users.has(name)) return 'handle';
      if (password !== undefined && isSystemChannel(name)) return 'password';
      return channels.has(name) && !channels.find(asked.channel) ? 'password' : undefined;
    },
    network() {
      const clientNames = directory.clients().filter((name) => isPublic(name) && !users.has(name));
      const channelNames = channels.names();
      const known = new Set(clientNames);
      return {
        clients: clientNames,
        channels: channelNames,
        subscribersOf: (channel) => directory.members(channel).filter((name) => known.has(name)),
      };
    },
  };
}
