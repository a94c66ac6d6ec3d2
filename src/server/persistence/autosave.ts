import { OocsiError, textOf } from '../../protocol/index';
import type { Clock } from '../../util/index';
import type { Snapshot, Store } from './store';

/**
 * How long changes are gathered before they are saved, in ms. A kill costs this wait and two saves at most, which together
 * are to be less than a second.
 */
const minWait = 100;
/** The same at most, when the program itself works long for a save. */
const maxWait = 500;
/** The wait is so many times what the program works for a save, or there would be no time for anything else. */
const idleShare = 4;
/** The wait after a save that failed, in ms. */
const retryAfter = 10_000;
/** How long the last save may take, in ms. */
const finishWithin = 5_000;

/** What an autosave saves, and where. */
export interface AutosaveParts {
  readonly clock: Clock;
  readonly store: Store;
  /** Gives what is to be saved at this moment. */
  take(): Snapshot;
  /** Called when saves begin to fail. */
  failed(error: OocsiError): void;
}

/** Saves what a server holds, soon after it has changed. */
export class Autosave {
  readonly #parts: AutosaveParts;
  #cancel: (() => void) | undefined;
  #saving: Promise<void> | undefined;
  #hasChanges = false;
  #isFailing = false;
  #isOver = false;
  /** How long the program itself worked for the last save, in ms; the disk works beside it. */
  #cost = 0;

  constructor(parts: AutosaveParts) {
    this.#parts = parts;
  }

  changed(): void {
    this.#hasChanges = true;
    this.#plan(this.#wait());
  }

  /** Saves once more and then never again. @throws OocsiError `unsupported` when that fails, or takes more than 5 s */
  async finish(): Promise<void> {
    const { clock, store } = this.#parts;
    this.#isOver = true;
    this.#cancel?.();
    let cancelLate = (): void => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const error = new Error(`it took more than ${finishWithin / 1_000} s`);
      cancelLate = clock.after(finishWithin, () => reject(error));
    });
    const last = (this.#saving ?? Promise.resolve()).then(() => store.save(this.#parts.take()));
    try {
      await Promise.race([last, late]);
    } catch (cause) {
      throw cannotSave(cause);
    } finally {
      cancelLate();
    }
  }

  #plan(ms: number): void {
    if (this.#isOver || this.#saving || this.#cancel) return;
    this.#cancel = this.#parts.clock.after(ms, () => {
      this.#cancel = undefined;
      this.#hasChanges = false;
      this.#saving = this.#save();
    });
  }

  #wait(): number {
    return Math.min(maxWait, Math.max(minWait, idleShare * this.#cost));
  }

  async #save(): Promise<void> {
    const { clock, store } = this.#parts;
    try {
      const began = clock.monotonic();
      const saved = store.save(this.#parts.take());
      this.#cost = clock.monotonic() - began;
      await saved;
      this.#isFailing = false;
    } catch (cause) {
      this.#hasChanges = true;
      // It is tried again and again; the first time that it fails is enough to report.
      if (!this.#isFailing) this.#parts.failed(cannotSave(cause));
      this.#isFailing = true;
    }
    this.#saving = undefined;
    if (this.#hasChanges) this.#plan(this.#isFailing ? retryAfter : this.#wait());
  }
}

function cannotSave(cause: unknown): OocsiError {
  const text = `Cannot save what is kept and delayed (${textOf(cause)}): it is lost when the server stops.`;
  return new OocsiError('unsupported', text, { cause });
}
