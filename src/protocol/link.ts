import type { ErrorDetails } from './errors';

/** How frames are worded on a link: `line` is OOCSI over TCP, `web` is OOCSI over WebSocket (see PROTOCOL.md). */
export type Dialect = 'line' | 'web';

/** Whether an address, such as `ws://localhost:9000/ws`, is that of the machine itself. */
export function isLocal(address: string): boolean {
  return /\/\/(\S+\.)?(localhost|127\.[\d.]+|\[::1])[:/]/.test(address);
}

const privateHost =
  /^\w+:\/\/(10\.[\d.]+|172\.(1[6-9]|2\d|3[01])\.[\d.]+|192\.168\.[\d.]+|\[f([cd]..|e[89ab].):[^\]]*\]|[^/:]+\.local\.?)[:/]/i;

/** Whether an address is that of the machine itself or of its own network, where few clients dial the same server. */
export function isNear(address: string): boolean {
  return isLocal(address) || privateHost.test(address);
}

/** The longest frame that a client reads, in characters: 1 MiB. */
export const longestFrame = 2 ** 20;

/**
 * A connection that is open: it carries frames both ways until it is closed. "Not open yet" is not a state of a link.
 *
 * In the web dialect a frame is one text frame. In the line dialect `send` takes one or more whole lines, each with its
 * `\n`, while {@link LinkEvents.frame} hands over one line at a time, without it.
 */
export interface Link {
  /** Hands a frame over; it leaves in order. Does nothing once the link is closed. */
  send(frame: string): void;
  /** Delivers what was handed over, then closes. Safe to call twice. */
  close(): void;
  /** Bytes handed over that have not left yet. */
  readonly buffered: number;
}

/** What the owner of a link wants to be told. */
export interface LinkEvents {
  frame(frame: string): void;
  /**
   * Called exactly once, last. `cause` is the fault that ended the link, if it was one; `details` say what else is known of its
   * end, such as the close code of a WebSocket.
   */
  close(cause?: unknown, details?: ErrorDetails): void;
}

/**
 * Opens links to one server over one transport. It knows no protocol and retries nothing: the session does.
 *
 * `dial` resolves with an open link or rejects with the reason; it reports no event before it resolves, and none at all
 * when it rejects. Aborting `signal` abandons the attempt.
 */
export interface Adapter {
  /** What people read in messages: the address, such as `ws://localhost:9000/ws`. */
  readonly name: string;
  readonly dialect: Dialect;
  dial(events: LinkEvents, signal: AbortSignal): Promise<Link>;
}

/** The server's mirror of {@link Adapter.dial}: it is given a link that opened and says whom to tell about it. */
export type Accept = (link: Link) => LinkEvents;
