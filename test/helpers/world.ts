import { onTestFinished } from 'vitest';
import { type Server, type ServerOptions, startServer } from '../../src/server/start-server';
import { dialTcp, dialWeb, type Raw } from './raw';
import { createVirtualClock, type VirtualClock } from './virtual-clock';

/** A server of a test's own, and ways to reach it; all is gone when the test is over. */
export interface World {
  readonly server: Server;
  readonly clock: VirtualClock;
  /** A connection over TCP that has sent `lines`. */
  tcp(...lines: string[]): Promise<Raw>;
  /** A connection over WebSocket that has sent `frames`. */
  ws(...frames: string[]): Promise<Raw>;
  /** A client over TCP that was let in. */
  line(handle: string): Promise<Raw>;
  /** A client over WebSocket that was let in. */
  web(handle: string): Promise<Raw>;
}

export async function openWorld(options: ServerOptions = {}): Promise<World> {
  const clock = createVirtualClock();
  const server = await startServer({ port: 0, tcpPort: 0, clock, ...options });
  const raws: Raw[] = [];
  onTestFinished(async () => {
    await Promise.all(raws.map((raw) => raw.leave()));
    await server.close();
  });

  async function say(raw: Raw, frames: readonly string[]): Promise<Raw> {
    raws.push(raw);
    raw.say(...frames);
    return raw;
  }
  async function letIn(raw: Raw): Promise<Raw> {
    const [welcome = 'nothing'] = await raw.heard();
    if (!welcome.includes('welcome')) throw new Error(`not let in: ${welcome}`);
    return raw;
  }
  const tcp = async (...lines: string[]): Promise<Raw> => say(await dialTcp(server.tcpPort ?? 0), lines);
  const ws = async (...frames: string[]): Promise<Raw> => say(await dialWeb(server.url), frames);
  return {
    server,
    clock,
    tcp,
    ws,
    line: async (handle) => letIn(await tcp(`${handle}(JSON)`)),
    web: async (handle) => letIn(await ws(handle)),
  };
}

/** What frames hold as JSON. */
export function objects(frames: readonly string[]): unknown[] {
  return frames.map((frame) => JSON.parse(frame));
}

export const dialects = ['line', 'web'] as const;

/** A message as a test compares it, whichever dialect it came in. */
export interface Told {
  readonly recipient: unknown;
  readonly sender: unknown;
  readonly timestamp: unknown;
  readonly data: unknown;
}

/** The messages among frames of either dialect. */
export function told(frames: readonly string[]): Told[] {
  return frames
    .filter((frame) => frame.startsWith('{"') && frame.includes('"recipient":'))
    .map((frame) => {
      const { recipient, sender, timestamp, ...rest } = JSON.parse(frame);
      return { recipient, sender, timestamp, data: frame.startsWith('{"recipient"') ? rest.data : rest };
    });
}

/** What the messages among frames say. */
export function dataOf(frames: readonly string[]): unknown[] {
  return told(frames).map(({ data }) => data);
}

/** Sends frames and waits until the server has dealt with them. */
export async function say(raw: Raw, ...frames: string[]): Promise<void> {
  raw.say(...frames);
  await raw.settled();
}
