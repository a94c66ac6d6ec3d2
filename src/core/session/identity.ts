import type { Refusal } from '../../protocol/index';
import { checkName, defaultHandle, fillPlaceholders, OocsiError } from '../../protocol/index';
import { checkWord } from '../../util/index';

/** What to do when the server says that the handle is taken. */
export type OnHandleTaken = 'fail' | 'retry' | 'suffix';

/** A value, or a function that is asked for it before every attempt. */
export type Asked<T> = T | (() => T | Promise<T>);

export interface IdentityOptions {
  readonly handle?: Asked<string> | undefined;
  readonly password?: Asked<string> | undefined;
  readonly onHandleTaken?: OnHandleTaken | undefined;
}

/** How many other names a client tries at once before a refusal counts. */
const renamesAtMost = 20;
/** How long a server may take a connection of ours that is gone for alive, in ms: two minutes, and a look every 5 s. */
const ghostTime = 130_000;

/** Who a client is: which handle it asks for, and what it makes of a refusal. */
export class Identity {
  readonly #options: IdentityOptions;
  readonly #handle: Asked<string>;
  /** The handle as the program gave it last, with its placeholders. */
  #pattern = '';
  #wanted = '';
  /** The password with the colon before it, if there is one. */
  #secret = '';
  #renames = 0;
  /** The handle that an attempt without an answer may have got, and until when that may be the reason that it is taken. */
  #ghost: { readonly handle: string; readonly until: number } | undefined;

  constructor(options: IdentityOptions) {
    const { handle = defaultHandle, password, onHandleTaken = 'fail' } = options;
    this.#options = options;
    this.#handle = handle;
    // What cannot be is told at once; functions are asked at every attempt.
    if (typeof handle !== 'function') this.#want(handle, typeof password === 'function' ? undefined : password);
    checkWord('onHandleTaken', onHandleTaken, ['fail', 'retry', 'suffix']);
  }

  /** The handle that is asked for, as far as it is known. */
  get wanted(): string {
    return this.#wanted;
  }

  /** The handle to ask for at this attempt, with its password; `asks` is told which function of the program is asked. */
  async claim(asks: (what: string) => void): Promise<string> {
    asks('handle()');
    const handle = await given(this.#handle);
    asks('password()');
    this.#want(handle, await given(this.#options.password));
    return this.#wanted + this.#secret;
  }

  /**
   * An attempt asked for {@link wanted} and ended without an answer: perhaps the server let it in, and it was not heard.
   *
   * @param moment of the monotonic clock
   */
  unanswered(moment: number): void {
    this.#ghost = { handle: this.#wanted, until: moment + ghostTime };
  }

  /**
   * What follows from a refusal: undefined when {@link wanted} is another name now, else the error.
   *
   * @param isKnown whether the server welcomed this client before
   * @param moment of the monotonic clock
   */
  refused({ code, retryable, message }: Refusal, isKnown: boolean, moment: number): OocsiError | undefined {
    const isTaken = code === 'taken';
    const policy = this.#policyAt(isKnown, moment);
    if (isTaken && policy === 'suffix' && this.#renames++ < renamesAtMost) {
      this.#wanted = fillPlaceholders(this.#hasDigits() ? this.#pattern : `${this.#pattern.slice(0, 189)}_####`);
      return undefined;
    }
    const text = isTaken
      ? `The handle "${this.#wanted}" is taken. Try "${this.#wanted}_##".`
      : `The server refused "${this.#wanted}": ${message}.`;
    // From here on it is other digits once a wait, over all the years that a client runs.
    this.#renames = renamesAtMost - 1;
    // Whether to wait until a handle is free is for the user to say.
    const mayPass = isTaken ? policy === 'retry' || (isKnown && policy === 'suffix') : retryable;
    return new OocsiError('refused', text, { permanent: !mayPass, details: { refusal: code } });
  }

  /** What to do when the handle is taken: as the user says, or as fits who may have it. */
  #policyAt(isKnown: boolean, moment: number): OnHandleTaken {
    const isGhost = this.#ghost?.handle === this.#wanted && moment < this.#ghost.until;
    const usual = isKnown || isGhost ? 'retry' : 'fail';
    return this.#options.onHandleTaken ?? (this.#hasDigits() ? 'suffix' : usual);
  }

  /** Whether the handle has digits of chance. */
  #hasDigits(): boolean {
    return this.#pattern.includes('#');
  }

  #want(asked: string, password?: string): void {
    checkName('handle', asked);
    const [name = ''] = asked.split(':', 1);
    checkName('handle', name);
    this.#secret = asked.slice(name.length);
    if (password !== undefined) {
      checkName('password', password);
      this.#secret = `:${password}`;
    }
    // A handle once filled in is kept over reconnects: others know this client by it.
    if (name !== this.#pattern) this.#wanted = fillPlaceholders(name);
    this.#pattern = name;
  }
}

function given<T>(asked: Asked<T>): T | Promise<T> {
  return isQuestion(asked) ? asked() : asked;
}

/** A function of another realm is no `Function` of this one. */
function isQuestion<T>(asked: Asked<T>): asked is () => T | Promise<T> {
  return typeof asked === 'function';
}
