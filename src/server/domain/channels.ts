import { isPublic, isSecret, splitPassword } from '../../protocol/index';

/** A channel, as parts of the server see it that may not change it. */
export interface Channel<M> {
  readonly name: string;
  readonly password: string | undefined;
  readonly members: ReadonlySet<M>;
}

/** What happens to channels; but for `changing`, each is told after it has happened. */
export interface ChannelEvents<M> {
  /** A member is about to join or leave: what was published before has other receivers than what comes next. */
  changing(): void;
  opened(channel: Channel<M>): void;
  joined(channel: Channel<M>, member: M): void;
  left(channel: Channel<M>, member: M): void;
  closed(channel: Channel<M>): void;
  /** Whether a channel is to stay although it has no subscriber. */
  stays(channel: Channel<M>): boolean;
}

interface OpenChannel<M> extends Channel<M> {
  readonly members: Set<M>;
}

const noEvents = { changing() {}, opened() {}, joined() {}, left() {}, closed() {}, stays: () => false };

/** The channels of a server and their subscribers. */
export class Channels<M> {
  readonly #byName = new Map<string, OpenChannel<M>>();
  readonly #byMember = new Map<M, Set<string>>();
  readonly #events: ChannelEvents<M>;

  /** Without `events`, a channel lasts as long as its last subscriber. */
  constructor(events: ChannelEvents<M> = noEvents) {
    this.#events = events;
  }

  /** How many channels there are. */
  get size(): number {
    return this.#byName.size;
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /**
   * Gives the channel when the member is new to it. Names are as on the wire: `name` or `name:password`; the first
   * subscriber sets the password.
   */
  subscribe(member: M, text: string): Channel<M> | undefined {
    this.#events.changing();
    const [name, password] = splitPassword(text);
    const found = this.#byName.get(name);
    if (found && (!isSamePassword(found.password, password) || found.members.has(member))) return undefined;
    const channel = found ?? this.#open(name, password);
    channel.members.add(member);
    this.#byMember.set(member, (this.#byMember.get(member) ?? new Set()).add(name));
    this.#events.joined(channel, member);
    return channel;
  }

  /** Gives the channel that the member has left. Works with and without the password. */
  unsubscribe(member: M, text: string): Channel<M> | undefined {
    this.#events.changing();
    const [name] = splitPassword(text);
    const names = this.#byMember.get(member);
    if (names?.delete(name) && names.size === 0) this.#byMember.delete(member);
    return this.#remove(member, name);
  }

  /** Ends all subscriptions of one member. */
  leave(member: M): void {
    this.#events.changing();
    const names = this.#byMember.get(member) ?? [];
    this.#byMember.delete(member);
    for (const name of names) this.#remove(member, name);
  }

  /** Opens a channel that is to be there without a subscriber; `text` as for `subscribe`. */
  keep(text: string): void {
    const [name, password] = splitPassword(text);
    if (!this.#byName.has(name)) this.#open(name, password);
  }

  /** Closes a channel that has no reason to stay. */
  closeIfEmpty(name: string): void {
    const channel = this.#byName.get(name);
    if (!channel || channel.members.size > 0 || this.#events.stays(channel)) return;
    this.#byName.delete(name);
    this.#events.closed(channel);
  }

  /** The channel of this name; undefined when the password is wrong. */
  find(text: string): Channel<M> | undefined {
    const plain = this.#byName.get(text);
    if (plain && plain.password === undefined) return plain;
    const [name, password] = splitPassword(text);
    const channel = this.#byName.get(name);
    return channel && isSamePassword(channel.password, password) ? channel : undefined;
  }

  /** The names of the channels of one member. */
  of(member: M): string[] {
    return [...(this.#byMember.get(member) ?? [])];
  }

  /** How many channels a member is subscribed to. */
  countOf(member: M): number {
    return this.#byMember.get(member)?.size ?? 0;
  }

  /** The names that all clients may see. */
  names(): string[] {
    return [...this.#byName]
      .filter(([name, { password }]) => password === undefined && isPublic(name))
      .map(([name]) => name);
  }

  #open(name: string, password: string | undefined): OpenChannel<M> {
    const channel = { name, password, members: new Set<M>() };
    this.#byName.set(name, channel);
    this.#events.opened(channel);
    return channel;
  }

  #remove(member: M, name: string): Channel<M> | undefined {
    const channel = this.#byName.get(name);
    if (!channel?.members.delete(member)) return undefined;
    this.#events.left(channel, member);
    this.closeIfEmpty(name);
    return channel;
  }
}

function isSamePassword(secret: string | undefined, given: string | undefined): boolean {
  return secret === undefined || given === undefined ? secret === given : isSecret(secret, given);
}
