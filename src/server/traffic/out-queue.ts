import type { Link } from '../../core/link';
import type { Batch } from './batch';
import { fullAt, type Receiver, type TooSlow, type Traffic } from './traffic';
import type { Collector, Turn } from './turn';

/** What is so long already does not wait for its turn to end, in characters; and leaves in pieces of so many bytes. */
export const pieceSize = 2 ** 16;

/** What an out-queue needs of a socket. */
export interface Outlet {
  readonly writable: boolean;
  /** Bytes handed over that have not left yet. */
  readonly writableLength: number;
  write(bytes: Uint8Array, taken: () => void): unknown;
  destroy(): unknown;
}

/**
 * What waits for one client: it leaves in order, a turn's frames as one, and only as fast as the socket takes it. A class,
 * because there is one for each client.
 */
export class OutQueue implements Link, Receiver, Collector {
  /** Why the client lost its connection, if it was too slow. */
  fault: TooSlow | undefined;
  #batch: Batch;
  #pieces: Uint8Array[] = none;
  /** How many of the pieces have been handed over. */
  #handed = 0;
  /** Bytes in the pieces that have not been handed over. */
  #waiting = 0;
  #isWaiting = false;
  #isClosing = false;
  readonly #onTaken = (): void => this.#take();

  /** @param end closes the socket from this side, when everything has left */
  constructor(
    private readonly outlet: Outlet,
    private readonly turn: Turn,
    private readonly traffic: Traffic,
    private readonly end: () => void,
  ) {
    this.#batch = turn.start;
  }

  get buffered(): number {
    return this.outlet.writableLength + this.#waiting + this.#batch.size;
  }

  send(frame: string): void {
    if (this.#isClosing) return;
    if (this.#batch === this.turn.start) this.turn.join(this);
    this.#batch = this.#batch.with(frame);
    // Within one turn a client may ask for more than a text can hold.
    if (this.#batch.size > pieceSize) this.flush();
    if (this.#waiting > 0 && this.buffered > fullAt) this.traffic.full(this);
  }

  close(): void {
    if (this.#isClosing) return;
    this.flush();
    this.#isClosing = true;
    if (this.#waiting === 0) this.end();
  }

  flush(): void {
    const batch = this.#batch;
    if (batch === this.turn.start) return;
    this.#batch = this.turn.start;
    if (!this.outlet.writable) return;
    for (const piece of batch.pieces(this.turn.pack)) {
      if (this.#waiting === 0 && this.outlet.writableLength === 0) this.#write(piece);
      else this.#keep(piece);
    }
  }

  cut(reason: TooSlow): void {
    this.fault = reason;
    this.outlet.destroy();
  }

  /** The socket is closed; nothing leaves any more. */
  drop(): void {
    this.#isClosing = true;
    this.#batch = this.turn.start;
    this.#pieces = none;
    this.#waiting = 0;
    this.traffic.forget(this);
  }

  #keep(piece: Uint8Array): void {
    if (this.#waiting === 0) {
      this.#pieces = [];
      this.#handed = 0;
    }
    this.#pieces.push(piece);
    this.#waiting += piece.length;
    this.#watch(true);
  }

  #write(piece: Uint8Array): void {
    this.outlet.write(piece, this.#onTaken);
    if (this.outlet.writableLength > 0) this.#watch(true);
  }

  #watch(isWaiting: boolean): void {
    if (this.#isWaiting === isWaiting) return;
    this.#isWaiting = isWaiting;
    this.traffic.moved(this, isWaiting);
  }

  #take(): void {
    if (!this.#isWaiting || this.outlet.writableLength > 0) return;
    const wasWaiting = this.#waiting > 0;
    while (this.#waiting > 0 && this.outlet.writable && this.outlet.writableLength === 0) this.#write(this.#next());
    this.#isWaiting = this.#waiting > 0 || this.outlet.writableLength > 0;
    this.traffic.moved(this, this.#isWaiting);
    if (!wasWaiting || this.#waiting > 0) return;
    this.#pieces = none;
    if (this.#isClosing) this.end();
  }

  /** The next piece to hand over: what is short leaves together. */
  #next(): Uint8Array {
    const first = this.#handed;
    let length = 0;
    for (;;) {
      const piece = this.#pieces[this.#handed];
      if (!piece || (length > 0 && length + piece.length > pieceSize)) break;
      length += piece.length;
      this.#handed++;
    }
    this.#waiting -= length;
    const pieces = this.#pieces.slice(first, this.#handed);
    // What has left is not to stay in memory for as long as the client is behind.
    if (this.#handed > 64) {
      this.#pieces = this.#pieces.slice(this.#handed);
      this.#handed = 0;
    }
    return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces, length);
  }
}

const none: Uint8Array[] = [];
