import { dataOf, Envelope, isSystemChannel, type ServerData, systemChannels } from '../../protocol/index';
import type { Clock, Ticker } from '../../util/index';
import { createTicker } from '../../util/index';
import { tickEvery } from '../config/index';
import type { Channel, Subscriber } from '../domain/index';
import type { Scheduler } from '../flow/index';
import { workInSlices } from '../flow/index';

/** What reports are about. */
export interface ServerListing {
  clients(): readonly string[];
  channels(): readonly string[];
  /** The clients in a channel; none when it is not there or has a password. */
  members(channel: string): readonly string[];
  /** How many channels there are, hidden ones among them, and clients. */
  sizes(): { readonly channels: number; readonly clients: number };
}

/** The channels that report once a second how things are, for as long as a client is subscribed to them. */
export class SystemChannels {
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #listing: ServerListing;
  readonly #ticker: Ticker;
  readonly #open = new Map<string, Channel<Subscriber>>();
  readonly #startedAt: number;
  #messages = 0;
  #messagesBefore = 0;
  #perSecond = 0;
  #isReporting = false;

  constructor(clock: Clock, scheduler: Scheduler, listing: ServerListing) {
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#listing = listing;
    this.#startedAt = clock.monotonic();
    this.#ticker = createTicker(clock, tickEvery, () => this.#tick());
  }

  opened(channel: Channel<Subscriber>): void {
    if (!isReport(channel.name)) return;
    if (this.#open.size === 0) [this.#messagesBefore, this.#perSecond] = [this.#messages, 0];
    this.#open.set(channel.name, channel);
    this.#ticker.run(true);
  }

  /** A new subscriber gets a report at once. */
  joined(channel: Channel<Subscriber>, member: Subscriber): void {
    if (this.#open.has(channel.name)) member.tell(this.#report(channel.name));
  }

  closed(channel: Channel<Subscriber>): void {
    if (this.#open.delete(channel.name)) this.#ticker.run(this.#open.size > 0);
  }

  /** A message of a client was passed on. */
  countMessage(): void {
    this.#messages++;
  }

  #tick(): void {
    this.#perSecond = this.#messages - this.#messagesBefore;
    this.#messagesBefore = this.#messages;
    // Of very many subscribers, the last ones may still wait for the report before this one.
    if (this.#isReporting) return;
    this.#isReporting = true;
    this.#scheduler.begin();
    workInSlices(this.#scheduler, this.#reportToAll(), () => {
      this.#isReporting = false;
    });
  }

  *#reportToAll(): Generator<undefined, void> {
    for (const { name, members } of this.#open.values()) {
      const envelope = this.#report(name);
      for (const member of members) {
        member.tell(envelope);
        yield;
      }
    }
  }

  #report(channel: string): Envelope {
    return new Envelope(channel, 'SERVER', this.#clock.now(), this.#figures(channel));
  }

  #figures(channel: string): ServerData {
    const listing = this.#listing;
    switch (channel) {
      case systemChannels.clients:
        return dataOf({ clients: listing.clients().join(',') });
      case systemChannels.channels:
        return dataOf({ channels: listing.channels().join(', ') });
      case systemChannels.metrics: {
        const uptime = Math.floor(this.#clock.monotonic() - this.#startedAt);
        const [messagesTotal, messages] = [this.#messages, this.#perSecond];
        return dataOf({ uptime, messagesTotal, messages, ...listing.sizes() });
      }
      default:
        return dataOf({ channels: listing.members(channel.replace(/\/\?$/, '')).join(', ') });
    }
  }
}

function isReport(channel: string): boolean {
  const { connections, events } = systemChannels;
  return isSystemChannel(channel) && channel !== connections && channel !== events;
}
