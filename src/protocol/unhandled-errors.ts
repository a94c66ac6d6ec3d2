import { isError, OocsiError, textOf } from './errors';

// The one place where the library says something by itself. What it looks for is there or not, in pages and in Node.

/**
 * What becomes of an error of a listener while nobody listens to `error`: `warn`, it is shown once per listener and text, by
 * `process.emitWarning` in Node and `reportError` elsewhere; `throw`, it is thrown, which ends a Node program.
 */
export type Unhandled = 'warn' | 'throw';

/** Tells the platform of an error that no listener to `error` takes. */
export type Report = (error: OocsiError, listener: object) => void;

/** What a function of the program threw, as an error of ours. */
export function failureOf(thrown: unknown, who = 'A listener'): OocsiError {
  return new OocsiError('invalid', `${who} failed: ${textOf(thrown)}`, { cause: thrown });
}

/** What a platform may offer for that. */
interface Platform {
  readonly process?: { emitWarning?(text: string, options: { type: string; detail?: string | undefined }): void };
  reportError?(error: unknown): void;
}

/** How many texts of one listener are told: strangers may cause ever other ones. */
const mostTexts = 20;

export function createReport(unhandled: Unhandled = 'warn'): Report {
  const told = new WeakMap<object, Set<string>>();
  return (error, listener) => {
    if (unhandled === 'throw') return throwLater(error.cause);
    const texts = told.get(listener) ?? new Set();
    if (texts.has(error.message) || texts.size >= mostTexts) return;
    told.set(listener, texts.add(error.message));
    warn(error);
  };
}

/** Throws where nothing of the client is interrupted by it. */
function throwLater(thrown: unknown): void {
  queueMicrotask(() => {
    throw thrown;
  });
}

function warn(error: OocsiError): void {
  const platform: Platform = globalThis;
  if (!platform.process?.emitWarning) return platform.reportError?.(error);
  const { message, cause } = error;
  platform.process.emitWarning(message, { type: 'OocsiWarning', detail: isError(cause) ? cause.stack : undefined });
}
