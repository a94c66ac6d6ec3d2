import type { Server } from '../../src/server/start-server';
import { dialTcp, dialWeb, type Raw, until } from '../helpers/raw';
import type { VirtualClock } from '../helpers/virtual-clock';

/** A line as it was recorded: its text, or the object that it held. Over WebSocket it is a frame. */
export type Recorded = string | Readonly<Record<string, unknown>>;

export type Transport = 'tcp' | 'websocket';

export type Step =
  | { readonly open: string; readonly transport?: Transport }
  | { readonly send: string; readonly line: string }
  | { readonly bytes: string; readonly hex: string }
  | { readonly wait: number }
  | { readonly receive: string; readonly lines: readonly Recorded[]; readonly closed?: boolean }
  | { readonly close: string };

/** A conversation with the reference server, as it was recorded or as it is known to go. */
export interface Transcript {
  readonly name: string;
  /** How clients connect whose `open` does not say it. */
  readonly transport: Transport;
  /** The registered users of the server, as `name:password`. */
  readonly users?: readonly string[];
  readonly steps: readonly Step[];
}

/** What a client got at one `receive`, and what it got when the conversation was recorded. */
export interface Received {
  readonly client: string;
  /** Which of the client's receives this is, from 0. */
  readonly turn: number;
  readonly lines: readonly string[];
  readonly closed: boolean;
  readonly recorded: { readonly lines: readonly Recorded[]; readonly closed: boolean };
}

/** How a transport carries what a transcript says. */
interface Carrier {
  dial(server: Server): Promise<Raw>;
  send(raw: Raw, line: string): Promise<void>;
  bytes(raw: Raw, data: Buffer): Promise<void>;
}

const carriers: Readonly<Record<Transport, Carrier>> = {
  tcp: {
    dial: (server) => dialTcp(server.tcpPort ?? 0),
    send: (raw, line) => carriers.tcp.bytes(raw, Buffer.from(`${line}\n`)),
    async bytes(raw, data) {
      raw.bytes(data);
      // A question in the middle of a line would become a part of it; a few turns let the server read the piece by itself.
      if (data.at(-1) === 0x0a) return raw.settled();
      for (let turns = 0; turns < 3; turns++) await new Promise(setImmediate);
    },
  },
  websocket: {
    dial: (server) => dialWeb(server.url),
    send(raw, line) {
      raw.say(line);
      return raw.settled();
    },
    bytes(raw, data) {
      raw.bytes(data);
      return raw.settled();
    },
  },
};

/**
 * Holds a recorded conversation with `server`. Nothing waits for real time: `clock` is moved on instead, and each sender
 * is settled before anybody else goes on.
 */
export async function replay(transcript: Transcript, server: Server, clock: VirtualClock): Promise<Received[]> {
  const clients = new Map<string, readonly [Raw, Carrier]>();
  const received: Received[] = [];

  function client(name: string): readonly [Raw, Carrier] {
    const found = clients.get(name);
    if (!found) throw new Error(`${transcript.name}: ${name} is not open`);
    return found;
  }

  async function open(name: string, transport: Transport): Promise<void> {
    const carrier = carriers[transport];
    clients.set(name, [await carrier.dial(server), carrier]);
  }

  async function leave([raw]: readonly [Raw, Carrier]): Promise<void> {
    const before = server.broker.clients().length;
    await raw.leave();
    await until(() => server.broker.clients().length < before, 'the server notices that a client has left');
  }

  async function receive(name: string, recorded: Received['recorded']): Promise<void> {
    const [raw] = client(name);
    const turn = received.filter((one) => one.client === name).length;
    // What others said has been dealt with, so whatever is meant for this client comes before its own answer.
    received.push({ client: name, turn, lines: await raw.heard(), closed: raw.isClosed, recorded });
  }

  async function say(name: string, verb: 'send' | 'bytes', what: string): Promise<void> {
    const [raw, carrier] = client(name);
    await (verb === 'send' ? carrier.send(raw, what) : carrier.bytes(raw, Buffer.from(what, 'hex')));
  }

  for (const step of transcript.steps) {
    if ('open' in step) await open(step.open, step.transport ?? transcript.transport);
    else if ('send' in step) await say(step.send, 'send', step.line);
    else if ('bytes' in step) await say(step.bytes, 'bytes', step.hex);
    else if ('wait' in step) await clock.advance(step.wait);
    else if ('close' in step) await leave(client(step.close));
    else await receive(step.receive, { lines: step.lines, closed: step.closed ?? false });
  }
  await Promise.all([...clients.values()].map(([raw]) => raw.leave()));
  return received;
}
