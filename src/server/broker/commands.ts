import { channelName, Envelope, isServersOwn, isSystemChannel, splitPassword, watchedName } from '../../protocol/index';
import type { Clock } from '../../util/index';
import type { Accounts } from '../admission/index';
import type { Counts, ServerLimits } from '../config/index';
import type { Channels, ServerEventEmitter, Subscriber } from '../domain/index';
import type { EventLog, Presence, RetainedMessages, Scheduler } from '../features/index';
import { readTiming, type Timing } from '../features/index';
import type { Forms } from '../filters/index';
import { problemOf, splitFunctions } from '../filters/index';
import { createQuotas } from '../limits/index';
import type { Handles } from './client-registry';
import { clientOf, messageOf } from './event-payloads';
import type { Deliver } from './router';
import type { Hub } from './session-host';

/** What the desk works with. */
export interface DeskParts {
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly counts: Counts;
  readonly news: ServerEventEmitter;
  readonly users: Accounts;
  readonly clients: Pick<Handles, 'has' | 'isHelper'>;
  readonly channels: Channels<Subscriber>;
  readonly forms: Forms;
  readonly presence: Presence;
  readonly retained: RetainedMessages;
  readonly delayed: Scheduler;
  readonly eventLog: EventLog;
  publicName(client: Subscriber): string | undefined;
  readonly deliver: Deliver;
}

const noPresence = 'presence not accepted: only names of A-Z, a-z, 0-9, _ and - have one';

/** Takes what clients ask for: to subscribe and unsubscribe, and to send; and sees to it that none asks for too much. */
export type Desk = Pick<Hub, 'subscribe' | 'unsubscribe' | 'publish'>;

export function createDesk(parts: DeskParts): Desk {
  const { counts, news, users, clients, channels, forms, presence, delayed, eventLog } = parts;
  const { publicName, deliver } = parts;
  const quotas = createQuotas(parts);

  function complain(connection: Subscriber, complaint: string): void {
    connection.write(connection.wording.fault(complaint));
  }

  function watch(connection: Subscriber, name: string): void {
    if (presence.isWatched(name, connection)) return;
    const complaint = quotas.name(name) ?? quotas.subscription(connection, true);
    if (complaint) complain(connection, complaint);
    else presence.watch(connection, name);
  }

  function give(sender: Subscriber, envelope: Envelope, keepFor: number | undefined): void {
    const complaint = deliver(envelope, keepFor, sender);
    if (complaint === undefined) return;
    counts.dropped++;
    complain(sender, complaint);
  }

  /** What cannot be kept is passed on all the same; what cannot wait would come at the wrong time. */
  function deliverWithin(sender: Subscriber, envelope: Envelope, now: number, { due, keepFor }: Timing): void {
    const unkept = keepFor === undefined ? undefined : quotas.keep(envelope);
    const early = due === undefined ? undefined : quotas.delay(envelope, due, now);
    const complaint = early ?? unkept;
    if (complaint) complain(sender, complaint);
    if (early) counts.dropped++;
    else if (due === undefined) give(sender, envelope, unkept ? undefined : keepFor);
    else delayed.hold(envelope, unkept ? undefined : keepFor);
  }

  return {
    subscribe(connection, text) {
      const watched = watchedName(text);
      if (watched !== undefined) return watch(connection, watched);
      if (text.startsWith('presence(')) return complain(connection, noPresence);
      const asked = splitFunctions(text);
      if (!asked) return complain(connection, 'functions not closed: use NAME[filter(EXPRESSION)]');
      const [name, password] = splitPassword(asked.channel);
      if (!channelName.test(name))
        return complain(connection, 'channel not accepted: its name has white space or control characters');
      // A handle is a channel of its own, and nobody else's.
      if (clients.has(name) || users.has(name)) return;
      // With a password of his, the first subscriber would keep others from what is for all.
      if (password !== undefined && isSystemChannel(name)) return;
      // One subscription per client and channel, plain or with functions: the first one counts.
      if (channels.find(asked.channel)?.members.has(connection)) return;
      const complaint = quotas.name(asked.channel) ?? quotas.subscription(connection, !channels.has(name));
      if (complaint) return complain(connection, complaint);
      // As at the Java server, the subscription counts all the same: a filter that cannot be read lets nothing through.
      const problem = asked.functions === undefined ? undefined : problemOf(asked.functions);
      if (problem !== undefined) complain(connection, problem);
      forms.set(name, connection, asked.functions);
      if (channels.subscribe(connection, asked.channel)) news.emit('subscribe', clientOf(connection), name);
      else forms.drop(name, connection);
    },
    unsubscribe(connection, text) {
      const watched = watchedName(text);
      if (watched !== undefined) return presence.unwatch(connection, watched);
      const channel = channels.unsubscribe(connection, splitFunctions(text)?.channel ?? text);
      const name = publicName(connection);
      if (!channel || channel.password !== undefined || name === undefined) return;
      eventLog.note(name, channel.name, 'unsubscribed');
    },
    publish(sender, recipient, data) {
      counts.messagesIn++;
      const complaint = quotas.name(recipient);
      if (complaint !== undefined) complain(sender, complaint);
      if (complaint !== undefined || isServersOwn(recipient)) {
        counts.dropped++;
        return;
      }
      const now = parts.clock.now();
      const { due, keepFor } = readTiming(data, now);
      const isHeld = due !== undefined || keepFor !== undefined;
      const owners = isHeld ? quotas.ownersOf(sender) : undefined;
      const envelope = new Envelope(recipient, sender.name ?? '', due ?? now, data, owners);
      if (news.hears('message')) news.emit('message', messageOf(envelope));
      if (isHeld) deliverWithin(sender, envelope, now, { due, keepFor });
      else give(sender, envelope, undefined);
    },
  };
}
