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

/** Who a client is: which handle it asks for, and what it makes of a refusal. */
export interface Identity {
  /** The handle that is asked for, as far as it is known. */
  readonly wanted: string;
  /** The handle to ask for at this attempt, with its password. */
  claim(): Promise<string>;
  /**
   * An attempt asked for {@link wanted} and ended without an answer: perhaps the server let it in, and it was not heard.
   *
   * @param moment of the monotonic clock
   */
  unanswered(moment: number): void;
  /** Undefined when {@link wanted} is another name now, else the error. `isKnown`: the server welcomed us before. */
  refusal(refusal: Refusal, isKnown: boolean, moment: number): OocsiError | undefined;
}

/** How many other names a client tries at once before a refusal counts. */
const renamesAtMost = 20;
/** How long a server may take a connection of ours that is gone for alive, in ms: two minutes, and a look every 5 s. */
const ghostTime = 130_000;

export function createIdentity({ handle = defaultHandle, password, onHandleTaken }: IdentityOptions): Identity {
  let pattern = '';
  let wanted = '';
  let secret = '';
  let renames = 0;
  /** The handle that an attempt without an answer may have got, and until when it may be the reason that it is taken. */
  let ghost = { handle: '', until: 0 };

  function want(asked: string, word?: string): void {
    checkName('handle', asked);
    const [name = ''] = asked.split(':', 1);
    checkName('handle', name);
    secret = asked.slice(name.length);
    if (word !== undefined) {
      checkName('password', word);
      secret = `:${word}`;
    }
    // A handle once filled in is kept over reconnects: others know this client by it.
    if (name !== pattern) wanted = fillPlaceholders(name);
    pattern = name;
  }

  // What cannot be is told at once; functions are asked at every attempt.
  if (typeof handle !== 'function') want(handle, typeof password === 'function' ? undefined : password);
  checkWord('onHandleTaken', onHandleTaken ?? 'fail', ['fail', 'retry', 'suffix']);

  return {
    get wanted() {
      return wanted;
    },
    async claim() {
      want(await given(handle), await given(password));
      return wanted + secret;
    },
    unanswered(moment) {
      ghost = { handle: wanted, until: moment + ghostTime };
    },
    refusal({ code, retryable, message }, isKnown, moment) {
      const taken = code === 'taken';
      const numbered = pattern.includes('#');
      const isOurs = isKnown || (ghost.handle === wanted && moment < ghost.until);
      const policy = onHandleTaken ?? (numbered ? 'suffix' : isOurs ? 'retry' : 'fail');
      if (taken && policy === 'suffix' && renames++ < renamesAtMost) {
        wanted = fillPlaceholders(numbered ? pattern : `${pattern.slice(0, 189)}_####`);
        return undefined;
      }
      const text = taken
        ? `The handle "${wanted}" is taken. Try "${wanted}_##".`
        : `The server refused "${wanted}": ${message}.`;
      // From here on it is other digits once a wait, over all the years that a client runs.
      renames = renamesAtMost - 1;
      // Whether to wait until a handle is free is for the user to say.
      const mayPass = taken ? policy === 'retry' || (isKnown && policy === 'suffix') : retryable;
      return new OocsiError('refused', text, { permanent: !mayPass, details: { refusal: code } });
    },
  };
}

function given<T>(asked: Asked<T>): T | Promise<T> {
  return isQuestion(asked) ? asked() : asked;
}

/** A function of another realm is no `Function` of this one. */
function isQuestion<T>(asked: Asked<T>): asked is () => T | Promise<T> {
  return typeof asked === 'function';
}
