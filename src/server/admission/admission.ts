import type { ClientRefusal } from '../../protocol/index';
import { fillPlaceholders, isReserved, isSecret, refusalOf, splitPassword } from '../../protocol/index';
import type { Clock } from '../../util/index';
import { afterHearing } from '../../util/index';
import type { ServerLimits } from '../config/index';
import { aliveFor, answerWithin } from '../config/index';
import type { Subscriber } from '../domain/index';
import type { Accounts } from './accounts';
import { PasswordThrottle } from './password-throttle';

/** The handle that a client has from now on, or why it has none. */
export type AdmissionResult = string | ClientRefusal;

/** What the admission needs to know and do. */
export interface AdmissionParts {
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly accounts: Accounts;
  readonly clients: Map<string, Subscriber>;
  isChannel(name: string): boolean;
  /** Ends a client that gave no sign of life. */
  expel(client: Subscriber): void;
}

/** A client that asks for a handle. */
interface AdmissionRequest {
  readonly client: Subscriber;
  readonly name: string;
  readonly decided: (result: AdmissionResult) => void;
}

/** A client was asked for a sign of life, because others ask for its handle. */
interface Probe {
  readonly waiting: AdmissionRequest[];
  readonly cancel: () => void;
}

/** How many random fillings of `#` are tried to find a free name. */
const maxFillings = 20;

/** Decides which client gets which handle. */
export class Admission {
  readonly #parts: AdmissionParts;
  readonly #passwordThrottle: PasswordThrottle;
  /** By handle. */
  readonly #probes = new Map<string, Probe>();

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
    this.#passwordThrottle = new PasswordThrottle(parts.clock, parts.limits.passwordAttempts);
  }

  /** `decided` is called at once, or when the client that has the handle was asked for a sign of life. */
  ask(client: Subscriber, asked: string | undefined, decided: (result: AdmissionResult) => void): void {
    const [pattern, password] = splitPassword(asked ?? 'webclient_####');
    const name = this.#fill(pattern);
    const refusal = this.#checkPassword(name, password, client.address);
    if (refusal) return decided(refusal);
    if (isReserved(name)) return decided(refuseHandle('reserved', name));
    this.#decide({ client, name, decided });
  }

  /** A client is gone, and its handle, if it had one, is free. */
  forget(client: Subscriber): void {
    if (client.name !== undefined) return this.#endProbe(client.name);
    for (const { waiting } of this.#probes.values()) {
      const at = waiting.findIndex((request) => request.client === client);
      if (at >= 0) waiting.splice(at, 1);
    }
  }

  /** Forgets all clients that wait. */
  clear(): void {
    for (const { cancel } of this.#probes.values()) cancel();
    this.#probes.clear();
  }

  #fill(pattern: string): string {
    const { clients, accounts, isChannel } = this.#parts;
    for (let fillings = 0; fillings < maxFillings; fillings++) {
      const name = fillPlaceholders(pattern);
      if (!clients.has(name) && !isChannel(name) && !accounts.has(name)) return name;
    }
    return pattern;
  }

  #checkPassword(name: string, password: string | undefined, address: string | undefined): ClientRefusal | undefined {
    const secret = this.#parts.accounts.get(name);
    if (secret === undefined) return password === undefined ? undefined : refuseHandle('wrongPassword', name);
    if (address !== undefined && this.#passwordThrottle.isBlocked(address)) return refusalOf('manyPasswords');
    if (password !== undefined && isSecret(secret, password)) return undefined;
    if (address !== undefined) this.#passwordThrottle.countWrong(address);
    return refuseHandle('wrongPassword', name);
  }

  #decide(request: AdmissionRequest): void {
    const { clients, limits, isChannel } = this.#parts;
    const { client, name, decided } = request;
    const holder = clients.get(name);
    if (isChannel(name) || (holder && this.#isAlive(holder))) return decided(refuseHandle('registered', name));
    if (holder) return this.#probe(holder, request);
    if (clients.size >= limits.clients) return decided(refusalOf('fullServer'));
    clients.set(name, client);
    decided(name);
  }

  #isAlive({ seen }: Subscriber): boolean {
    return this.#parts.clock.monotonic() - seen <= aliveFor;
  }

  /** That messages can be sent to a client is no sign of life: a connection that is dead takes them for minutes. */
  #probe(holder: Subscriber, request: AdmissionRequest): void {
    const { name } = request;
    const probe = this.#probes.get(name);
    if (probe) {
      probe.waiting.push(request);
      return;
    }
    const cancel = afterHearing(this.#parts.clock, answerWithin, () => {
      this.#parts.expel(holder);
      this.#endProbe(name);
    });
    this.#probes.set(name, { waiting: [request], cancel });
    holder.probe(() => this.#endProbe(name));
  }

  #endProbe(name: string): void {
    const probe = this.#probes.get(name);
    if (!probe) return;
    this.#probes.delete(name);
    probe.cancel();
    for (const request of probe.waiting) this.#decide(request);
  }
}

function refuseHandle(kind: 'registered' | 'wrongPassword' | 'reserved', handle: string): ClientRefusal {
  return { ...refusalOf(kind, handle), handle };
}
