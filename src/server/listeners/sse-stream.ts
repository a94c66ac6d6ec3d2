import type { Clock } from '../../util/index';
import type { ServerLimits } from '../config/index';
import { type Backpressure, Pieces, SlowConsumerError } from '../flow/index';
import type { SseFeed, SseSink } from '../http/index';

/** What is needed to send events. */
export interface StreamParts {
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly backpressure: Pick<Backpressure, 'budget'>;
}

/** What a stream needs of a response. */
export interface StreamResponse {
  readonly destroyed: boolean;
  /** Bytes handed over that have not left yet. */
  readonly writableLength: number;
  readonly socket: { readonly bytesWritten: number } | null;
  once(event: 'close', listener: () => void): unknown;
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  write(bytes: Uint8Array, taken: () => void): unknown;
  end(): unknown;
  destroy(): unknown;
}

const head = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // Proxies would collect events before they pass them on.
  'X-Accel-Buffering': 'no',
  // When the server ends the stream, nothing is to come behind it.
  Connection: 'close',
};

/** Sends what a feed gives until one of the two ends it; one that does not read loses its connection. */
export function stream(
  feed: SseFeed,
  response: StreamResponse,
  headers: Readonly<Record<string, string>>,
  parts: StreamParts,
): void {
  const sink = new ResponseSink(response, parts);
  response.once('close', () => feed.close(sink.forget()));
  response.writeHead(200, { ...head, ...headers });
  feed.pipeTo(sink);
}

class ResponseSink implements SseSink {
  readonly #response: StreamResponse;
  readonly #parts: StreamParts;
  /** What waits behind the one write that is on its way: Node makes an Error of each write that is cut. */
  readonly #pieces = new Pieces();
  readonly #forgetBuffers: () => void;
  #isWriting = false;
  #isEnding = false;
  #cancelDeadline: (() => void) | undefined;
  #error: SlowConsumerError | undefined;

  constructor(response: StreamResponse, parts: StreamParts) {
    this.#response = response;
    this.#parts = parts;
    const pieces = this.#pieces;
    this.#forgetBuffers = parts.backpressure.budget.add({
      get own() {
        return pieces.bytes;
      },
      cut: (reason) => this.#cut(reason),
    });
  }

  get buffered(): number {
    return this.#pieces.bytes + this.#response.writableLength;
  }

  write(text: string): void {
    if (text === '' || this.#response.destroyed) return;
    const bytes = Buffer.from(text);
    const { limits, backpressure } = this.#parts;
    this.#pieces.add(bytes);
    backpressure.budget.grew(bytes.length);
    if (!this.#isWriting) this.#writeNext();
    if (this.buffered > limits.queue) this.#cut(`more than ${limits.queue} bytes waited`);
    else this.#watch();
  }

  end(): void {
    this.#isEnding = true;
    if (!this.#isWriting) this.#response.end();
  }

  /** The response is closed; gives why, if the server has cut it. */
  forget(): SlowConsumerError | undefined {
    this.#cancelDeadline?.();
    this.#forgetBuffers();
    return this.#error;
  }

  #writeNext(): void {
    this.#isWriting = this.#pieces.bytes > 0;
    if (this.#isWriting) this.#response.write(this.#pieces.next(), () => this.#writeNext());
    else if (this.#isEnding) this.#response.end();
  }

  /** Cuts the response when nothing of what waits is taken in time. */
  #watch(): void {
    if (this.#cancelDeadline || this.buffered === 0) return;
    const { clock, limits } = this.#parts;
    const before = this.#taken;
    this.#cancelDeadline = clock.after(limits.writeDeadline, () => {
      this.#cancelDeadline = undefined;
      if (this.buffered === 0 || this.#taken !== before) return this.#watch();
      this.#cut(`took nothing for ${limits.writeDeadline / 1_000} s`);
    });
  }

  get #taken(): number {
    return (this.#response.socket?.bytesWritten ?? 0) - this.#response.writableLength;
  }

  #cut(reason: string): void {
    this.#error ??= new SlowConsumerError(reason, this.buffered);
    this.#response.destroy();
  }
}
