import type { Clock } from '../../util/index';
import { createTicker, type Ticker, wasHeldUp } from '../../util/index';
import { pingEvery } from '../config/index';
import type { Subscriber } from '../domain/index';

/**
 * Pings clients that are silent, and ends those that stay so.
 *
 * @param idle how long a connection may give no sign of life, in ms
 * @param expel ends a connection that gave none
 */
export function createIdleMonitor(
  clock: Clock,
  idle: number,
  connections: Iterable<Subscriber>,
  expel: (connection: Subscriber) => void,
): Ticker {
  let due = Number.POSITIVE_INFINITY;

  const ticker = createTicker(clock, pingEvery, () => {
    // After the server stood still, clients may have said something that it has not read yet.
    const isFair = !wasHeldUp(clock, due);
    due = clock.monotonic() + pingEvery;
    for (const connection of connections) {
      const silence = clock.monotonic() - connection.seen;
      if (silence > idle && isFair) expel(connection);
      else if (silence > pingEvery && connection.name !== undefined) connection.write(connection.wording.ping);
    }
  });

  return {
    run(needed) {
      // Nobody pinged since the last client left, so the time since then tells nothing.
      if (!needed) due = Number.POSITIVE_INFINITY;
      else if (due === Number.POSITIVE_INFINITY) due = clock.monotonic() + pingEvery;
      ticker.run(needed);
    },
  };
}
