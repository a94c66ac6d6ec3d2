import { Envelope } from '../../protocol/index';
import type { Subscriber } from '../domain/index';
import { type ChannelFunctions, createFunctions, type Members, membersOf } from './functions';

/** A subscription with functions, which decide what its client gets of each message. */
interface FilteredSubscription {
  readonly text: string;
  readonly functions: ChannelFunctions;
}

/** The subscriptions with functions, `NAME[filter(…);transform(…)]`, of all clients. */
export interface FilteredSubscriptions {
  /** From now on, a client is subscribed to a channel with these functions; undefined for none. */
  set(channel: string, client: Subscriber, functions: string | undefined): void;
  drop(channel: string, client: Subscriber): void;
  /** Whether any client of a channel is subscribed with functions. */
  has(channel: string): boolean;
  /** How the clients of a channel get one message: those with functions as these shape it, if at all. */
  teller(channel: string): (client: Subscriber, envelope: Envelope) => void;
}

type Tell = (client: Subscriber, envelope: Envelope) => void;

export function createFilteredSubscriptions(): FilteredSubscriptions {
  const byChannel = new Map<string, Map<Subscriber, FilteredSubscription>>();

  function drop(channel: string, client: Subscriber): void {
    const subscriptions = byChannel.get(channel);
    if (subscriptions?.delete(client) && subscriptions.size === 0) byChannel.delete(channel);
  }

  function open(channel: string): Map<Subscriber, FilteredSubscription> {
    const subscriptions = new Map<Subscriber, FilteredSubscription>();
    byChannel.set(channel, subscriptions);
    return subscriptions;
  }

  return {
    set(channel, client, text) {
      if (text === undefined) return drop(channel, client);
      const subscriptions = byChannel.get(channel) ?? open(channel);
      subscriptions.set(client, { text, functions: createFunctions(text) });
    },
    drop,
    has: (channel) => byChannel.has(channel),
    teller(channel) {
      const subscriptions = byChannel.get(channel);
      return subscriptions ? createTell(subscriptions) : tellPlain;
    },
  };
}

/** To be made anew for each message, so that nothing of it stays. */
function createTell(subscriptions: ReadonlyMap<Subscriber, FilteredSubscription>): Tell {
  /** What the message became, by the text of the functions. */
  const shaped = new Map<string, Envelope>();
  let seen: { readonly members: Members | undefined } | undefined;

  return (client, envelope) => {
    const subscription = subscriptions.get(client);
    if (!subscription) return client.tell(envelope);
    seen ??= { members: membersOf(envelope.data) };
    const data = seen.members && subscription.functions.apply(envelope.data, seen.members);
    if (!data) return;
    // Windows that opened at different times may make different things of one message.
    let own = shaped.get(subscription.text);
    if (own?.data.text !== data.text) {
      own = new Envelope(`${envelope.recipient}[${subscription.text}]`, envelope.sender, envelope.timestamp, data);
      shaped.set(subscription.text, own);
    }
    client.tell(own);
  };
}

const tellPlain: Tell = (client, envelope) => client.tell(envelope);
