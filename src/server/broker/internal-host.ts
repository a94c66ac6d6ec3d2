import type { AdmissionResult } from '../admission/index';
import { type Counts, createCounts, type ServerLimits } from '../config/index';
import type { Subscriber } from '../domain/index';
import type { BrokerContext } from './context';
import type { SessionHost } from './session-host';

/** Hosts the session of an internal client, a part of the server that others reach by its handle. */
export class InternalHost implements SessionHost {
  readonly limits: ServerLimits;
  /** What internal clients say to the server is no traffic of clients. */
  readonly counts: Counts = createCounts();

  constructor(
    readonly context: BrokerContext,
    private readonly handle: string,
  ) {
    // What they pass on has been measured already, and with their words around it it may be longer.
    this.limits = { ...context.limits, line: Number.POSITIVE_INFINITY };
  }

  awaitHandshake(): () => void {
    return () => undefined;
  }

  rateLimiter(): undefined {
    return undefined;
  }

  admit(session: Subscriber, _name: string | undefined, decided: (result: AdmissionResult) => void): void {
    this.context.registry.internal.set(this.handle, session);
    decided(this.handle);
  }

  // What the server says to itself is neither refused nor too much.
  refused(): void {}

  tooSlow(): void {}

  joined(): void {}

  left(): void {
    this.context.registry.internal.delete(this.handle);
  }
}
