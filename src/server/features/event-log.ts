import { dataOf, Envelope, type ServerData, systemChannels } from '../../protocol/index';
import type { Clock } from '../../util/index';
import type { Channel, Subscriber } from '../domain/index';

/** What happens on the server, told to whoever is subscribed to `OOCSI_connections` and `OOCSI_events`. */
export interface EventLog {
  /** `operation` is in the words of the reference server, such as `subscribed`. */
  note(client: string, channel: string, operation: string): void;
  /** Whether somebody wants to hear of messages. */
  readonly hears: boolean;
  /** A message was passed on; `channel` is empty when it went to a client. */
  published(envelope: Envelope, channel: string, receivers: readonly string[]): void;
}

type Find = (channel: string) => Channel<Subscriber> | undefined;

const { connections, events } = systemChannels;

export function createEventLog(clock: Clock, find: Find): EventLog {
  function tell(channel: string, timestamp: number, values: Readonly<Record<string, unknown>>): void {
    const envelope = new Envelope(channel, 'SERVER', timestamp, dataOf(values));
    for (const listener of find(channel)?.members ?? []) listener.tell(envelope);
  }

  return {
    note(client, channel, operation) {
      // Who listens here should not hear of the listening.
      if (!find(connections) || [client, channel].some((name) => name === connections || name === events)) return;
      tell(connections, clock.now(), { CLIENT: client, CHANNEL: channel, OP: operation });
    },
    get hears() {
      return find(events) !== undefined;
    },
    published(envelope, channel, receivers) {
      if (receivers.length === 0) return;
      const values = { PUB: envelope.sender, CHANNEL: channel, SUB: receivers, ...measure(envelope.data) };
      tell(events, envelope.timestamp, values);
    },
  };
}

/** How many keys there are, and how long their values are as text; keys of the protocol do not count. */
function measure(data: ServerData): { readonly size: number; readonly count: number } {
  const lengths = data
    .members()
    .filter(([key]) => !key.startsWith('_'))
    .map(([, json]) => (json.startsWith('"') ? `${JSON.parse(json)}` : json).length);
  return { size: lengths.reduce((sum, length) => sum + length, 0), count: lengths.length };
}
