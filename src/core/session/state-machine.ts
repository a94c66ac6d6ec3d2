import type { OocsiError } from '../../protocol/index';

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
  readonly shown: State;
  /** Whoever comes here, or comes here again, dials (after he hung up), begins with an open link, or hangs up. */
  readonly at: 'waiting' | 'connecting' | 'connected' | 'closed';
  /** Losses in a row, the last one included, since a connection last held; they lengthen the wait. */
  readonly losses: number;
  /** As the server welcomed this client, if it did. */
  readonly ownHandle?: string;
  /** When it was welcomed last, by the monotonic clock. */
  readonly welcomedAt?: number;
}

/** How long a connection must have held for the losses before it to be forgiven, in ms. */
const holdTime = 10_000;

/**
 * What happens to a session: a wait is over (`due`), the handle is taken and another one is to be tried (`renamed`), the
 * server welcomed the client, an attempt failed or a connection was lost. One that is `lost` at Infinity stays so until
 * something is `due`: the page sleeps.
 */
export type LifeEvent =
  | { readonly what: 'due' | 'renamed' | 'close' }
  | { readonly what: 'welcomed'; readonly ownHandle: string; readonly moment: number; readonly monotonic: number }
  | LostEvent;

interface LostEvent {
  readonly what: 'lost';
  readonly fault: OocsiError;
  /** ms since 1970 */
  readonly moment: number;
  /** The same moment by the monotonic clock. */
  readonly monotonic: number;
}

export interface Policy {
  /** How many attempts in a row may fail before the session ends. */
  readonly attempts: number;
  /** Whether a first attempt that fails ends the session. */
  readonly once: boolean;
  /** How long to wait, in ms, after so many losses in a row. */
  delay(losses: number): number;
}

/** A session that never dialled; the first event is `due`. */
export const unborn: Life = { shown: { status: 'connecting', attempt: 1 }, at: 'waiting', losses: 0 };

/** Where an event means something; anywhere else it changes nothing. */
const places: Readonly<Record<LifeEvent['what'], string>> = {
  due: 'waiting',
  renamed: 'connecting',
  welcomed: 'connecting',
  lost: 'connecting connected',
  close: 'waiting connecting connected',
};

/** The life of a session as a pure function: the life so far and what happens give the next one. */
export function step(life: Life, event: LifeEvent, policy: Policy): Life {
  if (!places[event.what].includes(life.at)) return life;
  switch (event.what) {
    case 'close':
      return { ...life, at: 'closed', shown: { status: 'closed' } };
    case 'welcomed':
      return {
        ...life,
        at: 'connected',
        ownHandle: event.ownHandle,
        welcomedAt: event.monotonic,
        shown: { status: 'connected', since: event.moment },
      };
    case 'lost':
      return lose(life, event, policy);
    default:
      return { ...life, at: 'connecting' };
  }
}

function lose(life: Life, { fault: cause, moment, monotonic }: LostEvent, policy: Policy): Life {
  const { ownHandle, shown, welcomedAt = monotonic } = life;
  const attempt = 'attempt' in shown ? shown.attempt : 0;
  const inVain = attempt >= policy.attempts || (policy.once && !ownHandle);
  if (cause.permanent || inVain) return { ...life, at: 'closed', shown: { status: 'closed', cause } };
  const hasHeld = moment === Infinity || monotonic - welcomedAt >= holdTime;
  const isForgiven = 'since' in shown && hasHeld;
  const losses = isForgiven ? 1 : life.losses + 1;
  const status = ownHandle ? 'reconnecting' : 'connecting';
  const retryAt = moment + policy.delay(losses);
  return { ...life, at: 'waiting', losses, shown: { status, attempt: attempt + 1, cause, retryAt } };
}
