import type { LinkEvents } from '../../protocol/index';
import type { ServerBroker } from '../broker/index';
import { createLocalLink } from '../broker/index';
import { Refusal } from './response';

/** Where server-sent events go. */
export interface Sink {
  /** Takes whole lines. */
  write(text: string): void;
  end(): void;
  /** Bytes that wait to leave. */
  readonly buffered: number;
}

/** A client that listens to a channel by server-sent events. */
export interface Feed {
  /** From now on, all goes there, and first of all what has come already. */
  pour(sink: Sink): void;
  /** The far side is gone, because of `cause` if it says. */
  close(cause?: Error): void;
}

/** How long an EventSource waits before it connects again, in ms. */
const retry = 2_000;

const refusals: Readonly<
  Record<'name' | 'handle' | 'password' | 'functions', readonly [status: number, text: string]>
> = {
  name: [400, 'The name of the channel must not have white space or control characters in it.'],
  handle: [409, 'That is the handle of a client: nobody else can listen there.'],
  password: [403, 'The channel has another password, or none: use CHANNEL:PASSWORD.'],
  functions: [400, 'The functions cannot be read: use CHANNEL[filter(n > 1)].'],
};

/**
 * Lets a client in that has subscribed to `channel`.
 *
 * @throws Refusal when it cannot be subscribed to, or the server lets nobody in
 */
export async function openFeed(
  { broker, queries }: Pick<ServerBroker, 'broker' | 'queries'>,
  channel: string,
  address: string,
): Promise<Feed> {
  if (/^(:|$)|[\0-\x1f\x7f]/.test(channel)) {
    throw new Refusal(400, 'The name of the channel must not be empty or have control characters in it.');
  }
  const why = queries.refusesSubscription(channel);
  if (why) throw new Refusal(...refusals[why]);

  let handle = '';
  let complaint: string | undefined;
  let isOver = false;
  let sink: Sink | undefined;
  let text = '';
  const write = (more: string): void => {
    if (sink) sink.write(more);
    else text += more;
  };
  let settle = (): void => undefined;
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const events: LinkEvents = broker.accept(
    createLocalLink(
      {
        welcome(given) {
          handle = given;
          write(`retry: ${retry}\n: you are ${given}\n\n`);
          settle();
        },
        error(reason) {
          complaint = reason;
          write(`event: fault\ndata: ${JSON.stringify({ reason })}\n\n`);
          settle();
        },
        message: (frame) => write(`data: ${frame}\n\n`),
        ping() {
          // Who takes nothing is not there, whatever the connection looks like.
          if (sink?.buffered === 0) queueMicrotask(() => events.frame('.'));
          write(': still here\n\n');
        },
        closed() {
          isOver = true;
          sink?.end();
          settle();
        },
      },
      () => (sink?.buffered ?? 0) + text.length,
    ),
    'web',
    { address },
  );
  // Who says no handle is given one.
  events.frame(`subscribe ${channel}`);
  await settled;
  if (complaint !== undefined || handle === '') {
    events.close();
    throw new Refusal(503, `Not subscribed: ${complaint ?? 'the server is stopping'}.`);
  }
  return {
    pour(given) {
      sink = given;
      sink.write(text);
      text = '';
      if (isOver) sink.end();
    },
    close: (cause) => events.close(cause),
  };
}
