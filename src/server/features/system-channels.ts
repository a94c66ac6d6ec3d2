import { dataOf, Envelope, isSystemChannel, type ServerData, systemChannels } from '../../protocol/index';
import type { Clock } from '../../util/index';
import { createTicker } from '../../util/index';
import { tickEvery } from '../config/index';
import type { Channel, Subscriber } from '../domain/index';
import type { Scheduler } from '../flow/index';
import { workInSlices } from '../flow/index';

/** What reports are about. */
export interface ServerListing {
  clients(): readonly string[];
  channels(): readonly string[];
  /** Who is in a channel; nobody when it is not there or has a password. */
  members(channel: string): readonly string[];
  /** How many channels there are, hidden ones among them, and clients. */
  sizes(): { readonly channels: number; readonly clients: number };
}

/** The channels that tell once a second how things are, for as long as somebody is subscribed to them. */
export interface SystemChannels {
  opened(channel: Channel<Subscriber>): void;
  /** A new subscriber gets a report at once. */
  joined(channel: Channel<Subscriber>, member: Subscriber): void;
  closed(channel: Channel<Subscriber>): void;
  /** A message of a client was passed on. */
  count(): void;
}

export function createSystemChannels(clock: Clock, scheduler: Scheduler, ledger: ServerListing): SystemChannels {
  const open = new Map<string, Channel<Subscriber>>();
  const born = clock.monotonic();
  let total = 0;
  let [before, perSecond] = [0, 0];
  let isTelling = false;

  const ticker = createTicker(clock, tickEvery, () => {
    perSecond = total - before;
    before = total;
    // Of very many, the last ones may still wait for their turn.
    if (isTelling) return;
    isTelling = true;
    scheduler.begin();
    workInSlices(scheduler, tellAll(), () => {
      isTelling = false;
    });
  });

  function* tellAll(): Generator<undefined, void> {
    for (const { name, members } of open.values()) {
      const envelope = report(name);
      for (const member of members) {
        member.tell(envelope);
        yield;
      }
    }
  }

  function report(channel: string): Envelope {
    return new Envelope(channel, 'SERVER', clock.now(), figures(channel));
  }

  function figures(channel: string): ServerData {
    switch (channel) {
      case systemChannels.clients:
        return dataOf({ clients: ledger.clients().join(',') });
      case systemChannels.channels:
        return dataOf({ channels: ledger.channels().join(', ') });
      case systemChannels.metrics: {
        const uptime = Math.floor(clock.monotonic() - born);
        return dataOf({ uptime, messagesTotal: total, messages: perSecond, ...ledger.sizes() });
      }
      default:
        return dataOf({ channels: ledger.members(channel.replace(/\/\?$/, '')).join(', ') });
    }
  }

  return {
    opened(channel) {
      if (!isReport(channel.name)) return;
      if (open.size === 0) [before, perSecond] = [total, 0];
      open.set(channel.name, channel);
      ticker.run(true);
    },
    joined(channel, member) {
      if (open.has(channel.name)) member.tell(report(channel.name));
    },
    closed(channel) {
      if (open.delete(channel.name)) ticker.run(open.size > 0);
    },
    count() {
      total++;
    },
  };
}

function isReport(channel: string): boolean {
  const { connections, events } = systemChannels;
  return isSystemChannel(channel) && channel !== connections && channel !== events;
}
