import type { ListenOptions } from './emitter';
import { OocsiError } from './errors';
import type { Events } from './events';
import type { Message } from './message';
import { createQueue } from './queue';
import type { Session } from './session';

/** Options of a loop over messages. */
export interface MessagesOptions extends ListenOptions {
  /** How many messages wait for the loop at most, 1,000 by default; beyond that the oldest go, and `error` says so. */
  readonly buffer?: number;
}

/** A loop over the messages of a channel. */
export function createLoop<D extends object>(
  session: Session,
  events: Events,
  channel: string,
  options: MessagesOptions = {},
): AsyncIterableIterator<Message<D>, undefined> {
  const { buffer = 1_000 } = options;
  if (!(buffer >= 1)) throw new RangeError(`buffer cannot be ${buffer}`);
  return createQueue({
    size: buffer,
    start(push, end) {
      let off = (): void => {};
      const stop = session.subscribe(channel, push, options, () => {
        off();
        end();
      });
      off = events.on('state', (now) => now.status === 'closed' && end(now.cause), options);
      return stop;
    },
    overflowed(missed) {
      events.fault(new OocsiError('invalid', `The loop over ${channel} missed ${missed} messages: enlarge its buffer`));
    },
  });
}
