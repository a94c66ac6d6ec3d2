import type { ErrorDetails } from './errors';

// With which codes WebSockets are closed, and what client and server take them for. TCP has a last line instead, such as
// `bye` or `error (…)`; see `refusals.ts`.

/** It was ended as it should be. */
export const normalClosure = 1_000;
/** The other side broke a rule: it is not let in, or did what it may not. */
export const policyViolation = 1_008;
/** The other side sent a frame that is too long. */
export const messageTooBig = 1_009;

/** From here on codes mean what the server says. */
const firstOwnCode = 4_000;

/** Of a server that stops (1001), restarts (1012) or has had enough for now (1013), and of one that says no more about it. */
const goodbyes: readonly unknown[] = [normalClosure, 1_001, 1_012, 1_013];

/** Whether a server that closes so has said goodbye, and did not end the connection for what it was sent. */
export function isGoodbye(closeCode: number | undefined): boolean {
  return goodbyes.includes(closeCode);
}

/** Whether a server that closes so before its welcome does not let the client in. */
export function isRefusing(closeCode: number): boolean {
  return closeCode === policyViolation || closeCode >= firstOwnCode;
}

/** How a link was closed, for people; `lastWords` is what the server said last where there is no code. */
export function closeText({ closeCode, closeReason }: ErrorDetails, lastWords = ''): string {
  if (closeCode === undefined) return lastWords && ` (${lastWords})`;
  return ` (close code ${closeCode}${closeReason && `: ${closeReason}`})`;
}
