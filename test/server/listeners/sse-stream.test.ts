import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { readLimits } from '../../../src/server/config/limits';
import { Budget } from '../../../src/server/flow/budget';
import type { SseFeed, SseSink } from '../../../src/server/http/sse';
import { type StreamResponse, stream } from '../../../src/server/listeners/sse-stream';
import { createVirtualClock } from '../../helpers/virtual-clock';

/** A response whose far side takes something only when it is told to. */
function openResponse() {
  const events = new EventEmitter();
  const pending: { readonly bytes: Uint8Array; readonly taken: () => void }[] = [];
  let [text, hasEnded] = ['', false];
  const response: StreamResponse = {
    destroyed: false,
    socket: null,
    get writableLength() {
      return pending.reduce((sum, { bytes }) => sum + bytes.length, 0);
    },
    once: (event, listener) => events.once(event, listener),
    writeHead: () => undefined,
    write: (bytes, taken) => pending.push({ bytes, taken }),
    end: () => {
      hasEnded = true;
    },
    destroy: () => {
      Object.assign(response, { destroyed: true });
      events.emit('close');
    },
  };
  return {
    response,
    pending,
    take() {
      const next = pending.shift();
      text += new TextDecoder().decode(next?.bytes);
      next?.taken();
    },
    get text() {
      return text;
    },
    get hasEnded() {
      return hasEnded;
    },
  };
}

function open() {
  const out = openResponse();
  let sink: SseSink | undefined;
  const causes: (Error | undefined)[] = [];
  const feed: SseFeed = {
    pipeTo(given) {
      sink = given;
    },
    close: (cause) => causes.push(cause),
  };
  const [clock, limits] = [createVirtualClock(), readLimits()];
  const backpressure = { budget: new Budget(limits.buffers, () => undefined) };
  stream(feed, out.response, {}, { clock, limits, backpressure });
  if (!sink) throw new Error('nothing is poured');
  return { out, sink, causes };
}

test('However many messages wait for a listener that does not read, one write is on its way', () => {
  const { out, sink, causes } = open();
  for (let n = 0; n < 20_000; n++) sink.write(`data: ${n}\n\n`);
  expect(out.pending).toHaveLength(1);
  out.response.destroy();
  expect([causes, out.pending.length]).toEqual([[undefined], 1]);
});

test('What waited arrives whole, in order, and the end behind it', () => {
  const { out, sink } = open();
  const lines = Array.from({ length: 5_000 }, (_, n) => `data: ${n} ü\n\n`);
  for (const line of lines) sink.write(line);
  sink.end();
  expect(out.hasEnded).toBe(false);
  while (out.pending.length > 0) out.take();
  expect(out.text).toBe(lines.join(''));
  expect(out.hasEnded).toBe(true);
});

test('For a listener for whom more waits than may, the stream is cut and says how much it was', () => {
  const { out, sink, causes } = open();
  const line = `data: ${'x'.repeat(2 ** 16)}\n\n`;
  for (let n = 0; n < 20; n++) sink.write(line);
  expect(out.response.destroyed).toBe(true);
  expect(causes).toMatchObject([{ name: 'SlowConsumerError', reason: 'more than 1048576 bytes waited' }]);
});
