import { isPublic, isSecret, splitPassword } from '../../protocol/index';

/** A channel as others see it. */
export interface Channel<M> {
  readonly name: string;
  readonly password: string | undefined;
  readonly members: ReadonlySet<M>;
}

/** What happens to channels, told after it has happened. */
export interface ChannelEvents<M> {
  opened(channel: Channel<M>): void;
  joined(channel: Channel<M>, member: M): void;
  left(channel: Channel<M>, member: M): void;
  closed(channel: Channel<M>): void;
  /** Whether a channel is to stay although nobody is subscribed to it. */
  stays(channel: Channel<M>): boolean;
}

/** The channels of a server and who is subscribed to them. */
export interface Channels<M> {
  has(name: string): boolean;
  /** How many there are. */
  readonly size: number;
  /**
   * Gives the channel when the member is new to it. Names are as on the wire: `name` or `name:password`; the first
   * subscriber sets the password.
   */
  subscribe(member: M, text: string): Channel<M> | undefined;
  /** Gives the channel that was left. Works with and without the password. */
  unsubscribe(member: M, text: string): Channel<M> | undefined;
  /** Ends all subscriptions of one member. */
  leave(member: M): void;
  /** Opens a channel that is to be there without a subscriber; `text` as for `subscribe`. */
  keep(text: string): void;
  /** Closes a channel that has no reason to stay. */
  closeIfEmpty(name: string): void;
  /** The channel of this name; none when the password is wrong. */
  find(text: string): Channel<M> | undefined;
  /** The names of the channels of one member. */
  of(member: M): string[];
  /** How many they are. */
  countOf(member: M): number;
  /** The names that anybody may see. */
  names(): string[];
}

const silence = { opened() {}, joined() {}, left() {}, closed() {}, stays: () => false };

/** Without `events`, nobody is told of them, and a channel lasts as long as its last subscriber. */
export function createChannels<M>(events: ChannelEvents<M> = silence): Channels<M> {
  const byName = new Map<string, Channel<M> & { readonly members: Set<M> }>();
  const byMember = new Map<M, Set<string>>();

  function open(name: string, password: string | undefined): Channel<M> & { readonly members: Set<M> } {
    const channel = { name, password, members: new Set<M>() };
    byName.set(name, channel);
    events.opened(channel);
    return channel;
  }

  function drop(member: M, name: string): Channel<M> | undefined {
    const channel = byName.get(name);
    if (!channel?.members.delete(member)) return undefined;
    events.left(channel, member);
    closeIfEmpty(name);
    return channel;
  }

  function closeIfEmpty(name: string): void {
    const channel = byName.get(name);
    if (!channel || channel.members.size > 0 || events.stays(channel)) return;
    byName.delete(name);
    events.closed(channel);
  }

  return {
    has: (name) => byName.has(name),
    get size() {
      return byName.size;
    },
    subscribe(member, text) {
      const [name, password] = splitPassword(text);
      const found = byName.get(name);
      if (found && (!fits(found.password, password) || found.members.has(member))) return undefined;
      const channel = found ?? open(name, password);
      channel.members.add(member);
      byMember.set(member, (byMember.get(member) ?? new Set()).add(name));
      events.joined(channel, member);
      return channel;
    },
    unsubscribe(member, text) {
      const [name] = splitPassword(text);
      const names = byMember.get(member);
      if (names?.delete(name) && names.size === 0) byMember.delete(member);
      return drop(member, name);
    },
    leave(member) {
      const names = byMember.get(member) ?? [];
      byMember.delete(member);
      for (const name of names) drop(member, name);
    },
    keep(text) {
      const [name, password] = splitPassword(text);
      if (!byName.has(name)) open(name, password);
    },
    closeIfEmpty,
    find(text) {
      const plain = byName.get(text);
      if (plain && plain.password === undefined) return plain;
      const [name, password] = splitPassword(text);
      const channel = byName.get(name);
      return channel && fits(channel.password, password) ? channel : undefined;
    },
    of: (member) => [...(byMember.get(member) ?? [])],
    countOf: (member) => byMember.get(member)?.size ?? 0,
    names: () =>
      [...byName].filter(([name, { password }]) => password === undefined && isPublic(name)).map(([name]) => name),
  };
}

function fits(secret: string | undefined, given: string | undefined): boolean {
  return secret === undefined || given === undefined ? secret === given : isSecret(secret, given);
}
