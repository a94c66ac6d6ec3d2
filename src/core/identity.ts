import { OocsiError } from './errors';
import { checkName, defaultHandle, fillPlaceholders } from './handle';

/** What to do when the server says that the handle is taken. */
export type OnHandleTaken = 'fail' | 'retry' | 'suffix';

/** A value, or a function that is asked for it before every attempt. */
export type Asked<T> = T | (() => T | Promise<T>);

export interface IdentityOptions {
  readonly handle?: Asked<string> | undefined;
  readonly onHandleTaken?: OnHandleTaken | undefined;
}

/** Who a client is: which handle it asks for, and what it makes of a refusal. */
export interface Identity {
  /** The handle that is asked for, as far as it is known. */
  readonly wanted: string;
  /** The handle to ask for at this attempt. */
  claim(): Promise<string>;
  /** Undefined when {@link wanted} is another name now, else the fault. `known`: the server welcomed us before. */
  refused(reason: string, known: boolean): OocsiError | undefined;
  welcomed(): void;
}

/** How many other names are tried before a refusal counts. */
const renamesAtMost = 20;

export function createIdentity({ handle = defaultHandle, onHandleTaken }: IdentityOptions): Identity {
  let pattern = '';
  let wanted = '';
  let renames = 0;
  const want = (asked: string): void => {
    checkName('handle', asked);
    // A handle once filled in is kept over reconnects: others know this client by it.
    if (asked === pattern) return;
    pattern = asked;
    wanted = fillPlaceholders(asked);
  };
  if (typeof handle !== 'function') want(handle);
  if (!/^(fail|retry|suffix)$/.test(onHandleTaken ?? 'fail'))
    throw new TypeError(`onHandleTaken cannot be ${onHandleTaken}`);

  return {
    get wanted() {
      return wanted;
    },
    async claim() {
      if (typeof handle === 'function') want(await handle());
      return wanted;
    },
    refused(reason, known) {
      const taken = /already registered|exists already/.test(reason);
      const numbered = pattern.includes('#');
      const policy = onHandleTaken ?? (numbered ? 'suffix' : known ? 'retry' : 'fail');
      if (taken && policy === 'suffix' && renames++ < renamesAtMost) {
        wanted = fillPlaceholders(numbered ? pattern : `${pattern.slice(0, 189)}_####`);
        return undefined;
      }
      const text = taken
        ? `The handle "${wanted}" is taken. Try "${wanted}_##" for random digits.`
        : `The server refused "${wanted}": ${reason}.`;
      return new OocsiError('refused', text, { permanent: !(taken && policy === 'retry') });
    },
    welcomed() {
      renames = 0;
    },
  };
}
