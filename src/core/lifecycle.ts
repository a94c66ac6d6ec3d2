import type { OocsiError } from './errors';

/** Where a client stands, as its user sees it. Only `closed` is final. */
export type State =
  | {
      readonly status: 'connecting';
      /** Which attempt this is, from 1. */
      readonly attempt: number;
      /** Why the attempt before failed. */
      readonly cause?: OocsiError;
      /** When the attempt starts, or started (ms since 1970); the first one has none. */
      readonly retryAt?: number;
    }
  | { readonly status: 'connected' /** ms since 1970 */; readonly since: number; readonly cause?: undefined }
  | {
      readonly status: 'reconnecting';
      readonly attempt: number;
      /** Why the connection was lost, or why the attempt before failed. */
      readonly cause: OocsiError;
      /** When the attempt starts, or started (ms since 1970); Infinity while the page sleeps. */
      readonly retryAt: number;
    }
  | { readonly status: 'closed' /** The fault that closed it; none after `close()`. */; readonly cause?: OocsiError };

/** The life of a session: what its user sees, and what only the session needs to know. */
export interface Life {
  readonly state: State;
  readonly at: 'waiting' | 'connecting' | 'connected' | 'closed';
  /** Each dial is a new generation: what an older link says no longer counts. */
  readonly generation: number;
  /** Losses in a row, the last one included, since a connection last held; they lengthen the wait. */
  readonly losses: number;
  /** As the server welcomed this client, if it did. */
  readonly handle?: string;
}

/** How long a connection must have held for the losses before it to be forgiven, in ms. */
const holdTime = 10_000;

/**
 * What happens to a session: a wait is over (`due`), the handle is taken and another one is to be tried (`renamed`), the
 * server welcomed the client, an attempt failed or a connection was lost. One that is `lost` at Infinity stays so until
 * something is `due`: the page sleeps.
 */
export type LifeEvent =
  | { readonly type: 'due' | 'renamed' | 'close' }
  | { readonly type: 'welcomed'; readonly handle: string; readonly now: number }
  | { readonly type: 'lost'; readonly generation: number; readonly now: number; readonly cause: OocsiError };

/**
 * What a session then does: `dial` (after it hung up), `begin` with an open link, or `hangUp` and then wait or end, as
 * the new life says.
 */
export type Effect = 'dial' | 'begin' | 'hangUp';

export interface Policy {
  /** How many attempts in a row may fail before the session ends. */
  readonly attempts: number;
  /** Whether a first attempt that fails ends the session. */
  readonly once: boolean;
  /** How long to wait, in ms, after so many losses in a row. */
  delay(losses: number): number;
}

type Step = readonly [Life, Effect?];

/** A session that never dialled; the first event is `due`. */
export const unborn: Life = {
  state: { status: 'connecting', attempt: 1 },
  at: 'waiting',
  generation: 0,
  losses: 0,
};

/** The life of a session as a pure function: the life so far and what happens give the next one and what to do. */
export function step(life: Life, event: LifeEvent, policy: Policy): Step {
  const { at } = life;
  if (at === 'closed') return [life];
  switch (event.type) {
    case 'close':
      return close(life, { status: 'closed' });
    case 'due':
      return at === 'waiting' ? dial(life) : [life];
    case 'renamed':
      return at === 'connecting' ? dial(life) : [life];
    case 'welcomed':
      if (at !== 'connecting') return [life];
      return [
        { ...life, at: 'connected', handle: event.handle, state: { status: 'connected', since: event.now } },
        'begin',
      ];
    case 'lost':
      // An older link, and one that was hung up, may say so late.
      if (at === 'waiting' || event.generation !== life.generation) return [life];
      return lose(life, event.cause, event.now, policy);
  }
}

function dial(life: Life): Step {
  return [{ ...life, at: 'connecting', generation: life.generation + 1 }, 'dial'];
}

function close(life: Life, state: State): Step {
  return [{ ...life, at: 'closed', state }, 'hangUp'];
}

function lose(life: Life, cause: OocsiError, now: number, policy: Policy): Step {
  const { handle, state } = life;
  const attempt = 'attempt' in state ? state.attempt : 0;
  const inVain = attempt >= policy.attempts || (policy.once && !handle);
  if (cause.permanent || inVain) return close(life, { status: 'closed', cause });
  const isForgiven = 'since' in state && now - state.since >= holdTime;
  const losses = isForgiven ? 1 : life.losses + 1;
  const status = handle ? 'reconnecting' : 'connecting';
  const retryAt = now + policy.delay(losses);
  return [{ ...life, at: 'waiting', losses, state: { status, attempt: attempt + 1, cause, retryAt } }, 'hangUp'];
}
