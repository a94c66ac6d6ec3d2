import type { ServerData } from '../../protocol/index';
import { keptAtMost } from '../config/index';

/** What a message asks of the server by `_DELAY`, `_SCHEDULE` and `_RETAIN` in its data. */
export interface Timing {
  /** When it is to be delivered, ms since 1970; undefined for at once. */
  readonly due: number | undefined;
  /** How long its channel is to keep it, in ms; undefined for not at all. */
  readonly keepFor: number | undefined;
}

const none: Timing = { due: undefined, keepFor: undefined };

/** The last moment that a date can tell, ms since 1970. */
const endOfTime = 8.64e15;

export function readTiming(data: ServerData, now: number): Timing {
  if (!data.hasOurs) return none;
  const values = new Map(data.members());
  const retain = values.get('_RETAIN');
  return {
    due: dueOf(values.get('_DELAY'), values.get('_SCHEDULE'), now),
    keepFor: retain === undefined ? undefined : keptFor(retain),
  };
}

/** Whether a message that waits does so for a date, by the time of day, and not for a delay to be over. */
export function isScheduled(data: ServerData): boolean {
  if (!data.hasOurs) return false;
  const values = new Map(data.members());
  return values.has('_SCHEDULE') && !values.has('_DELAY');
}

/** `_DELAY` goes before `_SCHEDULE`, even when it cannot be read. */
function dueOf(delay: string | undefined, schedule: string | undefined, now: number): number | undefined {
  const due = delay !== undefined ? now + secondsOf(delay) * 1_000 : schedule !== undefined ? dateOf(schedule) : now;
  return due > now && due <= endOfTime ? due : undefined;
}

function keptFor(json: string): number | undefined {
  // A fraction is no time to keep a message, but one to delay it.
  const time = /[.eE]/.test(json) && !json.startsWith('"') ? Number.NaN : secondsOf(json) * 1_000;
  return time > 0 ? Math.min(time, keptAtMost) : undefined;
}

/** A number without its fraction, or the text of a whole number; NaN for anything else. */
function secondsOf(json: string): number {
  const value: unknown = JSON.parse(json);
  if (typeof value === 'number') return Math.trunc(value);
  return typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;
}

/** Local time, as `yyyy-MM-dd HH:mm:ss`; days and hours that no calendar has run over into the next month or day. */
function dateOf(json: string): number {
  const value: unknown = JSON.parse(json);
  const parts = typeof value === 'string' ? /^(\d{4})-(\d\d?)-(\d\d?) (\d\d?):(\d\d?):(\d\d?)$/.exec(value) : null;
  if (!parts) return Number.NaN;
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = parts.slice(1).map(Number);
  return new Date(year, month - 1, day, hours, minutes, seconds).getTime();
}
