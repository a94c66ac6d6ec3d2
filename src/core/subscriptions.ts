import { type BindOptions, createListeners, type Listeners, type Unsubscribe } from './emitter';
import { OocsiError } from './errors';
import { channelOf, checkChannel } from './handle';
import type { Anything, Message } from './message';

/** Listens to messages whose data is what their sender made it. */
export type MessageListener = (message: Message<Anything>) => unknown;

/** The names a client is subscribed to, and who listens. A server hears of the first listener of a name and of the last. */
export interface Subscriptions {
  /**
   * @param stopped called when the listener was removed
   * @throws TypeError when the name cannot be sent
   * @throws OocsiError `invalid` when the channel is subscribed under another name on the wire
   */
  add(wireName: string, listener: MessageListener, options?: BindOptions, stopped?: () => void): Unsubscribe;
  deliver(message: Message): void;
  /** Whether one of the listeners to a recipient is reliable. */
  rely(recipient: string): boolean | undefined;
  /** Tells no link any more of those that a server does not take; gives their channels. */
  refuse(isRefused: (wireName: string) => boolean): string[];
  /** Tells a new link of all of them. */
  renew(): void;
}

interface Subscription {
  readonly wireName: string;
  readonly listeners: Listeners<[Message]>;
  /** Whether a server has ended a connection because of it. */
  isRefused: boolean;
}

/**
 * @param tell passes a command on to the server
 * @param failed told what a listener throws
 */
export function createSubscriptions(
  tell: (verb: string, wireName: string) => void,
  failed: (thrown: unknown) => void,
): Subscriptions {
  const held = new Map<string, Subscription>();
  return {
    add(wireName, listener, options, stopped) {
      checkChannel(wireName);
      const channel = channelOf(wireName);
      const entry = held.get(channel) ?? { wireName, listeners: createListeners(failed), isRefused: false };
      const { listeners } = entry;
      if (entry.wireName !== wireName) {
        throw new OocsiError('invalid', `${channel} is subscribed in another form`);
      }
      const stop = listeners.attach(listener, options, () => {
        if (listeners.count === 0 && held.delete(channel)) tell('unsubscribe', wireName);
        stopped?.();
      });
      if (listeners.count > 0 && !held.has(channel)) {
        held.set(channel, entry);
        tell('subscribe', wireName);
      }
      return stop;
    },
    deliver(message) {
      const { recipient } = message;
      // Most names are those of their channels.
      (held.get(recipient) ?? held.get(channelOf(recipient)))?.listeners.tell(message);
    },
    rely: (recipient) => held.get(channelOf(recipient))?.listeners.isReliable,
    refuse(isRefused) {
      const refused = [...held].filter(([, entry]) => !entry.isRefused && isRefused(entry.wireName));
      for (const [, entry] of refused) entry.isRefused = true;
      return refused.map(([channel]) => channel);
    },
    renew() {
      for (const { wireName, isRefused } of held.values()) if (!isRefused) tell('subscribe', wireName);
    },
  };
}
