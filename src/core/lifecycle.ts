import type { OocsiError } from './errors';

/** Where a client stands, as its user sees it. Only `closed` is final. */
export type State =
  | {
      readonly status: 'connecting';
      /** Which attempt this is, from 1. */
      readonly attempt: number;
      /** Why the attempt before failed. */
      readonly cause?: OocsiError;
      /** When the attempt starts (ms since 1970), while the client waits for it. */
      readonly retryAt?: number;
    }
  | { readonly status: 'connected' /** ms since 1970 */; readonly since: number }
  | {
      readonly status: 'reconnecting';
      readonly attempt: number;
      /** Why the connection was lost, or why the attempt before failed. */
      readonly cause: OocsiError;
      readonly retryAt?: number;
    }
  | { readonly status: 'closed' /** The fault that closed it; none after `close()`. */; readonly cause?: OocsiError };

/** The life of a session: what its user sees, and what only the session needs to know. */
export interface Life {
  readonly state: State;
  readonly at: 'idle' | 'dialing' | 'open' | 'waiting' | 'closed';
  /** Each dial is a new generation: what an older link says no longer counts. */
  readonly generation: number;
  /** Losses in a row since a connection last held; they lengthen the wait. */
  readonly losses: number;
  /** Whether the server has welcomed this client before. */
  readonly known: boolean;
}

/** What happens to a session. Events of a link carry its generation. */
export type LifeEvent =
  | { readonly type: 'start' | 'due' | 'close' }
  | { readonly type: 'held' | 'renamed'; readonly generation: number }
  | { readonly type: 'welcomed'; readonly generation: number; readonly now: number }
  | { readonly type: 'lost'; readonly generation: number; readonly now: number; readonly cause: OocsiError };

/** What a session then does, in the given order. `tell`: the user sees another state now. */
export type Effect = 'dial' | 'restore' | 'watch' | 'wait' | 'part' | 'hangUp' | 'tell' | 'end';

export interface Policy {
  /** How many attempts in a row may fail before the session ends. */
  readonly attempts: number;
  /** Whether a first attempt that fails ends the session; a handle that is waited for is no failure. */
  readonly once: boolean;
  /** How long to wait, in ms, after so many losses in a row. */
  delay(losses: number): number;
}

type Step = readonly [Life, ...Effect[]];

const over = ['hangUp', 'tell', 'end'] as const;
/** The link itself tells when it is over. */
const goodbye = ['part', 'tell'] as const;

export const unborn: Life = {
  state: { status: 'connecting', attempt: 1 },
  at: 'idle',
  generation: 0,
  losses: 0,
  known: false,
};

/** The life of a session as a pure function: the life so far and what happens give the next one and what to do. */
export function step(life: Life, event: LifeEvent, policy: Policy): Step {
  const { at, state } = life;
  if (at === 'closed' || ('generation' in event && event.generation !== life.generation)) return [life];
  switch (event.type) {
    case 'close':
      return [{ ...life, at: 'closed', state: { status: 'closed' } }, ...(at === 'open' ? goodbye : over)];
    case 'start':
      return at === 'idle' ? [dialing(life), 'dial'] : [life];
    case 'due': {
      if (at !== 'waiting') return [life];
      const { retryAt, ...now } = { retryAt: 0, ...state };
      return [{ ...dialing(life), state: now }, 'tell', 'dial'];
    }
    case 'renamed':
      return at === 'dialing' ? [dialing(life), 'hangUp', 'dial'] : [life];
    case 'welcomed':
      if (at !== 'dialing') return [life];
      return [
        { ...life, at: 'open', known: true, state: { status: 'connected', since: event.now } },
        'restore',
        'watch',
        'tell',
      ];
    case 'held':
      return [at === 'open' ? { ...life, losses: 0 } : life];
    case 'lost':
      return at === 'open' || at === 'dialing' ? lost(life, event.cause, event.now, policy) : [life];
  }
}

function dialing(life: Life): Life {
  return { ...life, at: 'dialing', generation: life.generation + 1 };
}

function lost(life: Life, cause: OocsiError, now: number, policy: Policy): Step {
  const { known, state } = life;
  const attempt = 'attempt' in state ? state.attempt : 0;
  const once = policy.once && !known && cause.code !== 'refused';
  if (cause.permanent || once || attempt >= policy.attempts) {
    return [{ ...life, at: 'closed', state: { status: 'closed', cause } }, ...over];
  }
  const losses = life.losses + 1;
  const retryAt = now + policy.delay(losses);
  const status = known ? 'reconnecting' : 'connecting';
  return [
    { ...life, at: 'waiting', losses, state: { status, attempt: attempt + 1, cause, retryAt } },
    'hangUp',
    'wait',
    'tell',
  ];
}
