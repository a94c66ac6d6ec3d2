import type { Link } from './link';
import { type Data, type Incoming, kindOf, protocolKey } from './message';

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
  open(link: Link): Speech;
  /** The first frame of a client: who it is. */
  hello(handle: string): string;
  /** Gives `json` to a client or channel. */
  send(recipient: string, json: string): string;
  /** Any other command. */
  command(text: string): string;
  /** What the server answers to {@link Wire.hello}, as `welcome HANDLE` or `ERROR: reason`. */
  readGreeting(frame: string): unknown;
  /** A message of the server; an error for what makes no sense or tells a fault; undefined for the rest it says. */
  readMessage(frame: string): Incoming | Error | undefined;
}

/** A frame that should be JSON; nonsense has no keys, and is told from what is missing. */
export function parse(frame: string): Data {
  try {
    return Object(JSON.parse(frame));
  } catch {
    return {};
  }
}

/** A message of these parts; an error when they do not make one. */
export function messageOf(
  { recipient, sender, timestamp }: Data,
  data: { [key: string]: unknown },
  frame: string,
): Incoming | Error {
  if (typeof recipient !== 'string' || typeof sender !== 'string' || !(timestamp >= 0) || kindOf(data) !== 'Object') {
    return new Error(frame.slice(0, 80));
  }
  const { _MESSAGE_ID: id, _MESSAGE_HANDLE: call, _MESSAGE_ERROR: fault } = data;
  for (const key in data) if (protocolKey.test(key)) delete data[key];
  return { message: { sender, recipient, timestamp, data }, id, call, fault };
}
