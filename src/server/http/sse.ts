import type { LinkEvents } from '../../protocol/index';
import type { ServerBroker } from '../broker/index';
import { createLocalLink } from '../broker/index';
import { HttpError } from './response';

/** Where server-sent events go. */
export interface SseSink {
  /** Takes whole lines. */
  write(text: string): void;
  end(): void;
  /** Bytes that wait to leave. */
  readonly buffered: number;
}

/** A client that is subscribed to a channel and gets its messages as server-sent events. */
export interface SseFeed {
  /** From now on, all events go there, and first of all those that have come already. */
  pipeTo(sink: SseSink): void;
  /** The far side is gone, because of `cause` if that is known. */
  close(cause?: Error): void;
}

/** How long an EventSource waits before it connects again, in ms. */
const retry = 2_000;

const errors: Readonly<Record<'name' | 'handle' | 'password' | 'functions', readonly [status: number, text: string]>> =
  {
    name: [400, 'The name of the channel must not have white space or control characters in it.'],
    handle: [409, 'That is the handle of a client: nobody else can listen there.'],
    password: [403, 'The channel has another password, or none: use CHANNEL:PASSWORD.'],
    functions: [400, 'The functions cannot be read: use CHANNEL[filter(n > 1)].'],
  };

/**
 * Lets a client in that has subscribed to `channel`.
 *
 * @throws HttpError when it cannot be subscribed to, or the server lets no client in
 */
export async function openSseFeed(
  { broker, queries }: Pick<ServerBroker, 'broker' | 'queries'>,
  channel: string,
  address: string,
): Promise<SseFeed> {
  if (/^(:|$)|[\0-\x1f\x7f]/.test(channel)) {
    throw new HttpError(400, 'The name of the channel must not be empty or have control characters in it.');
  }
  const reason = queries.refusesSubscription(channel);
  if (reason) throw new HttpError(...errors[reason]);
  const client = new SseClient(broker);
  await client.open(channel, address);
  return client;
}

class SseClient implements SseFeed {
  readonly #broker: ServerBroker['broker'];
  #events: LinkEvents | undefined;
  #handle = '';
  #error: string | undefined;
  #isOver = false;
  #sink: SseSink | undefined;
  /** What has come before there was a sink. */
  #text = '';

  constructor(broker: ServerBroker['broker']) {
    this.#broker = broker;
  }

  /** Resolves when the client is let in, and rejects when it is not. */
  async open(channel: string, address: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#events = this.#broker.accept(this.#link(resolve), 'web', { address });
      // A client that says no handle is given one.
      this.#events.frame(`subscribe ${channel}`);
    });
    if (this.#error === undefined && this.#handle !== '') return;
    this.close();
    throw new HttpError(503, `Not subscribed: ${this.#error ?? 'the server is stopping'}.`);
  }

  pipeTo(sink: SseSink): void {
    this.#sink = sink;
    sink.write(this.#text);
    this.#text = '';
    if (this.#isOver) sink.end();
  }

  close(cause?: Error): void {
    this.#events?.close(cause);
  }

  #link(settled: () => void) {
    return createLocalLink(
      {
        welcome: (handle) => {
          this.#handle = handle;
          this.#write(`retry: ${retry}\n: you are ${handle}\n\n`);
          settled();
        },
        error: (reason) => {
          this.#error = reason;
          this.#write(`event: fault\ndata: ${JSON.stringify({ reason })}\n\n`);
          settled();
        },
        message: (frame) => this.#write(`data: ${frame}\n\n`),
        ping: () => this.#answerPing(),
        closed: () => {
          this.#isOver = true;
          this.#sink?.end();
          settled();
        },
      },
      () => (this.#sink?.buffered ?? 0) + this.#text.length,
    );
  }

  /** A far side that takes nothing is not there, whatever the connection looks like. */
  #answerPing(): void {
    if (this.#sink?.buffered === 0) queueMicrotask(() => this.#events?.frame('.'));
    this.#write(': still here\n\n');
  }

  #write(text: string): void {
    if (this.#sink) this.#sink.write(text);
    else this.#text += text;
  }
}
