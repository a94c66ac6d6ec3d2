import { type RefusalCode, refusalOf } from '../refusals';
import type { ServerFrames } from '../server-frames';

const notice = '{"message" : ';

/** WebSocket clients. */
export const webFrames: ServerFrames = {
  welcome: (name) => `${notice}${JSON.stringify(`welcome ${name}`)}}`,
  refusal({ code, handle, message }) {
    // The web front of the Java server has words of its own for this one, and its clients look for them.
    const text = code === 'taken' ? refusalOf('existing', handle).message : message;
    return `${notice}${JSON.stringify(`ERROR: ${text}`)},"code":"${code}"}`;
  },
  error: (text) => `${notice}${JSON.stringify(`ERROR: ${text}`)}}`,
  message: (envelope) => envelope.web,
  answer: (text) => text,
  ping: 'ping',
  bye: undefined,
};

/** What a frame over WebSocket says of the server itself: a welcome, a fault, or a refusal with its code. */
export interface Notice {
  readonly message: string;
  readonly code?: RefusalCode;
}

/** How the message of a notice begins that tells an error. */
const errorMark = 'ERROR: ';

/** What is wrong, without the mark of an error. */
export function errorTextOf({ message }: Notice): string {
  return message.startsWith(errorMark) ? message.slice(errorMark.length) : message;
}

/** Undefined for a message. */
export function noticeOf(frame: string): Notice | undefined {
  return frame.startsWith(notice) ? JSON.parse(frame) : undefined;
}
