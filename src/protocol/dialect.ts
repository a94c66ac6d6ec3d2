import { isDeeper, isObject } from '../util/index';
import type { Link } from './link';
import { type Data, type Incoming, protocolKey } from './message';
import type { Refusal } from './refusals';

/** How deep the frames of a server may nest. */
const deepest = 1_000;

/** The key of a message to oneself that only asks whether the server is there. */
export const echoKey = '_ECHO';

const none = new Map<string, unknown>();

/** A link as a dialect speaks on it. */
export interface Speech extends Link {
  /**
   * Asks the server a question, where the dialect has some. `answered` is given the line that it says, or an empty one;
   * `failed` is told when the link closes before. The returned function is for who no longer wants to know.
   */
  readonly ask?:
    | ((question: string, answered: (line: string) => void, failed: (cause: unknown) => void) => () => void)
    | undefined;
  /** Whether a frame was part of an answer. */
  hear?(frame: string): boolean;
}

/** One dialect of OOCSI: how frames are worded on a link, and read. */
export interface Wire {
  /** Prepares a link for frames of this dialect. */
  speak(link: Link): Speech;
  /** The first frame of a client: who it is. */
  hello(handle: string): string;
  /** Gives `json` to a client or channel. */
  words(recipient: string, json: string): string;
  /** How much of what a server takes at most a frame is: characters of a line, bytes of a frame over WebSocket. */
  sizeOf(frame: string): number;
  /** What the server says last, where it does. */
  readonly bye?: string;
  /** Any other command. */
  command(text: string): string;
  /** What the server answers to {@link Wire.hello}: the handle that it welcomes, or a refusal; undefined for anything else. */
  readGreeting(frame: string): string | Refusal | undefined;
  /** A message of the server; an error for what makes no sense or tells a fault; undefined for the rest it says. */
  readMessage(frame: string): Incoming | Error | undefined;
}

/** A frame that should be JSON; nonsense has no keys, and is told from what is missing. */
export function parse(frame: string): Data {
  try {
    const said = Object(JSON.parse(frame));
    // What is nested deeper than this, a program could not even print.
    return frame.length > 2 * deepest && isDeeper(said, deepest) ? {} : said;
  } catch {
    return {};
  }
}

/** A message of these parts; an error when they do not make one, nothing when it is the echo of a question. */
export function messageOf(
  { recipient, sender, timestamp }: Data,
  data: { [key: string]: unknown },
  frame: string,
): Incoming | Error | undefined {
  if (typeof recipient !== 'string' || typeof sender !== 'string' || !(timestamp >= 0) || !isObject(data)) {
    return new Error(frame.slice(0, 80));
  }
  let wireKeys = none;
  for (const key in data) {
    if (key[0] !== '_' || !protocolKey.test(key) || !Object.hasOwn(data, key)) continue;
    if (wireKeys === none) wireKeys = new Map();
    wireKeys.set(key, data[key]);
  }
  // The last one first: V8 then still knows how the object is made, and all that reads it is several times faster.
  if (wireKeys !== none) for (const key of [...wireKeys.keys()].reverse()) delete data[key];
  if (sender === recipient && wireKeys.has(echoKey)) return undefined;
  return { received: { sender, recipient, timestamp, data }, wireKeys };
}

/** The dialects that are spoken here, by the name that an adapter gives. */
export type Dialects = { readonly web: Wire; readonly line?: Wire };
