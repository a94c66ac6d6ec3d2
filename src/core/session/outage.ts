import type { Clock } from '../../util/index';
import type { Events } from './events';
import type { State } from './state-machine';

/** Tells `lost` after so many ms without a connection, and then `restored`; a short gap is nothing to tell a person of. */
export function tellGaps(state: State, events: Events, clock: Clock, lostAfter: number): void {
  let stopWaiting: (() => void) | undefined;
  let isLost = false;

  function watch(now: State): void {
    if (!('attempt' in now)) {
      stopWaiting?.();
      stopWaiting = undefined;
      if (isLost && now.status === 'connected') events.emit('restored');
      isLost = false;
    } else if (now.retryAt !== Infinity) {
      // While the page sleeps there is nobody to tell; what counts is whether it connects when it is awake.
      stopWaiting ??= clock.after(lostAfter, () => {
        isLost = true;
        events.emit('lost');
      });
    }
  }

  events.bind('state', watch);
  watch(state);
}
