import { Envelope, readData, splitPassword } from '../../protocol/index';
import type { Clock } from '../../util/index';
import type { Channels } from '../domain/index';
import { clientOwner } from '../domain/index';
import type { MessageScheduler, RetainedMessages } from '../features/index';
import type { Snapshot, StoredMessage } from './store';

/** What a broker holds that is to survive it, as a snapshot. */
export interface Snapshots {
  take(): Snapshot;
  /** Puts back what is not over yet, but nothing under a name that `isTaken`. */
  restore(snapshot: Snapshot): void;
}

/** What a snapshot is taken of. */
export interface SnapshotParts {
  readonly clock: Clock;
  readonly channels: Pick<Channels<never>, 'keep'>;
  readonly retained: RetainedMessages;
  readonly messageScheduler: MessageScheduler;
  isTaken(name: string): boolean;
}

export function createSnapshots({ clock, channels, retained, messageScheduler, isTaken }: SnapshotParts): Snapshots {
  return {
    take() {
      // A store outlives the monotonic clock, so it has the time of day.
      const offset = clock.now() - clock.monotonic();
      return {
        retained: retained.entries().map(({ due, item }) => ({ ...stored(item), until: Math.round(due + offset) })),
        delayed: messageScheduler.entries().map(({ envelope, keepFor, due }) => ({
          ...stored(envelope),
          timestamp: due,
          ...(keepFor !== undefined && { keepFor }),
        })),
      };
    },
    restore(snapshot) {
      for (const message of snapshot.retained) {
        const [name] = splitPassword(message.recipient);
        const keepFor = message.until - clock.now();
        if (keepFor <= 0 || isTaken(name)) continue;
        retained.restore(name, envelopeOf(message), keepFor);
        channels.keep(message.recipient);
      }
      for (const message of snapshot.delayed) messageScheduler.restore(envelopeOf(message), message.keepFor);
    },
  };
}

function stored({ recipient, sender, timestamp, data }: Envelope): StoredMessage {
  return { recipient, sender, timestamp, data: data.text };
}

function envelopeOf({ recipient, sender, timestamp, data }: StoredMessage): Envelope {
  // The address of the sender is not stored: it says too much about its owner.
  return new Envelope(recipient, sender, timestamp, readData(data), [clientOwner(sender)]);
}
