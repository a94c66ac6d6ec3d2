import { OocsiError, textOf } from '../../protocol/index';
import type { Clock } from '../../util/index';
import type { Snapshot, Store } from './store';

/** Saves what a server holds, soon after it has changed. */
export interface Autosave {
  changed(): void;
  /** Saves once more and then never again. @throws OocsiError `unsupported` when that fails, or takes more than 5 s */
  finish(): Promise<void>;
}

/**
 * How long changes are gathered before they are saved, in ms. A kill costs this wait and two saves at most, which together
 * are to be less than a second.
 */
const gatherFor = 100;
/** The same at most, when the program itself works long for a save. */
const gatherAtMost = 500;
/** So much longer than the program works for a save it does not, or there would be no time for anything else. */
const idleShare = 4;
/** The wait after a save that failed, in ms. */
const tryAgainAfter = 10_000;
/** How long the last save may take, in ms. */
const finishWithin = 5_000;

/**
 * @param take gives what is to be saved at that moment
 * @param fault told when saves begin to fail
 */
export function createAutosave(
  clock: Clock,
  store: Store,
  take: () => Snapshot,
  fault: (error: OocsiError) => void,
): Autosave {
  let cancel: (() => void) | undefined;
  let saving: Promise<void> | undefined;
  let isDirty = false;
  let isFailing = false;
  let isOver = false;
  /** How long the program itself worked for the last save, in ms; the disk works beside it. */
  let cost = 0;

  function plan(ms: number): void {
    if (isOver || saving || cancel) return;
    cancel = clock.after(ms, () => {
      cancel = undefined;
      isDirty = false;
      saving = save();
    });
  }

  function wait(): number {
    return Math.min(gatherAtMost, Math.max(gatherFor, idleShare * cost));
  }

  async function save(): Promise<void> {
    try {
      const began = clock.monotonic();
      const saved = store.save(take());
      cost = clock.monotonic() - began;
      await saved;
      isFailing = false;
    } catch (cause) {
      isDirty = true;
      // Once is enough: it is tried again and again.
      if (!isFailing) fault(cannotSave(textOf(cause), cause));
      isFailing = true;
    }
    saving = undefined;
    if (isDirty) plan(isFailing ? tryAgainAfter : wait());
  }

  return {
    changed() {
      isDirty = true;
      plan(wait());
    },
    async finish() {
      isOver = true;
      cancel?.();
      let stop = (): void => undefined;
      const late = new Promise<never>((_resolve, reject) => {
        stop = clock.after(finishWithin, () => reject(new Error(`it took more than ${finishWithin / 1_000} s`)));
      });
      const last = (saving ?? Promise.resolve()).then(() => store.save(take()));
      await Promise.race([last, late])
        .catch((cause) => {
          throw cannotSave(textOf(cause), cause);
        })
        .finally(stop);
    },
  };
}

function cannotSave(why: string, cause: unknown): OocsiError {
  const text = `Cannot save what is kept and delayed (${why}): it is lost when the server stops.`;
  return new OocsiError('unsupported', text, { cause });
}
