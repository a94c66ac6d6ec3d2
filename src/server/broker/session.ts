import type { Denial, Dialect, Link, LinkEvents } from '../../protocol/index';
import {
  createDataReader,
  emptyData,
  isCommand,
  isName,
  lineFrames,
  listLine,
  pureDataFrames,
  type Refusal,
  readClaim,
  refusalOf,
  textData,
  textOf,
  trimBlanks,
  webFrames,
  words,
} from '../../protocol/index';
import type { LeaveReason, Peer, Subscriber } from '../domain/index';
import { SlowConsumerError } from '../flow/index';
import { createEarly } from './early-frames';
import type { Hub } from './session-host';

/** One link and who is behind it. */
export interface Connection extends Subscriber, LinkEvents {}

/** Why a link was closed whose listener does not even read a frame that is too long. */
export class TooLong extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.message);
  }
}

export function createConnection(hub: Hub, dialect: Dialect, link: Link, peer: Peer): Connection {
  const { limits, counts } = hub;
  let wording = dialect === 'web' ? webFrames : lineFrames;
  let name: string | undefined;
  let seen = hub.monotonic();
  let answered: (() => void) | undefined;
  let over = false;
  /** Most clients only listen. */
  let readData: ReturnType<typeof createDataReader> | undefined;
  const early = createEarly(peer, limits.line);
  const rate = hub.rate(peer, () => {
    // Nobody listened, so the silence does not count.
    seen = hub.monotonic();
  });
  const cancelHandshake = hub.awaitHandshake(() => {
    deny(refusalOf('lateHandshake', limits.handshakeTime / 1_000));
  });

  function leave(reason: LeaveReason): void {
    hub.settle();
    over = true;
    cancelHandshake();
    rate?.stop();
    early.close();
    hub.remove(connection, reason);
  }

  function end(lastWord: string | undefined, reason: LeaveReason): void {
    if (over) return;
    leave(reason);
    if (lastWord !== undefined) send(lastWord);
    link.close();
  }

  function deny(denial: Denial): void {
    if (over) return;
    hub.denied(connection, denial);
    end(wording.refusal(denial), 'refused');
  }

  function greet(frame: string): void {
    if (frame.length > limits.handshake && !(dialect === 'web' && isCommand(frame))) {
      return deny(refusalOf('longHandshake', limits.handshake));
    }
    cancelHandshake();
    const claim = readClaim(dialect, frame);
    wording = claim.wording;
    if (typeof claim.name === 'object') return deny(claim.name);
    // Some WebSocket clients say no name: their first frame is a command already.
    early.open(claim.name === undefined ? frame : undefined);
    hub.admit(connection, claim.name, (verdict) => (typeof verdict === 'object' ? deny(verdict) : enter(verdict)));
    if (early.isOpen) early.hold();
  }

  function enter(given: string): void {
    name = given;
    send(wording.welcome(name));
    hub.joined(connection);
    peer.welcomed?.();
    for (const frame of early.close()) carryOut(frame);
  }

  function carryOut(frame: string): void {
    if (over) return;
    try {
      if (name !== undefined) obey(dialect === 'line' ? trimBlanks(frame) : frame);
      else if (!early.isOpen) greet(frame);
      else if (!early.add(frame)) deny(refusalOf('muchTooEarly'));
    } catch (thrown) {
      // Data that cannot be read; the client should know, and everybody else is none the wiser.
      complain(textOf(thrown));
    }
  }

  function complain(text: string): void {
    say(wording.fault(text));
  }

  function obey(frame: string): void {
    const { verb, rest } = words(wording === pureDataFrames ? frame.replace(/;/g, '').replace(/'/g, ',') : frame);
    if (!verb.startsWith('send')) {
      if (isOver()) return;
      if (frame.length > limits.command) {
        return complain(`line longer than ${limits.command} characters, and no message`);
      }
    }
    switch (verb) {
      case 'send':
      case 'sendraw':
        if (dialect === 'web') return;
        return publish(verb, rest);
      case 'sendjson':
        return publish(verb, rest);
      case 'subscribe':
        return isName(rest) ? hub.subscribe(connection, rest) : undefined;
      case 'unsubscribe':
        return isName(rest) ? hub.unsubscribe(connection, rest) : undefined;
      default:
        return dialect === 'line' ? answer(verb, rest) : undefined;
    }
  }

  function answer(verb: string, rest: string): void {
    switch (verb) {
      case 'ping':
        return say(wording.answer('.'));
      case 'quit':
        return rest === '' ? end(wording.bye, 'left') : undefined;
      case 'clients':
        return say(wording.answer(listLine(hub.clients(), ',')));
      case 'channels': {
        const names = rest === '' ? hub.channels() : hub.members(rest);
        if (names.length > 0) say(wording.answer(listLine(names, ', ')));
      }
    }
  }

  function publish(verb: string, text: string): void {
    const { verb: recipient, rest: body } = words(text);
    if (body === '' || !isName(recipient)) return;
    readData ??= createDataReader();
    const data = body.startsWith('{') ? readData(body) : verb === 'sendraw' ? textData(body) : emptyData;
    hub.publish(connection, recipient, data);
  }

  /** To be asked before anything but publishing: what was published before comes first, and may end this connection. */
  function isOver(): boolean {
    hub.settle();
    return over;
  }

  function say(text: string): void {
    if (!isOver()) put(text);
  }

  function put(text: string): void {
    if (!peer.cutsSlow && link.buffered > limits.queue) {
      hub.slow(connection, new SlowConsumerError(`more than ${limits.queue} bytes waited`, link.buffered));
      return end(undefined, 'slow');
    }
    counts.bytesOut += text.length;
    try {
      link.send(text);
    } catch (thrown) {
      // A link that cannot send is at its end, and must not keep others from what is theirs.
      connection.close(thrown);
    }
  }

  function send(text: string): void {
    hub.settle();
    link.send(text);
  }

  function holdPeer(): () => void {
    peer.hold?.(true);
    return () => peer.release?.(true);
  }

  const connection: Connection = {
    dialect,
    get address() {
      return peer.address;
    },
    get name() {
      return name;
    },
    get wording() {
      return wording;
    },
    get seen() {
      return rate?.holds ? hub.monotonic() : seen;
    },
    write: say,
    hold: peer.hold && holdPeer,
    probe(told) {
      answered = told;
      say(wording.ping);
    },
    tell(envelope) {
      if (isOver()) return;
      counts.messagesOut++;
      put(wording.message(envelope));
    },
    end,
    frame(frame) {
      if (over) return;
      seen = hub.monotonic();
      if (answered) {
        const told = answered;
        answered = undefined;
        told();
      }
      counts.bytesIn += frame.length;
      rate?.count(frame.length);
      if (frame.length > limits.line) deny(refusalOf('longLine', limits.line));
      else carryOut(frame);
    },
    close(cause) {
      const isSlow = cause instanceof SlowConsumerError;
      if (!over && isSlow) hub.slow(connection, cause);
      const isTooLong = cause instanceof TooLong;
      if (!over && isTooLong) hub.denied(connection, cause.refusal);
      leave(isSlow ? 'slow' : isTooLong ? 'refused' : 'left');
    },
  };
  return connection;
}
