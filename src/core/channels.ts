import { createListeners, type ListenOptions, type Unsubscribe, unsubscriber } from './emitter';
import { OocsiError } from './errors';
import type { Events } from './events';
import { checkName } from './handle';
import type { Message } from './message';
import { createQueue } from './queue';
import type { Session } from './session';
import type { MessageListener } from './subscriptions';

/** Options of a loop over messages. */
export interface MessagesOptions extends ListenOptions {
  /** How many messages wait for the loop at most, 1,000 by default; beyond that the oldest go, and `error` says so. */
  readonly buffer?: number;
}

/** Messages as a user of channels sees them: listeners, loops, and the messages to this client's own handle. */
export interface Channels {
  direct(listener: MessageListener, options?: ListenOptions): Unsubscribe;
  /** Gives a message to the direct listeners if it is for them. */
  deliver(message: Message): void;
  subscribe(channel: string, listener: MessageListener, options?: ListenOptions): Unsubscribe;
  messages<D extends object>(channel: string, options?: MessagesOptions): AsyncIterableIterator<Message<D>, undefined>;
}

export function createChannels(session: Session, events: Events): Channels {
  const listeners = createListeners<[Message]>(events.failed);

  function subscribe(channel: string, listener: MessageListener, options?: ListenOptions): Unsubscribe {
    checkName('channel', channel);
    return session.subscribe(channel, listener, options);
  }

  return {
    direct: listeners.add,
    deliver(message) {
      if (message.recipient === session.handle) listeners.call(message);
    },
    subscribe,
    messages<D extends object>(channel: string, { buffer = 1_000, signal }: MessagesOptions = {}) {
      if (!(buffer >= 1)) throw new RangeError(`buffer must be at least 1, not ${buffer}`);
      const queue = createQueue<Message<D>>({
        size: buffer,
        overflowed: (missed) => {
          const text = `The loop over ${channel} was too slow and missed ${missed} messages: give it a larger buffer`;
          events.fault(new OocsiError('invalid', text));
        },
        left: () => stop(),
      });
      const unsubscribe = subscribe(channel, queue.push);
      const stop = unsubscriber(() => {
        unsubscribe();
        queue.end();
      }, signal);
      if (signal?.aborted) stop();
      session.closed.then(queue.end);
      return queue.loop;
    },
  };
}
