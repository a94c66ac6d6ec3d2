import { isPublic } from '../../protocol/index';
import type { Accounts } from '../admission/index';
import type { Channels, Subscriber } from '../domain/index';
import type { ServerListing, Watched } from '../features/index';

/** Who and what is there, as far as others are to know. */
export interface Directory extends ServerListing {
  clients(): string[];
  channels(): string[];
  members(channel: string): string[];
  /** The handle of a client, unless it is a registered user. */
  publicName(client: Subscriber): string | undefined;
  look(name: string): Watched;
}

export function createDirectory(
  users: Accounts,
  clients: ReadonlyMap<string, Subscriber>,
  channels: Channels<Subscriber>,
): Directory {
  const publicName = ({ name }: Subscriber): string | undefined =>
    name === undefined || users.has(name) ? undefined : name;
  const members = (channel: string): string[] =>
    [...(channels.find(channel)?.members ?? [])].flatMap((member) => publicName(member) ?? []);
  return {
    clients: () => [...clients.keys()],
    channels: () => [...channels.names(), ...[...clients.keys()].filter((name) => isPublic(name) && !users.has(name))],
    members,
    sizes: () => ({ channels: channels.size + clients.size, clients: clients.size }),
    publicName,
    look: (name) =>
      clients.has(name) && !users.has(name)
        ? { kind: 'client', members: [] }
        : { kind: 'channel', members: members(name) },
  };
}
