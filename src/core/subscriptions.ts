import { createListeners, type Listeners, type ListenOptions, type Unsubscribe } from './emitter';
import { OocsiError } from './errors';
import { channelOf } from './handle';
import type { Message } from './message';

/** Listens to messages whose data is what their sender made it: types are the caller's promise, not ours. */
// biome-ignore lint/suspicious/noExplicitAny: the one place where data of any shape meets the listener that expects its own.
export type MessageListener = (message: Message<any>) => unknown;

/** The names a client is subscribed to, and who listens. A server hears of the first listener of a name and of the last. */
export interface Subscriptions {
  /** @throws OocsiError `invalid` when the channel is subscribed under another name on the wire */
  add(wireName: string, listener: MessageListener, options?: ListenOptions): Unsubscribe;
  deliver(message: Message): void;
  /** Names to subscribe to on a new link. */
  names(): string[];
}

/**
 * @param tell passes a command on to the server
 * @param failed told what a listener throws
 */
export function createSubscriptions(tell: (command: string) => void, failed: (thrown: unknown) => void): Subscriptions {
  const held = new Map<string, { readonly wireName: string; readonly listeners: Listeners<[Message]> }>();
  return {
    add(wireName, listener, options) {
      const channel = channelOf(wireName);
      const entry = held.get(channel) ?? { wireName, listeners: createListeners(failed) };
      if (entry.wireName !== wireName) {
        throw new OocsiError(
          'invalid',
          `${entry.wireName} is subscribed already, and a server knows one form of a channel per client`,
        );
      }
      const stop = entry.listeners.add(listener, options, () => {
        if (entry.listeners.size > 0 || held.get(channel) !== entry) return;
        held.delete(channel);
        tell(`unsubscribe ${wireName}`);
      });
      if (entry.listeners.size === 1 && !held.has(channel)) {
        held.set(channel, entry);
        tell(`subscribe ${wireName}`);
      }
      return stop;
    },
    deliver(message) {
      held.get(channelOf(message.recipient))?.listeners.call(message);
    },
    names: () => [...held.values()].map(({ wireName }) => wireName),
  };
}
