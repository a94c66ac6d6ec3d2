import type { Envelope } from '../../protocol/index';
import type { Channel, Subscriber } from '../domain/index';
import type { BrokerContext, Deliver } from './context';

/** Finds the receivers of each message: one client, or the members of a channel. */
export function createRouter(context: BrokerContext): Deliver {
  return (envelope, keepFor, sender) => {
    const { registry, channels, openCalls, systemChannels, eventLog, delivery } = context;
    const { recipient } = envelope;
    if (openCalls.refuses(envelope)) return 'answer not passed on: its call went to others';
    systemChannels.countMessage();
    const client = registry.get(recipient);
    const channel = client ? undefined : channels.find(recipient);
    client?.tell(envelope);
    const error = channel && deliverToChannel(context, channel, { envelope, keepFor, sender });
    if (error !== undefined || !eventLog.logsMessages) return error;
    // A member that cannot take the message is gone after that.
    delivery.flush();
    logMessage(context, envelope, client, channel);
    return undefined;
  };
}

function deliverToChannel(
  { retained, filters, shaping, delivery }: BrokerContext,
  channel: Channel<Subscriber>,
  { envelope, keepFor, sender }: MessageToDeliver,
): string | undefined {
  // Before it is delivered: a member that cannot take it may have been the last one that held the channel open.
  retained.update(channel.name, envelope, keepFor);
  if (!filters.has(channel.name)) delivery.publish(channel, envelope);
  else if (!shaping.give(channel, envelope, sender)) return `too much is sent to ${channel.name}: try again later`;
  return undefined;
}

interface MessageToDeliver {
  readonly envelope: Envelope;
  readonly keepFor: number | undefined;
  readonly sender: Subscriber | undefined;
}

/** Clients with an account, and channels with a password, are left out. */
function logMessage(
  { eventLog, directory }: BrokerContext,
  envelope: Envelope,
  client: Subscriber | undefined,
  channel: Channel<Subscriber> | undefined,
): void {
  const { recipient, sender } = envelope;
  const publicNames = (receivers: Iterable<Subscriber>): string[] =>
    [...receivers].flatMap((receiver) => directory.publicName(receiver) ?? []);
  if (client) return eventLog.logMessage(envelope, '', publicNames([client]));
  if (!channel) return eventLog.logMessage(envelope, recipient, recipient.includes(':') ? [] : ['-']);
  if (channel.password !== undefined) return;
  const receivers = publicNames(channel.members).filter((name) => name !== sender);
  eventLog.logMessage(envelope, recipient, receivers);
}
