import type { Envelope } from '../../protocol/index';
import type { Channel, Subscriber } from '../domain/index';
import { hears } from '../domain/index';
import type { Scheduler } from '../flow/index';
import { workInSlices } from '../flow/index';
import type { FilteredSubscriptions } from './filtered-subscriptions';

/**
 * Gives messages to channels of which members are subscribed with functions. These may take long, so the members get a
 * message one after the other, in slices of time. Each gets all messages of the channel in order, and a sender is held
 * meanwhile, so that nothing of what it sends afterwards overtakes.
 */
export interface Shaping {
  /** False when too many messages of senders that cannot be held wait already. */
  give(channel: Channel<Subscriber>, envelope: Envelope, sender: Subscriber | undefined): boolean;
}

/** So many messages of one channel may wait whose senders cannot be held, as over HTTP. */
const waitingAtMost = 256;

interface Job {
  readonly envelope: Envelope;
  /** The members that are to get it: a client that joins later is not among them. */
  readonly members: readonly Subscriber[];
  release: (() => void) | undefined;
}

export function createShaping(forms: FilteredSubscriptions, scheduler: Scheduler): Shaping {
  const waiting = new Map<Channel<Subscriber>, Job[]>();

  function* work(channel: Channel<Subscriber>, jobs: readonly Job[]): Generator<undefined, void> {
    // More may come while it works.
    for (const job of jobs) {
      const { envelope, members } = job;
      const tell = forms.teller(channel.name);
      for (const member of members) {
        if (!channel.members.has(member) || !hears(member, envelope.sender)) continue;
        tell(member, envelope);
        yield;
      }
      job.release?.();
    }
  }

  return {
    give(channel, envelope, sender) {
      const job: Job = { envelope, members: [...channel.members], release: undefined };
      const before = waiting.get(channel);
      if (before && before.length >= waitingAtMost && !sender?.hold) return false;
      if (before) before.push(job);
      else {
        const jobs = [job];
        waiting.set(channel, jobs);
        if (!scheduler.isOpen) scheduler.begin();
        workInSlices(scheduler, work(channel, jobs), () => waiting.delete(channel));
      }
      if (waiting.has(channel)) job.release = sender?.hold?.();
      return true;
    },
  };
}
