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

/** The names a client is subscribed to, and who listens. A server hears of the first listener of a name and of the last. */
export interface Subscriptions {
  /**
   * Who is not the first listener of a channel gets a moment later what the server keeps for it, as the first one did.
   *
   * @param stopped called when the listener was removed
   * @throws TypeError when the name cannot be sent
   * @throws OocsiError `invalid` when the channel is subscribed under another name on the wire
   */
  add(wireName: string, listener: MessageListener, options?: OwnOptions, stopped?: () => void): Unsubscribe;
  /** Takes note of each message that comes in, before it is delivered: the server may keep it, or keeps another one no more. */
  note(incoming: Incoming): void;
  /** The same for one that this client sends, which does not come back. */
  noteOwn(recipient: string, json: string, read: (json: string) => Incoming | undefined): void;
  /** What the server keeps for a channel, as far as this client has seen it. */
  retained(wireName: string): Incoming | undefined;
  deliver(message: Message): void;
  /** Whether anybody listens to a channel. */
  has(channel: string): boolean;
  /** Whether one of the listeners to a recipient is reliable. */
  rely(recipient: string): boolean | undefined;
  /** Tells no link any more of those that a server does not take; gives their channels. */
  refuse(isRefused: (wireName: string) => boolean): string[];
  /** Tells a new link of all of them; what the server keeps comes again. */
  renew(): void;
  /** Gives nobody anything any more. */
  end(): void;
}

interface Entry {
  readonly wireName: string;
  readonly listeners: Listeners<[Message]>;
  /** Late listeners that are still to be given what is retained. */
  readonly late: Set<Late>;
  /** Whether no message has come since the server was asked: the first one may be older than that. */
  isFresh: boolean;
  /** Whether a server has ended a connection because of it. */
  isRefused: boolean;
  retained?: { readonly incoming: Incoming; readonly until: number } | undefined;
}

/** A listener that came after the message that the server keeps. */
interface Late {
  give(): void;
  /** It is no longer to be given. */
  forgo(): void;
}

/**
 * @param tell passes a command on to the server
 * @param failed told what a listener throws
 */
export function createSubscriptions(
  clock: Clock,
  tell: (verb: string, wireName: string) => void,
  failed: Failed,
): Subscriptions {
  const held = new Map<string, Entry>();
  /** Those with a message that the server keeps. */
  const retaining = new Set<Entry>();
  /** The latest that the clock of the server has shown; kept messages show an earlier time. */
  let serverTime = 0;

  /** Most names are those of their channels. */
  const find = (recipient: string): Entry | undefined => held.get(recipient) ?? held.get(channelOf(recipient));

  function forget(entry: Entry): void {
    entry.retained = undefined;
    entry.listeners.isKept = false;
    retaining.delete(entry);
  }

  function keep(entry: Entry, incoming: Incoming, age: number): void {
    // Who is still to be given the older one gets it before the newer one comes.
    for (const { give } of entry.late) give();
    const seconds = secondsOf(incoming.wireKeys.get('_RETAIN'));
    forget(entry);
    if (!seconds) return;
    entry.retained = { incoming, until: clock.monotonic() + 1_000 * seconds - age };
    // What the server keeps is kept here, too, for listeners that come later.
    entry.listeners.isKept = true;
    retaining.add(entry);
  }

  function retainedBy(entry: Entry): Incoming | undefined {
    if (entry.retained && entry.retained.until <= clock.monotonic()) forget(entry);
    return entry.retained?.incoming;
  }

  /** Gives a listener what is retained; not at once, because nobody expects a message while he subscribes. */
  function giveLater(
    entry: Entry,
    { received }: Incoming,
    listener: MessageListener,
    options?: OwnOptions,
  ): () => void {
    const alone = new Listeners<[Message]>(failed, copyMessage, true);
    alone.attach(listener, { readsOnly: options?.readsOnly });
    const late: Late = {
      give() {
        late.forgo();
        alone.tell(received);
      },
      forgo() {
        cancel();
        entry.late.delete(late);
      },
    };
    const cancel = clock.after(0, late.give);
    entry.late.add(late);
    return late.forgo;
  }

  return {
    add(wireName, listener, options, stopped) {
      checkChannel(wireName);
      const channel = channelOf(wireName);
      const entry: Entry = held.get(channel) ?? {
        wireName,
        listeners: new Listeners(failed, copyMessage),
        late: new Set(),
        isFresh: true,
        isRefused: false,
      };
      const { listeners } = entry;
      if (entry.wireName !== wireName) {
        throw new OocsiError('invalid', `${channel} is subscribed in another form`);
      }
      let isOver = false;
      let forgo = (): void => {};
      const stop = listeners.attach(listener, options, () => {
        isOver = true;
        forgo();
        if (listeners.count === 0 && held.delete(channel)) {
          forget(entry);
          tell('unsubscribe', wireName);
        }
        stopped?.();
      });
      const retained = retainedBy(entry);
      if (retained && !isOver) forgo = giveLater(entry, retained, listener, options);
      if (listeners.count > 0 && !held.has(channel)) {
        held.set(channel, entry);
        tell('subscribe', wireName);
      }
      return stop;
    },
    note(incoming) {
      const { recipient, timestamp } = incoming.received;
      if (timestamp > serverTime) serverTime = timestamp;
      if (retaining.size === 0 && !incoming.wireKeys.has('_RETAIN')) return;
      const entry = find(recipient);
      if (entry) keep(entry, incoming, entry.isFresh ? serverTime - timestamp : 0);
    },
    noteOwn(recipient, json, read) {
      // To look for the key costs less than to read what has none.
      if (retaining.size === 0 && !json.includes('"_RETAIN":')) return;
      const entry = find(recipient);
      if (!entry || (entry.wireName !== recipient && channelOf(entry.wireName) !== recipient)) return;
      const incoming = read(json);
      if (incoming?.wireKeys.has('_DELAY') || incoming?.wireKeys.has('_SCHEDULE')) return;
      // Whether functions let it through, only the server knows.
      if (incoming && entry.wireName === recipient) keep(entry, incoming, 0);
      else forget(entry);
    },
    retained(wireName) {
      const entry = held.get(channelOf(wireName));
      return entry?.wireName === wireName ? retainedBy(entry) : undefined;
    },
    deliver(message) {
      const entry = find(message.recipient);
      if (!entry) return;
      entry.isFresh = false;
      entry.listeners.tell(message);
    },
    has: (channel) => held.has(channel),
    rely: (recipient) => held.get(channelOf(recipient))?.listeners.isReliable,
    refuse(isRefused) {
      const refused = [...held].filter(([, entry]) => !entry.isRefused && isRefused(entry.wireName));
      for (const [, entry] of refused) entry.isRefused = true;
      return refused.map(([channel]) => channel);
    },
    renew() {
      serverTime = 0;
      for (const entry of held.values()) {
        forget(entry);
        entry.isFresh = true;
        if (!entry.isRefused) tell('subscribe', entry.wireName);
      }
    },
    end() {
      for (const { late } of held.values()) for (const { forgo } of late) forgo();
    },
  };
}

/** For how long a server keeps a message that says so; nothing else is a time. */
function secondsOf(retain: unknown): number {
  return /^\d+$/.test(`${Number.isInteger(retain) || typeof retain === 'string' ? retain : ''}`)
    ? Math.min(Number(retain), longestRetention)
    : 0;
}
