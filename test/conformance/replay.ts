import type { Server } from '../../src/server/start';
import { dialTcp, type Raw, until } from '../helpers/raw';
import type { VirtualClock } from '../helpers/virtual-clock';

/** A line as it was recorded: its text, or the object that it held. */
export type Recorded = string | Readonly<Record<string, unknown>>;

export type Step =
  | { readonly open: string }
  | { readonly send: string; readonly line: string }
  | { readonly bytes: string; readonly hex: string }
  | { readonly wait: number }
  | { readonly receive: string; readonly lines: readonly Recorded[]; readonly closed?: boolean }
  | { readonly close: string };

/** A conversation with the reference server, as it was recorded. */
export interface Transcript {
  readonly name: string;
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

/**
 * Holds a recorded conversation with `server`. Nothing waits for real time: `clock` is moved on instead, and each sender
 * is settled before anybody else goes on.
 */
export async function replay(transcript: Transcript, server: Server, clock: VirtualClock): Promise<Received[]> {
  const clients = new Map<string, Raw>();
  const received: Received[] = [];

  function client(name: string): Raw {
    const raw = clients.get(name);
    if (!raw) throw new Error(`${transcript.name}: ${name} is not open`);
    return raw;
  }

  async function write(raw: Raw, data: Buffer): Promise<void> {
    raw.bytes(data);
    // A question in the middle of a line would become a part of it; a few turns let the server read the piece by itself.
    if (data.at(-1) === 0x0a) return raw.settled();
    for (let turns = 0; turns < 3; turns++) await new Promise(setImmediate);
  }

  async function leave(raw: Raw): Promise<void> {
    const before = server.broker.clients().length;
    await raw.leave();
    await until(() => server.broker.clients().length < before, 'the server notices that a client has left');
  }

  async function receive(name: string, recorded: Received['recorded']): Promise<void> {
    const raw = client(name);
    const turn = received.filter((one) => one.client === name).length;
    // What others said has been dealt with, so whatever is meant for this client comes before its own answer.
    received.push({ client: name, turn, lines: await raw.heard(), closed: raw.isClosed, recorded });
  }

  for (const step of transcript.steps) {
    if ('open' in step) clients.set(step.open, await dialTcp(server.tcpPort ?? 0));
    else if ('send' in step) await write(client(step.send), Buffer.from(`${step.line}\n`));
    else if ('bytes' in step) await write(client(step.bytes), Buffer.from(step.hex, 'hex'));
    else if ('wait' in step) await clock.advance(step.wait);
    else if ('close' in step) await leave(client(step.close));
    else await receive(step.receive, { lines: step.lines, closed: step.closed ?? false });
  }
  await Promise.all([...clients.values()].map((raw) => raw.leave()));
  return received;
}
