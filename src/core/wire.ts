import type { Link } from './link';
import { type Data, kindOf, type Message, protocolKey } from './message';

/** One dialect of OOCSI: how frames are worded on a link, and read. */
export interface Wire {
  /** Prepares a link for frames of this dialect. */
  open(link: Link): Link;
  /** The first frame of a client: who it is. */
  hello(handle: string): string;
  /** Gives `json` to a client or channel. */
  send(recipient: string, json: string): string;
  /** Any other command. */
  command(text: string): string;
  /** What the server answers to {@link Wire.hello}, as `welcome HANDLE` or `ERROR: reason`. */
  readGreeting(frame: string): unknown;
  /** A message of the server; an error for what makes no sense or tells a fault; undefined for the rest it says. */
  readMessage(frame: string): Message | Error | undefined;
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
): Message | Error {
  if (typeof recipient !== 'string' || typeof sender !== 'string' || !(timestamp >= 0) || kindOf(data) !== 'Object') {
    return new Error(frame.slice(0, 80));
  }
  for (const key in data) if (protocolKey.test(key)) delete data[key];
  return { sender, recipient, timestamp, data };
}
