import { type Client, type ClientOptions, createClient, type OocsiError } from '../../src/index';
import { createScriptedAdapter, type ScriptedAdapter } from './script-link';
import { createVirtualClock, type VirtualClock } from './virtual-clock';

/** A client whose far side is the test, in a time that goes on when the test says so. */
export interface ScriptedClient {
  readonly client: Client;
  readonly clock: VirtualClock;
  readonly far: ScriptedAdapter;
  /** What the event `error` told. */
  readonly errors: OocsiError[];
  /** Lets the server welcome the client. */
  welcome(): Promise<void>;
  /** The server passes a message on. */
  hear(data: object, sender?: string, recipient?: string): void;
  /** Cuts the connection and welcomes the client again. */
  reconnect(): Promise<void>;
  /** Closes the client; the far side is told goodbye, and goes. */
  close(): Promise<void>;
}

export function createScriptedClient(options: ClientOptions = {}, dialect: 'line' | 'web' = 'web'): ScriptedClient {
  const clock = createVirtualClock();
  const far = createScriptedAdapter(dialect);
  const errors: OocsiError[] = [];
  const on = { error: (error: OocsiError) => errors.push(error), ...options.on };
  const client = createClient(far, { handle: 'lamp', clock, ...options, on });
  async function welcome(): Promise<void> {
    await clock.advance(0);
    await far.last.welcome();
  }
  return {
    client,
    clock,
    far,
    errors,
    welcome,
    hear(data, sender = 'dial', recipient = 'colour') {
      far.last.say(JSON.stringify({ recipient, sender, timestamp: 1, data }));
    },
    async reconnect() {
      far.last.drop();
      await clock.advance(1_000);
      await far.last.welcome();
    },
    async close() {
      const closing = client.close();
      await clock.advance(0);
      far.last.drop();
      await closing;
    },
  };
}

/** The same, welcomed. */
export async function connectScripted(options?: ClientOptions, dialect?: 'line' | 'web'): Promise<ScriptedClient> {
  const world = createScriptedClient(options, dialect);
  await world.welcome();
  return world;
}
