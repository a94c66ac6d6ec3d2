import type { Envelope } from '../../protocol/index';
import type { Channel, Subscriber } from '../domain/index';
import { hears } from '../domain/index';

/**
 * Gives messages to the members of their channel. Where one client publishes many in a row, several are given to one
 * member after the other: to look up a member takes longer than to give it a message, and a channel may have thousands.
 */
export interface Handout {
  /** From here on, until `end`, messages may be gathered. */
  begin(): void;
  end(): void;
  give(channel: Channel<Subscriber>, envelope: Envelope): void;
  /** Gives what is gathered. To be called before anybody is told anything else, and before a channel changes. */
  settle(): void;
}

/** As many messages are gathered at most. */
const mostMessages = 64;
/** So many times members is given at a time, as it must not take long. */
const mostDeliveries = 2 ** 16;

/** Messages of one client to one channel that nobody has been given yet. */
interface Gathered {
  readonly channel: Channel<Subscriber>;
  readonly sender: string;
  readonly envelopes: Envelope[];
}

export function createHandout(): Handout {
  let isGathering = false;
  let gathered: Gathered | undefined;

  function settle(): void {
    if (!gathered) return;
    const { channel, sender, envelopes } = gathered;
    gathered = undefined;
    for (const member of channel.members) {
      if (hears(member, sender)) for (const envelope of envelopes) member.tell(envelope);
    }
  }

  return {
    begin() {
      isGathering = true;
    },
    end() {
      settle();
      isGathering = false;
    },
    give(channel, envelope) {
      const { sender } = envelope;
      if (gathered?.channel !== channel || gathered.sender !== sender) {
        settle();
        gathered = { channel, sender, envelopes: [] };
      }
      const count = gathered.envelopes.push(envelope);
      if (!isGathering || count >= mostMessages || count * channel.members.size >= mostDeliveries) settle();
    },
    settle,
  };
}
