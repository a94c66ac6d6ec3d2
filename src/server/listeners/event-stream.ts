import type { ServerResponse } from 'node:http';
import type { Clock } from '../../core/clock';
import type { Feed, Sink } from '../http/feed';
import type { ServerLimits } from '../server-limits';
import { TooSlow } from '../traffic/traffic';

/** What is needed to send events. */
export interface StreamParts {
  readonly clock: Clock;
  readonly limits: ServerLimits;
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
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  { clock, limits }: StreamParts,
): void {
  let cancel: (() => void) | undefined;
  let fault: TooSlow | undefined;

  const taken = (): number => (response.socket?.bytesWritten ?? 0) - response.writableLength;

  function watch(): void {
    if (cancel || response.writableLength === 0) return;
    const before = taken();
    cancel = clock.after(limits.writeDeadline, () => {
      cancel = undefined;
      if (response.writableLength > 0 && taken() === before) cut(`took nothing for ${limits.writeDeadline / 1_000} s`);
      else watch();
    });
  }

  function cut(reason: string): void {
    fault ??= new TooSlow(reason, response.writableLength);
    response.destroy();
  }

  const sink: Sink = {
    write(text) {
      response.write(text);
      if (response.writableLength > limits.queue) cut(`more than ${limits.queue} bytes waited`);
      else watch();
    },
    end: () => response.end(),
    get buffered() {
      return response.writableLength;
    },
  };
  response.once('close', () => {
    cancel?.();
    feed.close(fault);
  });
  response.writeHead(200, { ...head, ...headers });
  feed.pour(sink);
}
