import type { Envelope } from '../../protocol/index';
import type { Channel, Channels, Subscriber } from '../domain/index';
import type { EventLog, OpenCalls, RetainedMessages, SystemChannels } from '../features/index';
import type { Forms, Shaping } from '../filters/index';
import type { Handout } from './channel-delivery';

/** What the post works with. */
export interface PostOffice {
  readonly clients: Pick<ReadonlyMap<string, Subscriber>, 'get'>;
  readonly channels: Channels<Subscriber>;
  readonly forms: Forms;
  readonly shaping: Shaping;
  readonly handout: Handout;
  readonly retained: RetainedMessages;
  readonly openCalls: OpenCalls;
  readonly eventLog: EventLog;
  readonly systemChannels: SystemChannels;
  publicName(client: Subscriber): string | undefined;
}

/**
 * Gives a message to all whom it is for; `keepFor` is how long its channel keeps it, in ms. `sender` is undefined when the
 * message has waited. Gives, in words, why it went to nobody.
 */
export type Deliver = (
  envelope: Envelope,
  keepFor: number | undefined,
  sender?: Subscriber | undefined,
) => string | undefined;

export function createPost(office: PostOffice): Deliver {
  const { clients, channels, forms, shaping, handout, retained, openCalls, eventLog, systemChannels } = office;

  /** Clients that are registered users, and channels with a password, are nobody's business. */
  function record(envelope: Envelope, client: Subscriber | undefined, channel: Channel<Subscriber> | undefined): void {
    const { recipient, sender } = envelope;
    if (client) return eventLog.published(envelope, '', namesOf([client]));
    if (!channel) return eventLog.published(envelope, recipient, recipient.includes(':') ? [] : ['-']);
    if (channel.password !== undefined) return;
    const receivers = namesOf(channel.members).filter((name) => name !== sender);
    eventLog.published(envelope, recipient, receivers);
  }

  function namesOf(receivers: Iterable<Subscriber>): string[] {
    return [...receivers].flatMap((receiver) => office.publicName(receiver) ?? []);
  }

  return (envelope, keepFor, sender) => {
    const { recipient } = envelope;
    if (openCalls.refuses(envelope)) return 'answer not passed on: its call went to others';
    systemChannels.count();
    const client = clients.get(recipient);
    const channel = client ? undefined : channels.find(recipient);
    client?.tell(envelope);
    if (channel) {
      // Before anybody is told: whoever cannot take it may have been the last to hold the channel open.
      retained.follow(channel.name, envelope, keepFor);
      if (forms.has(channel.name)) {
        if (!shaping.give(channel, envelope, sender)) return `too much is sent to ${channel.name}: try again later`;
      } else handout.give(channel, envelope);
    }
    if (!eventLog.hears) return undefined;
    // Who could not take it is gone then.
    handout.settle();
    record(envelope, client, channel);
    return undefined;
  };
}
