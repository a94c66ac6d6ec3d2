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
  | { readonly status: 'closed' /** The error that closed it; none after `close()`. */; readonly cause?: OocsiError };

/** Where a session stands: what its user sees, and what only the session needs to know. */
export interface SessionState {
  readonly shown: State;
  /**
   * What the session does when it comes here, or comes here again: it closes its link and waits (`waiting`), dials
   * (`connecting`), begins with an open link (`connected`), or closes its link for good (`closed`).
   */
  readonly phase: 'waiting' | 'connecting' | 'connected' | 'closed';
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
 * What happens to a session: a wait is over (`due`), the handle is taken and the client tries another one (`renamed`), the
 * server welcomed the client, an attempt failed or a connection was lost. A connection that is `lost` at Infinity stays
 * lost until something is `due`: the page sleeps.
 */
export type SessionEvent =
  | { readonly what: 'due' | 'renamed' | 'close' }
  | { readonly what: 'welcomed'; readonly ownHandle: string; readonly moment: number; readonly monotonic: number }
  | LostEvent;

interface LostEvent {
  readonly what: 'lost';
  readonly error: OocsiError;
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
export const initialState: SessionState = { shown: { status: 'connecting', attempt: 1 }, phase: 'waiting', losses: 0 };

/** The phases in which an event means something; in any other it changes nothing. */
const phases: Readonly<Record<SessionEvent['what'], string>> = {
  due: 'waiting',
  renamed: 'connecting',
  welcomed: 'connecting',
  lost: 'connecting connected',
  close: 'waiting connecting connected',
};

/** The state machine of a session as a pure function: the state so far and what happens give the next state. */
export function nextState(state: SessionState, event: SessionEvent, policy: Policy): SessionState {
  if (!phases[event.what].includes(state.phase)) return state;
  switch (event.what) {
    case 'close':
      return { ...state, phase: 'closed', shown: { status: 'closed' } };
    case 'welcomed':
      return {
        ...state,
        phase: 'connected',
        ownHandle: event.ownHandle,
        welcomedAt: event.monotonic,
        shown: { status: 'connected', since: event.moment },
      };
    case 'lost':
      return lose(state, event, policy);
    default:
      return { ...state, phase: 'connecting' };
  }
}

function lose(state: SessionState, { error: cause, moment, monotonic }: LostEvent, policy: Policy): SessionState {
  const { ownHandle, shown, welcomedAt = monotonic } = state;
  const attempt = 'attempt' in shown ? shown.attempt : 0;
  const isInVain = attempt >= policy.attempts || (policy.once && !ownHandle);
  if (cause.permanent || isInVain) return { ...state, phase: 'closed', shown: { status: 'closed', cause } };
  const hasHeld = moment === Infinity || monotonic - welcomedAt >= holdTime;
  const isForgiven = 'since' in shown && hasHeld;
  const losses = isForgiven ? 1 : state.losses + 1;
  const status = ownHandle ? 'reconnecting' : 'connecting';
  const retryAt = moment + policy.delay(losses);
  return { ...state, phase: 'waiting', losses, shown: { status, attempt: attempt + 1, cause, retryAt } };
}
