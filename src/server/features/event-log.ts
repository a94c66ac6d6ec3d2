import { dataOf, Envelope, type ServerData, systemChannels } from '../../protocol/index';
import type { Clock } from '../../util/index';
import type { Channel, Subscriber } from '../domain/index';

const { connections, events } = systemChannels;

/** Tells clients that are subscribed to `OOCSI_connections` and `OOCSI_events` what happens on the server. */
export class EventLog {
  constructor(
    private readonly clock: Clock,
    private readonly find: (channel: string) => Channel<Subscriber> | undefined,
  ) {}

  /** Whether a client wants to know of messages. */
  get logsMessages(): boolean {
    return this.find(events) !== undefined;
  }

  /** `operation` is in the words of the reference server, such as `subscribed`. */
  logConnection(client: string, channel: string, operation: string): void {
    // Clients that subscribe here are not to be told of that.
    if (!this.find(connections)) return;
    if ([client, channel].some((name) => name === connections || name === events)) return;
    this.#tell(connections, this.clock.now(), { CLIENT: client, CHANNEL: channel, OP: operation });
  }

  /** A message was passed on; `channel` is empty when it went to a client. */
  logMessage({ sender, timestamp, data }: Envelope, channel: string, receivers: readonly string[]): void {
    if (receivers.length === 0) return;
    this.#tell(events, timestamp, { PUB: sender, CHANNEL: channel, SUB: receivers, ...measure(data) });
  }

  #tell(channel: string, timestamp: number, values: Readonly<Record<string, unknown>>): void {
    const envelope = new Envelope(channel, 'SERVER', timestamp, dataOf(values));
    for (const member of this.find(channel)?.members ?? []) member.tell(envelope);
  }
}

/** How many keys there are, and how long their values are as text; keys of the protocol do not count. */
function measure(data: ServerData): { readonly size: number; readonly count: number } {
  const lengths = data
    .members()
    .filter(([key]) => !key.startsWith('_'))
    .map(([, json]) => (json.startsWith('"') ? `${JSON.parse(json)}` : json).length);
  return { size: lengths.reduce((sum, length) => sum + length, 0), count: lengths.length };
}
