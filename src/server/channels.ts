import { splitPassword } from './claim';

/** The channels of a server and who is subscribed to them. A channel lasts as long as its last subscriber. */
export interface Channels<M> {
  has(name: string): boolean;
  /** Names are as on the wire: `name` or `name:password`. The first subscriber sets the password. */
  subscribe(member: M, text: string): void;
  /** Works with and without the password. */
  unsubscribe(member: M, text: string): void;
  /** Ends all subscriptions of one member. */
  leave(member: M): void;
  /** Who gets what is sent to this name: nobody when the password is wrong. */
  members(text: string): ReadonlySet<M>;
  /** The names that anybody may see. */
  names(): string[];
}

interface Channel<M> {
  readonly password: string | undefined;
  readonly members: Set<M>;
}

export function createChannels<M>(): Channels<M> {
  const byName = new Map<string, Channel<M>>();
  const byMember = new Map<M, Set<string>>();
  const nobody: ReadonlySet<M> = new Set();

  function drop(member: M, name: string): void {
    const members = byName.get(name)?.members;
    if (members?.delete(member) && members.size === 0) byName.delete(name);
  }

  return {
    has: (name) => byName.has(name),
    subscribe(member, text) {
      const [name, password] = splitPassword(text);
      const channel = byName.get(name) ?? { password, members: new Set() };
      if (channel.password !== password) return;
      byName.set(name, channel);
      channel.members.add(member);
      byMember.set(member, (byMember.get(member) ?? new Set()).add(name));
    },
    unsubscribe(member, text) {
      const [name] = splitPassword(text);
      byMember.get(member)?.delete(name);
      drop(member, name);
    },
    leave(member) {
      for (const name of byMember.get(member) ?? []) drop(member, name);
      byMember.delete(member);
    },
    members(text) {
      const [name, password] = splitPassword(text);
      const channel = byName.get(name);
      return channel?.password === password ? (channel?.members ?? nobody) : nobody;
    },
    names: () =>
      [...byName].filter(([name, { password }]) => password === undefined && isPublic(name)).map(([name]) => name),
  };
}

/** Names that listings leave out, as the reference server does. */
export function isPublic(name: string): boolean {
  return !/[#+]|\/\?$/.test(name);
}
