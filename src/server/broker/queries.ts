import { channelName, isPublic, isSystemChannel, splitPassword, watchedName } from '../../protocol/index';
import { problemOf, splitFunctions } from '../filters/index';
import type { Directory, DirectoryParts } from './directory';

/** Which clients are subscribed to which channels, by their names; no client and channel share one. */
export interface Network {
  readonly clients: readonly string[];
  readonly channels: readonly string[];
  /** Which of these clients are subscribed to a channel. */
  subscribersOf(channel: string): readonly string[];
}

/** What can be asked about the names of a server. */
export interface Queries {
  /** Whether there is a client or a channel that a message to this recipient, with its password, goes to. */
  reaches(recipient: string): boolean;
  /** Whether such a message goes to that client. */
  reachesClient(recipient: string, client: string): boolean;
  /** Why a client cannot subscribe to this; undefined when it can. */
  refusesSubscription(text: string): 'name' | 'handle' | 'password' | 'functions' | undefined;
  /** As much as all clients may know. */
  network(): Network;
}

/** What is asked for an answer. */
export interface QueryParts extends DirectoryParts {
  readonly directory: Directory;
}

export function createQueries({ accounts, registry, channels, directory }: QueryParts): Queries {
  return {
    reaches: (recipient) => registry.has(recipient) || channels.find(recipient) !== undefined,
    reachesClient(recipient, client) {
      const session = registry.get(client);
      if (!session || recipient === client) return session !== undefined;
      return channels.find(recipient)?.members.has(session) ?? false;
    },
    refusesSubscription(text) {
      if (watchedName(text) !== undefined) return undefined;
      const asked = splitFunctions(text);
      if (!asked || (asked.functions !== undefined && problemOf(asked.functions) !== undefined)) return 'functions';
      const [name, password] = splitPassword(asked.channel);
      if (!channelName.test(name)) return 'name';
      if (registry.has(name) || accounts.has(name)) return 'handle';
      if (password !== undefined && isSystemChannel(name)) return 'password';
      return channels.has(name) && !channels.find(asked.channel) ? 'password' : undefined;
    },
    network() {
      const clientNames = directory.clients().filter((name) => isPublic(name) && !accounts.has(name));
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
