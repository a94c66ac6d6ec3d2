import type { Link, LinkEvents, RefusalCode } from '../../protocol/index';
import { noticeOf } from '../../protocol/index';
import type { Peer } from '../domain/index';

/** A message to a client in the same program. */
export interface Heard {
  readonly sender: string;
  /** One JSON object, as the sender wrote it. */
  readonly data: string;
}

/** What a server says to a client in the same program, in the dialect of WebSocket. */
export interface Ears {
  welcome?(handle: string): void;
  /** The server did not do what was asked, or did not let the client in; then there is a code. */
  fault(reason: string, code: RefusalCode | undefined): void;
  message?(frame: string): void;
  ping?(): void;
  /** The server has ended the connection. */
  closed?(): void;
}

/** A link to a client in the same program. */
export function linkTo(ears: Ears, buffered: () => number = () => 0): Link {
  return {
    send(frame) {
      if (frame === 'ping') return ears.ping?.();
      const notice = noticeOf(frame);
      if (notice === undefined) ears.message?.(frame);
      else if (notice.message.startsWith('welcome ')) ears.welcome?.(notice.message.slice('welcome '.length));
      else ears.fault(notice.message.replace(/^ERROR: /, ''), notice.code);
    },
    close: () => ears.closed?.(),
    get buffered() {
      return buffered();
    },
  };
}

/** A part of the server that takes part in its conversations. */
export interface Insider {
  /** Gives the server's complaint, if it has one; `address` is that of whom it sends for. */
  send(recipient: string, data: string, address?: string): string | undefined;
}

/** @param attach lets it in; from then on it is `hear`d what comes for it */
export function createInsider(attach: (link: Link, peer: Peer) => LinkEvents, hear: (heard: Heard) => void): Insider {
  let complaint: string | undefined;
  let sendsFor: string | undefined;
  const events = attach(
    linkTo({
      message: (frame) => hear(heardIn(frame)),
      fault(reason) {
        complaint = reason;
      },
    }),
    {
      get address() {
        return sendsFor;
      },
    },
  );
  return {
    send(recipient, data, address) {
      complaint = undefined;
      sendsFor = address;
      events.frame(`sendjson ${recipient} ${data}`);
      return complaint;
    },
  };
}

/** The data is not parsed for it: it was read, and its depth bounded, when it came in. */
function heardIn(frame: string): Heard {
  const behind = ',"data":';
  // In a name, the quotes would be written with backslashes.
  const at = frame.indexOf(behind);
  const { sender }: { readonly sender: string } = JSON.parse(`${frame.slice(0, at)}}`);
  return { sender, data: frame.slice(at + behind.length, -1) };
}
