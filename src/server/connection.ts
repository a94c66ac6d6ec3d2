import { textOf } from '../core/errors';
import type { Dialect, Link, LinkEvents } from '../core/link';
import { readClaim, trimBlanks } from './claim';
import { emptyData, readData, type ServerData, textData } from './data';
import type { Envelope } from './envelope';
import { longestBacklog, longestFrame } from './limits';
import { TooSlow } from './traffic/traffic';
import { line, pureData, type Refusal, type Wording, web } from './wording';

/** What a connection may ask of the broker. */
export interface Hub {
  readonly now: () => number;
  /** Lets a client in under `name`, or under one that the broker picks; gives the name that counts. */
  admit(connection: Connection, name: string | undefined): string | Refusal;
  remove(connection: Connection): void;
  /** A client that was let in lost its connection because it took too little of what was sent to it. */
  slow(name: string, fault: TooSlow): void;
  subscribe(connection: Connection, name: string): void;
  unsubscribe(connection: Connection, name: string): void;
  publish(connection: Connection, recipient: string, data: ServerData): void;
  clients(): string[];
  channels(): string[];
  members(channel: string): string[];
}

/** One link and who is behind it. */
export interface Connection extends LinkEvents {
  /** The handle, once the client is let in. */
  readonly name: string | undefined;
  readonly wording: Wording;
  /** When the client last gave a sign of life, ms since 1970. */
  readonly seen: number;
  write(text: string): void;
  /** Passes a message on to the client. */
  tell(envelope: Envelope): void;
  /** Says a last word and closes the link; nothing that still comes in counts. */
  end(lastWord?: string): void;
}

export function createConnection(hub: Hub, dialect: Dialect, link: Link): Connection {
  let wording = dialect === 'web' ? web : line;
  let name: string | undefined;
  let seen = hub.now();
  let over = false;

  function end(lastWord?: string): void {
    if (over) return;
    over = true;
    hub.remove(connection);
    if (lastWord !== undefined) link.send(lastWord);
    link.close();
  }

  function greet(frame: string): void {
    const claim = readClaim(dialect, frame);
    wording = claim.wording;
    if (typeof claim.name === 'object') return end(wording.refusal(claim.name));
    const admitted = hub.admit(connection, claim.name);
    if (typeof admitted === 'object') return end(wording.refusal(admitted));
    name = admitted;
    link.send(wording.welcome(name));
    // Some WebSocket clients say no name: their first frame is a command already.
    if (claim.name === undefined) obey(frame);
  }

  function obey(frame: string): void {
    const text = wording === pureData ? frame.replace(/;/g, '').replace(/'/g, ',') : frame;
    const blank = text.indexOf(' ');
    const verb = blank < 0 ? text : text.slice(0, blank);
    const rest = blank < 0 ? '' : text.slice(blank + 1);
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
        return rest === '' ? end(wording.bye) : undefined;
      case 'clients':
        return say(wording.answer(hub.clients().join(',')));
      case 'channels': {
        const names = rest === '' ? hub.channels() : hub.members(rest);
        if (names.length > 0) say(wording.answer(names.join(', ')));
      }
    }
  }

  function publish(verb: string, text: string): void {
    const blank = text.indexOf(' ');
    const recipient = text.slice(0, Math.max(0, blank));
    const body = text.slice(blank + 1);
    if (body === '' || !isName(recipient)) return;
    const data = body.startsWith('{') ? readData(body) : verb === 'sendraw' ? textData(body) : emptyData;
    hub.publish(connection, recipient, data);
  }

  function say(text: string): void {
    if (over) return;
    if (link.buffered > longestBacklog) return end();
    link.send(text);
  }

  const connection: Connection = {
    get name() {
      return name;
    },
    get wording() {
      return wording;
    },
    get seen() {
      return seen;
    },
    write: say,
    tell: (envelope) => say(wording.message(envelope)),
    end,
    frame(frame) {
      if (over) return;
      seen = hub.now();
      if (frame.length > longestFrame) return end(wording.fault(`line longer than ${longestFrame} characters`));
      try {
        if (name === undefined) greet(frame);
        else obey(dialect === 'line' ? trimBlanks(frame) : frame);
      } catch (thrown) {
        // Data that cannot be read; the client should know, and everybody else is none the wiser.
        say(wording.fault(textOf(thrown)));
      }
    },
    close(cause) {
      if (!over && name !== undefined && cause instanceof TooSlow) hub.slow(name, cause);
      over = true;
      hub.remove(connection);
    },
  };
  return connection;
}

/** Whether a name can be passed on: with a line break in it, it would start a line of its own. */
function isName(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return false;
  }
  return text !== '' && !text.startsWith(':');
}
