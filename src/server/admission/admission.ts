import type { Denial } from '../../protocol/index';
import { fillPlaceholders, isReserved, isSecret, refusalOf, splitPassword } from '../../protocol/index';
import type { Clock } from '../../util/index';
import { afterHearing } from '../../util/index';
import type { ServerLimits } from '../config/index';
import { aliveFor, answerWithin } from '../config/index';
import type { Subscriber } from '../domain/index';
import type { Accounts } from './accounts';
import { createPasswordThrottle } from './password-throttle';

/** What becomes of a client that said who it is: the handle that it has from now on, or why it has none. */
export type AdmissionResult = string | Denial;

/** The door to the handles: who gets which. */
export interface Admission {
  /** `decided` is told the verdict, at once or when whoever had the handle was asked for a sign of life. */
  ask(connection: Subscriber, asked: string | undefined, decided: (verdict: AdmissionResult) => void): void;
  /** A connection is gone and its handle, if it had one, is free. */
  forget(connection: Subscriber): void;
  /** Nobody waits any longer. */
  clear(): void;
}

/** What the admission needs to know and do. */
export interface AdmissionParts {
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly accounts: Accounts;
  readonly clients: Map<string, Subscriber>;
  isChannel(name: string): boolean;
  /** Ends a client that gave no sign of life. */
  expel(connection: Subscriber): void;
}

/** How many fillings of `#` are tried for a free name. */
const triesForName = 20;

interface AdmissionRequest {
  readonly connection: Subscriber;
  readonly name: string;
  readonly decided: (verdict: AdmissionResult) => void;
}

function deny(kind: 'registered' | 'wrongPassword' | 'reserved', handle: string): Denial {
  return { ...refusalOf(kind, handle), handle };
}

export function createAdmission({ clock, limits, accounts, clients, isChannel, expel }: AdmissionParts): Admission {
  const attempts = createPasswordThrottle(clock, limits.passwordAttempts);
  /** Who waits for a handle whose client was asked for a sign of life, and what ends the wait. */
  const probes = new Map<string, { readonly waiting: AdmissionRequest[]; readonly cancel: () => void }>();

  function filled(pattern: string): string {
    for (let tries = 0; tries < triesForName; tries++) {
      const name = fillPlaceholders(pattern);
      if (!clients.has(name) && !isChannel(name) && !accounts.has(name)) return name;
    }
    return pattern;
  }

  function checkPassword(name: string, password: string | undefined, address: string | undefined): Denial | undefined {
    const secret = accounts.get(name);
    if (secret === undefined) return password === undefined ? undefined : deny('wrongPassword', name);
    if (address !== undefined && attempts.isSpent(address)) return refusalOf('manyPasswords');
    if (password !== undefined && isSecret(secret, password)) return undefined;
    if (address !== undefined) attempts.failed(address);
    return deny('wrongPassword', name);
  }

  function decide(applicant: AdmissionRequest): void {
    const { connection, name, decided } = applicant;
    const holder = clients.get(name);
    if (isChannel(name) || (holder && isAlive(holder))) return decided(deny('registered', name));
    if (holder) return probe(holder, applicant);
    if (clients.size >= limits.clients) return decided(refusalOf('fullServer'));
    clients.set(name, connection);
    decided(name);
  }

  const isAlive = ({ seen }: Subscriber): boolean => clock.monotonic() - seen <= aliveFor;

  /** What is sent to a client tells nothing about it: a connection that is dead takes messages for minutes. */
  function probe(holder: Subscriber, applicant: AdmissionRequest): void {
    const { name } = applicant;
    const open = probes.get(name);
    if (open) {
      open.waiting.push(applicant);
      return;
    }
    const cancel = afterHearing(clock, answerWithin, () => {
      expel(holder);
      settle(name);
    });
    probes.set(name, { waiting: [applicant], cancel });
    holder.probe(() => settle(name));
  }

  function settle(name: string): void {
    const open = probes.get(name);
    if (!open) return;
    probes.delete(name);
    open.cancel();
    for (const applicant of open.waiting) decide(applicant);
  }

  return {
    ask(connection, asked, decided) {
      const [pattern, password] = splitPassword(asked ?? 'webclient_####');
      const name = filled(pattern);
      const denial = checkPassword(name, password, connection.address);
      if (denial) return decided(denial);
      if (isReserved(name)) return decided(deny('reserved', name));
      decide({ connection, name, decided });
    },
    forget(connection) {
      if (connection.name !== undefined) return settle(connection.name);
      for (const { waiting } of probes.values()) {
        const at = waiting.findIndex((applicant) => applicant.connection === connection);
        if (at >= 0) waiting.splice(at, 1);
      }
    },
    clear() {
      for (const { cancel } of probes.values()) cancel();
      probes.clear();
    },
  };
}
