import type { Clock } from '../../util/index';
import type { Events } from './events';
import type { State } from './state-machine';

/**
 * Tells `lost` after so many ms without a connection, and then `restored`; a short interruption is nothing to tell a
 * person of.
 */
export class OutageWatch {
  readonly #events: Events;
  readonly #clock: Clock;
  readonly #lostAfter: number;
  #stopWaiting: (() => void) | undefined;
  #isLost = false;

  constructor(events: Events, clock: Clock, lostAfter: number) {
    this.#events = events;
    this.#clock = clock;
    this.#lostAfter = lostAfter;
  }

  /** The client has this status now. */
  changed(now: State): void {
    if (!('attempt' in now)) {
      this.#stopWaiting?.();
      this.#stopWaiting = undefined;
      if (this.#isLost && now.status === 'connected') this.#events.emit('restored');
      this.#isLost = false;
    } else if (now.retryAt !== Infinity) {
      // While the page sleeps there is nobody to tell; what counts is whether it connects when it is awake.
      this.#stopWaiting ??= this.#clock.after(this.#lostAfter, () => {
        this.#isLost = true;
        this.#events.emit('lost');
      });
    }
  }
}
