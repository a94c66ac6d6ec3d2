import type { Clock } from '../../util/index';
import type { ServerLimits } from '../config/index';
import { type Backpressure, Pieces, SlowConsumerError } from '../flow/index';
import type { Feed, Sink } from '../http/index';

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
  feed: Feed,
  response: StreamResponse,
  headers: Readonly<Record<string, string>>,
  { clock, limits, backpressure: { budget } }: StreamParts,
): void {
  /** What waits behind the one write that is on its way: Node makes an Error of each write that is cut. */
  const pieces = new Pieces();
  let isWriting = false;
  let isEnding = false;
  let cancel: (() => void) | undefined;
  let fault: SlowConsumerError | undefined;

  const buffered = (): number => pieces.bytes + response.writableLength;
  const taken = (): number => (response.socket?.bytesWritten ?? 0) - response.writableLength;

  function watch(): void {
    if (cancel || buffered() === 0) return;
    const before = taken();
    cancel = clock.after(limits.writeDeadline, () => {
      cancel = undefined;
      if (buffered() > 0 && taken() === before) cut(`took nothing for ${limits.writeDeadline / 1_000} s`);
      else watch();
    });
  }

  function cut(reason: string): void {
    fault ??= new SlowConsumerError(reason, buffered());
    response.destroy();
  }

  const forgetBuffers = budget.add({
    get own() {
      return pieces.bytes;
    },
    cut,
  });

  function writeNext(): void {
    isWriting = pieces.bytes > 0;
    if (isWriting) response.write(pieces.next(), writeNext);
    else if (isEnding) response.end();
  }

  const sink: Sink = {
    write(text) {
      if (text === '' || response.destroyed) return;
      const bytes = Buffer.from(text);
      pieces.add(bytes);
      budget.grew(bytes.length);
      if (!isWriting) writeNext();
      if (buffered() > limits.queue) cut(`more than ${limits.queue} bytes waited`);
      else watch();
    },
    end() {
      isEnding = true;
      if (!isWriting) response.end();
    },
    get buffered() {
      return buffered();
    },
  };
  response.once('close', () => {
    cancel?.();
    forgetBuffers();
    feed.close(fault);
  });
  response.writeHead(200, { ...head, ...headers });
  feed.pour(sink);
}
