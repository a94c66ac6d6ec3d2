import type { Clock } from '../../util/index';

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

/** Looks after one link. */
export interface Watch {
  /** To be told of every frame that shows that the server hears us. */
  heard(): void;
  /** Asks at once, because it is likely that the link is dead. */
  wake(): void;
  stop(): void;
}

/**
 * Notices a link that is dead although nobody said so. Silence is judged by the time of the last frame and never by a
 * timer alone: in a hidden page, and after a sleep, timers run late.
 *
 * @param probe asks the server something that it answers
 * @param isHidden whether nobody sees the page, so that its timers mean little
 */
export function watchLink(clock: Clock, probe: () => void, dead: () => void, isHidden: () => boolean): Watch {
  /** When silence has lasted too long; 0 since a frame came. */
  let due = clock.monotonic() + quietTime;
  let isAsked = false;
  let looked = 0;
  /** How long after that it is to be looked at again. */
  let pause = lookTime;
  let timeOfDay = 0;
  let stop = (): void => {};

  function wait(): void {
    looked = clock.monotonic();
    timeOfDay = clock.now();
    pause = due ? Math.min(lookTime, Math.max(0, due - looked)) : lookTime;
    stop = clock.after(pause, look);
  }

  function ask(ms: number): void {
    isAsked = true;
    due = clock.monotonic() + ms;
    probe();
  }

  function look(): void {
    const now = clock.monotonic();
    const isLate = now - looked - pause > lateness;
    const hasSlept = Math.abs(clock.now() - timeOfDay - pause) > lateness;
    // A clock that is set again and again must not put off the end of a dead link.
    if (isLate || (hasSlept && !isAsked)) ask(wakeTime);
    else if (!due) {
      isAsked = false;
      due = now + quietTime;
    } else if (now >= due) {
      if (isAsked && !isHidden()) return dead();
      ask(answerTime);
    }
    wait();
  }

  wait();
  return {
    // To look at the clock for each frame would take as long as half of what else is done with it here.
    heard() {
      due = 0;
    },
    wake: () => ask(wakeTime),
    stop: () => stop(),
  };
}
