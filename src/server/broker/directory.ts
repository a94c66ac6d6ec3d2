import { isPublic } from '../../protocol/index';
import type { Accounts } from '../admission/index';
import type { Channels, Subscriber } from '../domain/index';
import type { ServerListing, Watched } from '../features/index';
import type { ClientRegistry } from './client-registry';

/** The clients and channels that there are, as far as others are to know. */
export interface Directory extends ServerListing {
  clients(): string[];
  channels(): string[];
  members(channel: string): string[];
  /** The handle of a client, unless it is a registered user. */
  publicName(client: Subscriber): string | undefined;
  look(name: string): Watched;
}

/** What a directory is made from. */
export interface DirectoryParts {
  readonly accounts: Accounts;
  readonly registry: ClientRegistry;
  readonly channels: Channels<Subscriber>;
}

export function createDirectory({ accounts, registry: { clients }, channels }: DirectoryParts): Directory {
  const publicName = ({ name }: Subscriber): string | undefined =>
    name === undefined || accounts.has(name) ? undefined : name;
  const members = (channel: string): string[] =>
    [...(channels.find(channel)?.members ?? [])].flatMap((member) => publicName(member) ?? []);
  return {
    clients: () => [...clients.keys()],
    channels: () => [
      ...channels.names(),
      ...[...clients.keys()].filter((name) => isPublic(name) && !accounts.has(name)),
    ],
    members,
    sizes: () => ({ channels: channels.size + clients.size, clients: clients.size }),
    publicName,
    look: (name) =>
      clients.has(name) && !accounts.has(name)
        ? { kind: 'client', members: [] }
        : { kind: 'channel', members: members(name) },
  };
}
