import type { Clock } from '../core/clock';
import { createAgenda } from './agenda';
import type { Envelope } from './envelope';

/** Messages that wait for their time, one for each recipient. */
export interface Delayed {
  /** How many wait. */
  readonly size: number;
  /** Whether one waits for this recipient. */
  has(recipient: string): boolean;
  /** Holds a message until its timestamp; another one for the same recipient is given up. */
  hold(envelope: Envelope, keepFor: number | undefined): void;
  clear(): void;
}

/** @param release delivers a message whose time has come */
export function createDelayed(
  clock: Clock,
  release: (envelope: Envelope, keepFor: number | undefined) => void,
): Delayed {
  const held = createAgenda<() => void>(clock, (deliver) => deliver());
  return {
    get size() {
      return held.size;
    },
    has: held.has,
    hold: (envelope, keepFor) => held.set(envelope.recipient, envelope.timestamp, () => release(envelope, keepFor)),
    clear() {
      held.clear();
    },
  };
}
