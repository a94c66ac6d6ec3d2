import type { Link } from '../../protocol/index';
import type { Backpressure, Receiver, SlowConsumerError } from './backpressure';
import type { Collector } from './flush-scheduler';
import type { FrameBatch } from './frame-batch';
import { Pieces, pieceSize } from './pieces';
import type { Turn } from './turn';

/** What an outbound queue needs of a socket. */
export interface Outlet {
  readonly writable: boolean;
  /** Bytes handed over that have not left yet. */
  readonly writableLength: number;
  write(bytes: Uint8Array, taken: () => void): unknown;
  destroy(): unknown;
}

/**
 * What waits for one client: it leaves in order, the frames of one turn together, and only as fast as the socket takes it.
 */
export class OutboundQueue implements Link, Receiver, Collector {
  /** Why the client lost its connection, if it was too slow. */
  error: SlowConsumerError | undefined;
  #batch: FrameBatch;
  /** What the socket is to take later; most have never any. */
  #pieces: Pieces | undefined;
  /** What the socket was handed and has not taken yet. */
  #leaving: Uint8Array | undefined;
  #isWaiting = false;
  #isClosing = false;
  readonly #onTaken = (): void => this.#take();

  /** @param end closes the socket from this side, when everything has left */
  constructor(
    private readonly outlet: Outlet,
    private readonly turn: Turn,
    private readonly backpressure: Backpressure,
    private readonly end: () => void,
  ) {
    this.#batch = turn.start;
  }

  /** What waits, as far as it is bytes already. */
  get waiting(): readonly Uint8Array[] {
    const kept = this.#pieces?.all() ?? [];
    return this.#leaving ? [this.#leaving, ...kept] : kept;
  }

  get buffered(): number {
    return this.outlet.writableLength + (this.#pieces?.bytes ?? 0) + this.#batch.size;
  }

  send(frame: string): void {
    if (this.#isClosing) return;
    if (this.#batch === this.turn.start) this.turn.join(this);
    this.#batch = this.#batch.with(frame);
    // Within one turn a client may ask for more than a text can hold.
    if (this.#batch.size > pieceSize) this.flush();
    if (this.#pieces && this.buffered > this.backpressure.fullAt) this.backpressure.full(this);
  }

  close(): void {
    if (this.#isClosing) return;
    this.flush();
    this.#isClosing = true;
    if (!this.#pieces) this.end();
  }

  flush(): void {
    const batch = this.#batch;
    if (batch === this.turn.start) return;
    this.#batch = this.turn.start;
    if (!this.outlet.writable) return;
    for (const piece of batch.pieces(this.turn.pack)) {
      if (!this.#pieces && this.outlet.writableLength === 0) this.#write(piece);
      else this.#keep(piece);
    }
  }

  cut(reason: SlowConsumerError): void {
    this.error = reason;
    this.#isClosing = true;
    this.outlet.destroy();
  }

  /** The socket is closed; nothing leaves any more. */
  drop(): void {
    this.#isClosing = true;
    this.#batch = this.turn.start;
    this.#pieces = undefined;
    this.#leaving = undefined;
    this.backpressure.forget(this);
  }

  #keep(piece: Uint8Array): void {
    this.#pieces ??= new Pieces();
    this.#pieces.add(piece);
    this.backpressure.budget.grew(piece.length);
    this.#watch(true);
  }

  #write(piece: Uint8Array): void {
    this.outlet.write(piece, this.#onTaken);
    if (this.outlet.writableLength === 0) return;
    this.#leaving = piece;
    this.backpressure.budget.grew(piece.length);
    this.#watch(true);
  }

  #watch(isWaiting: boolean): void {
    if (this.#isWaiting === isWaiting) return;
    this.#isWaiting = isWaiting;
    this.backpressure.moved(this, isWaiting);
  }

  #take(): void {
    if (!this.#isWaiting || this.outlet.writableLength > 0) return;
    this.#leaving = undefined;
    const pieces = this.#pieces;
    while (pieces && pieces.bytes > 0 && this.outlet.writable && this.outlet.writableLength === 0) {
      this.#write(pieces.next());
    }
    if (pieces?.bytes === 0) this.#pieces = undefined;
    this.#isWaiting = this.#pieces !== undefined || this.outlet.writableLength > 0;
    this.backpressure.moved(this, this.#isWaiting);
    if (pieces && !this.#pieces && this.#isClosing) this.end();
  }
}
