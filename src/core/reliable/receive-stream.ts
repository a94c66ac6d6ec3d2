import type { Message } from '../../protocol/index';

/** How many messages wait at most for those before them. */
const mostHeld = 64;

/** What one sender sends to one channel with numbers, as far as it has arrived. */
export class ReceiveStream {
  /** The first number that counts here. */
  readonly base: number;
  #awaited: number;
  /** What came before its turn. */
  readonly #held = new Map<number, Message>();

  constructor(first: number) {
    this.base = first;
    this.#awaited = first;
  }

  /** Everything up to this number has arrived, or was given up. */
  get last(): number {
    return this.#awaited - 1;
  }

  /** Holds a message until it is its turn; tells whether it is new. */
  hold(number: number, message: Message): boolean {
    if (number < this.#awaited || this.#held.has(number)) return false;
    this.#held.set(number, message);
    return true;
  }

  /**
   * Lets go the messages whose turn it is. What the sender has given up, and what too many messages wait for, is skipped.
   *
   * @param senderBase the oldest number that the sender has not given up
   * @returns how many were skipped
   */
  advance(senderBase: number, deliver: (message: Message) => void): number {
    let missed = 0;
    for (;;) {
      const ready = this.#held.get(this.#awaited);
      const next = ready ? this.#awaited + 1 : this.#nextArrived(senderBase);
      if (next <= this.#awaited) return missed;
      if (!ready) missed += next - this.#awaited;
      this.#held.delete(this.#awaited);
      this.#awaited = next;
      if (ready) deliver(ready);
    }
  }

  #nextArrived(senderBase: number): number {
    return Math.min(this.#held.size > mostHeld ? Infinity : senderBase, ...this.#held.keys());
  }
}
