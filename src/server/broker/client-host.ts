import type { ClientRefusal } from '../../protocol/index';
import { afterHearing } from '../../util/index';
import type { AdmissionResult } from '../admission/index';
import type { Counts, ServerLimits } from '../config/index';
import type { LeaveReason, Peer, Subscriber } from '../domain/index';
import type { SlowConsumerError } from '../flow/index';
import { createRateLimiter, type RateLimiter } from '../limits/index';
import type { BrokerContext } from './context';
import { clientOf, refusedOf } from './event-payloads';
import type { SessionHost } from './session-host';

/** Hosts the sessions of clients: lets them in, and tells the other parts of the broker that they came or left. */
export class ClientHost implements SessionHost {
  readonly limits: ServerLimits;
  readonly counts: Counts;

  constructor(readonly context: BrokerContext) {
    this.limits = context.limits;
    this.counts = context.counts;
  }

  awaitHandshake(late: () => void): () => void {
    return afterHearing(this.context.clock, this.limits.handshakeTime, late);
  }

  rateLimiter(peer: Peer, released: () => void): RateLimiter | undefined {
    return createRateLimiter(this.context.clock, this.limits, peer, released);
  }

  admit(session: Subscriber, name: string | undefined, decided: (result: AdmissionResult) => void): void {
    this.context.admission.ask(session, name, decided);
  }

  refused(session: Subscriber, refusal: ClientRefusal): void {
    this.counts.refused++;
    this.context.events.emit('refused', refusedOf(session, refusal));
  }

  /** A client that was never let in is no event. */
  tooSlow(session: Subscriber, { reason, waiting }: SlowConsumerError): void {
    if (session.name === undefined) return;
    this.counts.slow++;
    this.context.events.emit('slow', { ...clientOf(session), reason, waiting });
  }

  joined(session: Subscriber): void {
    const { directory, presence, eventLog, events } = this.context;
    const name = directory.publicName(session);
    if (name !== undefined) {
      presence.arrived(name);
      eventLog.logConnection('SERVER', name, 'added channel');
      eventLog.logConnection(name, 'OOCSI', 'client connected');
    }
    events.emit('join', clientOf(session));
  }

  left(session: Subscriber, reason: LeaveReason): void {
    const { registry, directory, idleMonitor, presence, eventLog, channels, events, admission } = this.context;
    // A session can end twice: by a word of the server, and then by its link.
    if (!registry.sessions.delete(session)) return;
    idleMonitor.run(registry.sessions.size > 0);
    presence.forget(session);
    if (session.name !== undefined) registry.clients.delete(session.name);
    const name = directory.publicName(session);
    if (name !== undefined) {
      presence.departed(name);
      eventLog.logConnection('SERVER', name, 'removed channel');
    }
    channels.leave(session);
    if (session.name !== undefined) events.emit('leave', clientOf(session), reason);
    admission.forget(session);
  }
}
