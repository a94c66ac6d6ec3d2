import type { Envelope } from '../../protocol/index';
import type { Channel, Subscriber } from '../domain/index';
import { hears } from '../domain/index';

/** At most so many messages are gathered. */
const maxMessages = 64;
/** At most so many messages times members are delivered at a time, as it must not take long. */
const maxDeliveries = 2 ** 16;

/** Messages of one client to one channel that were not delivered yet. */
interface Gathered {
  readonly channel: Channel<Subscriber>;
  readonly sender: string;
  readonly envelopes: Envelope[];
}

/**
 * Delivers messages to the members of their channel. Where one client publishes many in a row, each member is given several
 * at once: to look up a member takes longer than to give it a message, and a channel may have thousands of members.
 *
 * No client can see that messages were gathered: a session flushes before it says anything else to its client, before it carries
 * out a command that is no message, and before it ends; channels flush before a member joins or leaves.
 */
export class ChannelDelivery {
  #isGathering = false;
  #gathered: Gathered | undefined;

  /** From here on, until `end`, messages may be gathered. */
  begin(): void {
    this.#isGathering = true;
  }

  end(): void {
    this.flush();
    this.#isGathering = false;
  }

  publish(channel: Channel<Subscriber>, envelope: Envelope): void {
    const { sender } = envelope;
    let gathered = this.#gathered;
    if (gathered?.channel !== channel || gathered.sender !== sender) {
      this.flush();
      gathered = { channel, sender, envelopes: [] };
      this.#gathered = gathered;
    }
    const count = gathered.envelopes.push(envelope);
    const isEnough = count >= maxMessages || count * channel.members.size >= maxDeliveries;
    if (!this.#isGathering || isEnough) this.flush();
  }

  /** Delivers what is gathered. */
  flush(): void {
    const gathered = this.#gathered;
    if (!gathered) return;
    this.#gathered = undefined;
    for (const member of gathered.channel.members) {
      if (!hears(member, gathered.sender)) continue;
      for (const envelope of gathered.envelopes) member.tell(envelope);
    }
  }
}
