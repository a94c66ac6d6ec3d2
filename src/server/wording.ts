import type { Envelope } from './envelope';

/** Why a client is not let in. */
export type Refusal =
  | { readonly why: 'taken' | 'password' | 'reserved'; readonly name: string }
  | { readonly why: 'handle' | 'legacy' };

/** How the server words what it says, by the way a client came in. */
export interface Wording {
  welcome(name: string): string;
  refusal(refusal: Refusal): string;
  fault(text: string): string;
  message(envelope: Envelope): string;
  /** The answer to a question of the client. */
  answer(text: string): string;
  readonly ping: string;
  /** The last word; WebSocket has its own. */
  readonly bye: string | undefined;
}

function reason(refusal: Refusal, taken: (name: string) => string): string {
  switch (refusal.why) {
    case 'taken':
      return taken(refusal.name);
    case 'password':
      return `password wrong for name: ${refusal.name}`;
    case 'reserved':
      return `name reserved for the server: ${refusal.name}`;
    case 'handle':
      return 'handle not accepted: use 1 to 194 ASCII characters without white space';
    case 'legacy':
      return 'this server speaks JSON only: say NAME(JSON)';
  }
}

const registered = (name: string): string => `name already registered: ${name}`;

/** TCP clients that said `NAME(JSON)`. */
export const line: Wording = {
  // No valid JSON, but what every client of OOCSI looks for.
  welcome: (name) => `{'message' : "welcome ${name}"}\n`,
  refusal: (refusal) => `error (${reason(refusal, registered)})\n`,
  fault: (text) => `error (${text})\n`,
  message: (envelope) => envelope.line,
  answer: (text) => `${text}\n`,
  ping: 'ping\n',
  bye: 'bye\n',
};

/** Pure Data clients, over TCP, that said `NAME;`. */
export const pureData: Wording = {
  welcome: (name) => `welcome ${name};\n`,
  refusal: (refusal) => `error (${reason(refusal, registered)});\n`,
  fault: (text) => `error (${text});\n`,
  message: (envelope) => envelope.pureData,
  // A `;` in a name would end the answer for Pure Data.
  answer: (text) => `${text.replace(/;/g, ' ')};\n`,
  ping: 'ping;\n',
  bye: 'bye\n',
};

const notice = '{"message" : ';

/** WebSocket clients. */
export const web: Wording = {
  welcome: (name) => `${notice}${JSON.stringify(`welcome ${name}`)}}`,
  refusal: (refusal) => web.fault(reason(refusal, (name) => `client ${name} exists already`)),
  fault: (text) => `${notice}${JSON.stringify(`ERROR: ${text}`)}}`,
  message: (envelope) => envelope.web,
  answer: (text) => text,
  ping: 'ping',
  bye: undefined,
};

/** What a frame over WebSocket says of the server itself, a welcome or a fault; undefined for a message. */
export function noticeOf(frame: string): string | undefined {
  return frame.startsWith(notice) ? JSON.parse(frame.slice(notice.length, -1)) : undefined;
}
