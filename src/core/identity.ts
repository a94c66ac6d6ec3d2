import { OocsiError } from './errors';
import { checkName, defaultHandle, fillPlaceholders } from './handle';

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
  /** Undefined when {@link wanted} is another name now, else the fault. `known`: the server welcomed us before. */
  refusal(reason: string, known: boolean): OocsiError | undefined;
}

/** How many other names a client tries at once before a refusal counts. */
const renamesAtMost = 20;

export function createIdentity({ handle = defaultHandle, password, onHandleTaken }: IdentityOptions): Identity {
  let pattern = '';
  let wanted = '';
  let secret = '';
  let renames = 0;

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
  checkName('onHandleTaken', onHandleTaken ?? 'fail', /^(fail|retry|suffix)$/);

  return {
    get wanted() {
      return wanted;
    },
    async claim() {
      want(await given(handle), await given(password));
      return wanted + secret;
    },
    refusal(reason, known) {
      const taken = /(name|exists) already/.test(reason);
      const numbered = pattern.includes('#');
      const policy = onHandleTaken ?? (numbered ? 'suffix' : known ? 'retry' : 'fail');
      if (taken && policy === 'suffix' && renames++ < renamesAtMost) {
        wanted = fillPlaceholders(numbered ? pattern : `${pattern.slice(0, 189)}_####`);
        return undefined;
      }
      const text = taken
        ? `The handle "${wanted}" is taken. Try "${wanted}_##".`
        : `The server refused "${wanted}": ${reason}.`;
      // From here on it is other digits once a wait, over all the years that a client runs.
      renames = renamesAtMost - 1;
      // A server that is full, or that heard too little, may let us in later.
      const mayPass = taken ? policy === 'retry' || (known && policy === 'suffix') : /try again|within/.test(reason);
      return new OocsiError('refused', text, { permanent: !mayPass });
    },
  };
}

function given<T>(asked: Asked<T>): T | Promise<T> {
  return asked instanceof Function ? asked() : asked;
}
