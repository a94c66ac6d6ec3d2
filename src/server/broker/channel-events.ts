import type { ChannelEvents, Subscriber } from '../domain/index';
import type { BrokerContext } from './context';

/** What the other parts of a broker do when a channel opens or closes, and when a member joins or leaves it. */
export function createChannelEvents(context: BrokerContext): ChannelEvents<Subscriber> {
  return {
    changing: () => context.delivery.flush(),
    opened(channel) {
      const { eventLog, systemChannels } = context;
      if (channel.password === undefined) eventLog.logConnection('SERVER', channel.name, 'added channel');
      systemChannels.opened(channel);
    },
    joined(channel, member) {
      const { directory, presence, eventLog, retained, filters, systemChannels } = context;
      const name = directory.publicName(member);
      if (channel.password === undefined && name !== undefined) {
        presence.joined(channel.name, name);
        eventLog.logConnection(channel.name, name, 'added channel');
        eventLog.logConnection(name, channel.name, 'subscribed');
      }
      const kept = retained.get(channel.name);
      if (kept) filters.teller(channel.name)(member, kept);
      systemChannels.joined(channel, member);
    },
    left(channel, member) {
      const { directory, presence, eventLog, filters, openCalls } = context;
      filters.drop(channel.name, member);
      if (member.name !== undefined) openCalls.left(channel.name, member.name);
      const name = directory.publicName(member);
      if (channel.password !== undefined || name === undefined) return;
      presence.left(channel.name, name);
      eventLog.logConnection(channel.name, name, 'removed channel');
    },
    closed(channel) {
      const { eventLog, systemChannels } = context;
      if (channel.password === undefined) eventLog.logConnection('SERVER', channel.name, 'closed empty channel');
      systemChannels.closed(channel);
    },
    stays: ({ name }) => context.retained.get(name) !== undefined,
  };
}
