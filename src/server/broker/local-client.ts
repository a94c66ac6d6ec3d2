import type { Link, LinkEvents, RefusalCode } from '../../protocol/index';
import { errorTextOf, noticeOf } from '../../protocol/index';
import type { Peer } from '../domain/index';

/** A message to a client in the same program. */
export interface ReceivedMessage {
  readonly sender: string;
  /** One JSON object, as the sender wrote it. */
  readonly data: string;
}

/** What a server says to a client in the same program, in the dialect of WebSocket. */
export interface LocalLinkEvents {
  welcome?(handle: string): void;
  /** The server did not do what was asked, or did not let the client in; then there is a code. */
  error(reason: string, code: RefusalCode | undefined): void;
  message?(frame: string): void;
  ping?(): void;
  /** The server has ended the connection. */
  closed?(): void;
}

/** A link to a client in the same program. */
export function createLocalLink(events: LocalLinkEvents, buffered: () => number = () => 0): Link {
  return {
    send(frame) {
      if (frame === 'ping') return events.ping?.();
      const notice = noticeOf(frame);
      if (notice === undefined) events.message?.(frame);
      else if (notice.message.startsWith('welcome ')) events.welcome?.(notice.message.slice('welcome '.length));
      else events.error(errorTextOf(notice), notice.code);
    },
    close: () => events.closed?.(),
    get buffered() {
      return buffered();
    },
  };
}

/** An internal client: a part of the server that sends and receives messages as clients do. */
export interface LocalClient {
  /** Gives the server's error, if there is one; `address` is that of the machine for which it sends. */
  send(recipient: string, data: string, address?: string): string | undefined;
}

/**
 * @param attach lets the client in
 * @param receive is given each message to it
 */
export function createLocalClient(
  attach: (link: Link, peer: Peer) => LinkEvents,
  receive: (message: ReceivedMessage) => void,
): LocalClient {
  let lastError: string | undefined;
  let sendsFor: string | undefined;
  const link = createLocalLink({
    message: (frame) => receive(readMessage(frame)),
    error(reason) {
      lastError = reason;
    },
  });
  const peer: Peer = {
    get address() {
      return sendsFor;
    },
  };
  const events = attach(link, peer);
  return {
    send(recipient, data, address) {
      lastError = undefined;
      sendsFor = address;
      events.frame(`sendjson ${recipient} ${data}`);
      return lastError;
    },
  };
}

/** The data is not parsed: it was read, and its depth bounded, when it came in. */
function readMessage(frame: string): ReceivedMessage {
  const beforeData = ',"data":';
  // In a name, the quotes would be written with backslashes.
  const at = frame.indexOf(beforeData);
  const { sender }: { readonly sender: string } = JSON.parse(`${frame.slice(0, at)}}`);
  return { sender, data: frame.slice(at + beforeData.length, -1) };
}
