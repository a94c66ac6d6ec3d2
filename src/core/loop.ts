import type { ListenOptions } from './emitter';
import { OocsiError } from './errors';
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
  fault: (error: OocsiError) => void,
  channel: string,
  { buffer = 1_000, signal }: MessagesOptions = {},
): AsyncIterableIterator<Message<D>, undefined> {
  if (!(buffer >= 1)) throw new RangeError(`buffer cannot be ${buffer}`);
  return createQueue({
    size: buffer,
    start(push, end) {
      void session.closed.then(end);
      return session.subscribe(channel, push, { signal }, end);
    },
    overflowed(missed) {
      fault(new OocsiError('invalid', `The loop over ${channel} missed ${missed} messages: enlarge its buffer`));
    },
  });
}
