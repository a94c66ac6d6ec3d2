import type { Clock } from '../../util/index';
import { isHidden } from './page-lifecycle';

/** How long a link may say nothing until it is asked whether it is there, in ms. */
const quietTime = 10_000;
/** How long it may take to answer, in ms. With {@link quietTime} and a look before each, it is less than 20 s in sum. */
const answerTime = 7_000;
/** The same when it is likely that the link is dead: the machine slept, or the network changed. */
const wakeTime = 3_000;
/** How often the time is looked at, at least, so that a sleep of the machine is noticed soon, in ms. */
const lookTime = 2_000;
/**
 * A look that comes so much later than planned was held up: then what came in meanwhile is still to be read. Where the
 * monotonic clock stands still while the machine sleeps, only the time of day tells of it.
 */
const lateness = 1_000;

/** What owns the link that is watched. */
export interface WatchOwner {
  /** Asks the server something that it answers. */
  probe(): void;
  /** The link is dead. */
  dead(): void;
}

/**
 * Notices a link that is dead although nobody said so. Silence is judged by the time of the last frame and never by a
 * timer alone: in a hidden page, and after a sleep, timers run late.
 */
export class LinkWatch {
  readonly #clock: Clock;
  readonly #owner: WatchOwner;
  /** When silence has lasted too long; 0 since a frame came. */
  #due: number;
  #isAsked = false;
  /** When the time was looked at, by either clock. */
  #looked = 0;
  #timeOfDay = 0;
  /** How long after that it is to be looked at again. */
  #pause = lookTime;
  #cancelLook: (() => void) | undefined;

  constructor(clock: Clock, owner: WatchOwner) {
    this.#clock = clock;
    this.#owner = owner;
    this.#due = clock.monotonic() + quietTime;
    this.#wait();
  }

  /**
   * To be told of every frame that shows that the server hears us. To look at the clock for each frame would take as long
   * as half of what else is done with it here.
   */
  heard(): void {
    this.#due = 0;
  }

  /** Asks at once, because it is likely that the link is dead. */
  wake(): void {
    this.#ask(wakeTime);
  }

  stop(): void {
    this.#cancelLook?.();
  }

  #wait(): void {
    this.#looked = this.#clock.monotonic();
    this.#timeOfDay = this.#clock.now();
    this.#pause = this.#due ? Math.min(lookTime, Math.max(0, this.#due - this.#looked)) : lookTime;
    this.#cancelLook = this.#clock.after(this.#pause, () => this.#look());
  }

  #ask(ms: number): void {
    this.#isAsked = true;
    this.#due = this.#clock.monotonic() + ms;
    this.#owner.probe();
  }

  #look(): void {
    const now = this.#clock.monotonic();
    const isLate = now - this.#looked - this.#pause > lateness;
    const hasSlept = Math.abs(this.#clock.now() - this.#timeOfDay - this.#pause) > lateness;
    // A clock that is set again and again must not put off the end of a dead link.
    if (isLate || (hasSlept && !this.#isAsked)) this.#ask(wakeTime);
    else if (!this.#due) {
      this.#isAsked = false;
      this.#due = now + quietTime;
    } else if (now >= this.#due) {
      if (this.#isAsked && !isHidden()) return this.#owner.dead();
      this.#ask(answerTime);
    }
    this.#wait();
  }
}
