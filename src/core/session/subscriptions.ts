import {
  type Anything,
  channelOf,
  checkChannel,
  copyMessage,
  type Incoming,
  longestRetention,
  type Message,
  OocsiError,
} from '../../protocol/index';
import type { Clock } from '../../util/index';
import { type Failed, Listeners, type OwnOptions, type Unsubscribe } from '../../util/index';

/** Listens to messages whose data is what their sender made it. */
export type MessageListener = (message: Message<Anything>) => unknown;

/** What the subscriptions need of the session. */
export interface SubscriptionsOwner {
  /** Passes a command on to the server, if there is a connection. */
  command(verb: string, wireName: string): void;
  /** A message of this client as it would come back. */
  asReceived(recipient: string, json: string): Incoming | undefined;
}

/** The names a client is subscribed to, and who listens. A server hears of the first listener of a name and of the last. */
export class Subscriptions {
  readonly #clock: Clock;
  readonly #owner: SubscriptionsOwner;
  readonly #failed: Failed;
  /** By channel. Made with the first subscription. */
  #byChannel: Map<string, Subscription> | undefined;
  /** How many of them have a message that the server keeps. */
  #retaining = 0;
  /** The latest that the clock of the server has shown; kept messages show an earlier time. */
  #serverTime = 0;

  /** @param failed told what a listener throws */
  constructor(clock: Clock, owner: SubscriptionsOwner, failed: Failed) {
    this.#clock = clock;
    this.#owner = owner;
    this.#failed = failed;
  }

  /**
   * A listener that is not the first one of a channel gets a moment later what the server keeps for it, as the first one did.
   *
   * @param stopped called when the listener was removed
   * @throws TypeError when the name cannot be sent
   * @throws OocsiError `invalid` when the channel is subscribed under another name on the wire
   */
  add(wireName: string, listener: MessageListener, options?: OwnOptions, stopped?: () => void): Unsubscribe {
    checkChannel(wireName);
    const channel = channelOf(wireName);
    this.#byChannel ??= new Map();
    const byChannel = this.#byChannel;
    const subscription = byChannel.get(channel) ?? new Subscription(wireName, this.#failed);
    if (subscription.wireName !== wireName) {
      throw new OocsiError('invalid', `${channel} is subscribed in another form`);
    }
    const { listeners } = subscription;
    let isOver = false;
    let late: LateListener | undefined;
    const stop = listeners.attach(listener, options, () => {
      isOver = true;
      late?.forgo();
      if (listeners.count === 0 && byChannel.delete(channel)) {
        this.#forget(subscription);
        this.#owner.command('unsubscribe', wireName);
      }
      stopped?.();
    });
    const retained = this.#retainedBy(subscription);
    if (retained && !isOver) {
      const give = (): void => this.#giveOnce(retained, listener, options);
      late = new LateListener(subscription, give, this.#clock);
    }
    if (listeners.count > 0 && !byChannel.has(channel)) {
      byChannel.set(channel, subscription);
      this.#owner.command('subscribe', wireName);
    }
    return stop;
  }

  /** Takes note of each message that comes in, before it is delivered: the server may keep it, or keeps another one no more. */
  note(incoming: Incoming): void {
    const { recipient, timestamp } = incoming.received;
    if (timestamp > this.#serverTime) this.#serverTime = timestamp;
    if (this.#retaining === 0 && !incoming.wireKeys.has('_RETAIN')) return;
    const subscription = this.#find(recipient);
    if (subscription) this.#keep(subscription, incoming, subscription.isFresh ? this.#serverTime - timestamp : 0);
  }

  /** The same for a message that this client sends, which does not come back. */
  noteOwn(recipient: string, json: string): void {
    // To look for the key costs less than to read what has none.
    if (this.#retaining === 0 && !json.includes('"_RETAIN":')) return;
    const subscription = this.#find(recipient);
    if (!subscription) return;
    const { wireName } = subscription;
    if (wireName !== recipient && channelOf(wireName) !== recipient) return;
    const incoming = this.#owner.asReceived(recipient, json);
    if (incoming?.wireKeys.has('_DELAY') || incoming?.wireKeys.has('_SCHEDULE')) return;
    // Whether functions let it through, only the server knows.
    if (incoming && wireName === recipient) this.#keep(subscription, incoming, 0);
    else this.#forget(subscription);
  }

  /** What the server keeps for a channel, as far as this client has seen it. */
  retained(wireName: string): Incoming | undefined {
    const subscription = this.#byChannel?.get(channelOf(wireName));
    return subscription?.wireName === wireName ? this.#retainedBy(subscription) : undefined;
  }

  deliver(message: Message): void {
    const subscription = this.#find(message.recipient);
    if (!subscription) return;
    subscription.isFresh = false;
    subscription.listeners.tell(message);
  }

  /** Whether anybody listens to a channel. */
  has(channel: string): boolean {
    return this.#byChannel?.has(channel) === true;
  }

  /** Whether one of the listeners to a recipient is reliable. */
  isReliable(recipient: string): boolean {
    return this.#byChannel?.get(channelOf(recipient))?.listeners.isReliable === true;
  }

  /** Tells no link any more of those that a server does not take; gives their channels. */
  refuse(isRefused: (wireName: string) => boolean): string[] {
    const refused = [...(this.#byChannel ?? [])].filter(([, one]) => !one.isRefused && isRefused(one.wireName));
    for (const [, subscription] of refused) subscription.isRefused = true;
    return refused.map(([channel]) => channel);
  }

  /** Tells a new link of all of them; what the server keeps comes again. */
  renew(): void {
    this.#serverTime = 0;
    for (const subscription of this.#byChannel?.values() ?? []) {
      this.#forget(subscription);
      subscription.isFresh = true;
      if (!subscription.isRefused) this.#owner.command('subscribe', subscription.wireName);
    }
  }

  /** Gives nobody anything any more. */
  end(): void {
    for (const { late } of this.#byChannel?.values() ?? []) for (const one of late ?? []) one.forgo();
  }

  /** Most names are those of their channels. */
  #find(recipient: string): Subscription | undefined {
    return this.#byChannel?.get(recipient) ?? this.#byChannel?.get(channelOf(recipient));
  }

  #keep(subscription: Subscription, incoming: Incoming, age: number): void {
    // A listener that is still to be given the older message gets it before the newer one comes.
    for (const one of subscription.late ?? []) one.give();
    const seconds = secondsOf(incoming.wireKeys.get('_RETAIN'));
    this.#forget(subscription);
    if (!seconds) return;
    subscription.retained = { incoming, until: this.#clock.monotonic() + 1_000 * seconds - age };
    // What the server keeps is kept here, too, for listeners that come later.
    subscription.listeners.isKept = true;
    this.#retaining++;
  }

  #forget(subscription: Subscription): void {
    if (!subscription.retained) return;
    subscription.retained = undefined;
    subscription.listeners.isKept = false;
    this.#retaining--;
  }

  #retainedBy(subscription: Subscription): Incoming | undefined {
    const { retained } = subscription;
    if (retained && retained.until <= this.#clock.monotonic()) this.#forget(subscription);
    return subscription.retained?.incoming;
  }

  #giveOnce({ received }: Incoming, listener: MessageListener, options?: OwnOptions): void {
    const alone = new Listeners<[Message]>(this.#failed, copyMessage, true);
    alone.attach(listener, { readsOnly: options?.readsOnly });
    alone.tell(received);
  }
}

/** One name that a client is subscribed to. */
class Subscription {
  readonly wireName: string;
  readonly listeners: Listeners<[Message]>;
  /** Listeners that are still to be given what is retained. */
  late: Set<LateListener> | undefined;
  /** Whether no message has come since the server was asked: the first one may be older than that. */
  isFresh = true;
  /** Whether a server has ended a connection because of it. */
  isRefused = false;
  retained: { readonly incoming: Incoming; readonly until: number } | undefined;

  constructor(wireName: string, failed: Failed) {
    this.wireName = wireName;
    this.listeners = new Listeners(failed, copyMessage);
  }
}

/**
 * A listener that came after the message that the server keeps. It is given that message, but not at once: nobody expects
 * a message while a call of `subscribe` still runs.
 */
class LateListener {
  readonly #subscription: Subscription;
  readonly #give: () => void;
  readonly #cancel: () => void;

  constructor(subscription: Subscription, give: () => void, clock: Clock) {
    this.#subscription = subscription;
    this.#give = give;
    this.#cancel = clock.after(0, () => this.give());
    subscription.late ??= new Set();
    subscription.late.add(this);
  }

  give(): void {
    this.forgo();
    this.#give();
  }

  /** It is no longer to be given the message. */
  forgo(): void {
    this.#cancel();
    this.#subscription.late?.delete(this);
  }
}

/** For how long a server keeps a message that says so; nothing else is a time. */
function secondsOf(retain: unknown): number {
  return /^\d+$/.test(`${Number.isInteger(retain) || typeof retain === 'string' ? retain : ''}`)
    ? Math.min(Number(retain), longestRetention)
    : 0;
}
