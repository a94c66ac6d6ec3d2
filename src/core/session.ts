import { backoff } from './backoff';
import type { Clock } from './clock';
import { asError, OocsiError, textOf } from './errors';
import type { Identity } from './identity';
import { type Effect, type LifeEvent, type Policy, type State, step, unborn } from './lifecycle';
import type { Adapter } from './link';
import type { Message } from './message';
import { createSubscriptions, type Subscriptions } from './subscriptions';
import { commandFrame, hello, readFrame, readGreeting, sendFrame } from './wire';
import { createWriter, type Writer } from './writer';

/** How long a connection must last before past losses are forgiven, in ms. */
const holdTime = 10_000;
/** How long a goodbye waits for the link to say that it is gone, in ms. */
const goodbyeTime = 1_000;

export interface SessionOptions extends Omit<Policy, 'delay'> {
  readonly clock: Clock;
  readonly identity: Identity;
  /** ms for dial and handshake together. */
  readonly timeout: number;
  /** ms to wait after so many losses in a row. */
  readonly delay?: ((losses: number) => number) | undefined;
  /** Asked before every attempt. */
  adapter(): Adapter | Promise<Adapter>;
}

export interface SessionEvents {
  state(now: State, before: State): void;
  /** Every message, before the listeners of its channel get it. */
  message(message: Message): void;
  /** A fault of the server, a peer or the network that nobody waits for. */
  fault(error: OocsiError): void;
  /** What a listener threw. */
  failed(thrown: unknown): void;
}

/** A client's connection over all the links it takes: dial, handshake, ping, retry, and the names it subscribes to. */
export interface Session {
  /** As the server welcomed it; before that, as it will be asked for. */
  readonly handle: string;
  readonly state: State;
  /** Resolves when the session is over, with the fault that ended it, if any. Never rejects. */
  readonly closed: Promise<OocsiError | undefined>;
  start(): void;
  /** Hands a message to the link; false while there is none. */
  send(recipient: string, json: string): boolean;
  /** Listens to a name, over all reconnects. */
  readonly subscribe: Subscriptions['add'];
  close(): void;
}

export function createSession(options: SessionOptions, events: SessionEvents): Session {
  const { clock, identity, timeout, attempts, once } = options;
  const policy: Policy = {
    attempts,
    once,
    delay(losses) {
      try {
        const ms = options.delay?.(losses);
        if (ms !== undefined && ms >= 0) return ms;
      } catch (thrown) {
        events.failed(thrown);
      }
      return backoff(losses, clock.random());
    },
  };
  const subscriptions = createSubscriptions(command, events.failed);
  const inbox: LifeEvent[] = [];
  let life = unborn;
  let handle: string | undefined;
  let address = 'The server';
  let dialect: Adapter['dialect'] = 'web';
  let writer: Writer | undefined;
  /** Ends the attempt, the watch or the wait that is under way. */
  let stop = (): void => {};
  /** Told when the link that was said goodbye to is gone. */
  let gone = (): void => {};
  let settle: (cause: OocsiError | undefined) => void;
  const closed = new Promise<OocsiError | undefined>((resolve) => {
    settle = resolve;
  });

  /** The one writer of `life`: events are taken one after the other, whoever causes them. */
  function happen(event: LifeEvent): void {
    if (inbox.push(event) > 1) return;
    for (const next of inbox) {
      const before = life.state;
      const [after, ...effects] = step(life, next, policy);
      life = after;
      for (const effect of effects) effect === 'tell' ? events.state(life.state, before) : actions[effect]();
    }
    inbox.length = 0;
  }

  const actions: Record<Exclude<Effect, 'tell'>, () => void> = {
    dial() {
      const { generation } = life;
      const attempt = new AbortController();
      const lost = (thrown: unknown): void => {
        happen({ type: 'lost', generation, cause: asError(thrown), now: clock.now() });
      };
      const cancelTimer = clock.after(timeout, () => {
        lost(unfit('timeout', `${address} ${writer ? 'sent no welcome' : 'did not answer'} within ${timeout} ms.`));
      });
      stop = () => {
        cancelTimer();
        attempt.abort();
      };
      void dial(generation, attempt.signal, lost).catch(lost);
    },
    restore() {
      for (const name of subscriptions.names()) command(`subscribe ${name}`);
    },
    watch() {
      const { generation } = life;
      stop();
      stop = clock.after(holdTime, () => happen({ type: 'held', generation }));
    },
    wait() {
      const { retryAt = 0 } = { retryAt: 0, ...life.state };
      stop = clock.after(retryAt - clock.now(), () => happen({ type: 'due' }));
    },
    part() {
      if (dialect === 'line') writer?.write(commandFrame(dialect, 'quit'));
      const cancel = clock.after(goodbyeTime, end);
      gone = () => {
        cancel();
        end();
      };
      actions.hangUp();
    },
    hangUp() {
      stop();
      writer?.close();
      writer = undefined;
    },
    end,
  };

  function end(): void {
    settle('cause' in life.state ? life.state.cause : undefined);
  }

  async function dial(generation: number, signal: AbortSignal, lost: (thrown: unknown) => void): Promise<void> {
    const adapter = await options.adapter();
    address = adapter.name;
    const claim = await identity.claim();
    const link = await adapter.dial(
      {
        frame(frame) {
          if (life.generation === generation) receive(frame, lost);
        },
        close(cause) {
          gone();
          lost(
            life.at === 'open'
              ? new OocsiError('disconnected', `The connection to ${address} was lost.`, { cause })
              : unfit('protocol', `${address} closed the connection without a welcome.`, cause),
          );
        },
      },
      signal,
    );
    if (signal.aborted) return link.close();
    dialect = adapter.dialect;
    writer = createWriter(link, dialect, lost);
    writer.write(hello(dialect, claim));
  }

  function receive(frame: string, lost: (thrown: unknown) => void): void {
    if (frame === 'ping') writer?.write(commandFrame(dialect, '.'));
    else if (life.at === 'dialing') greet(frame, lost);
    else if (life.at === 'open') deliver(frame);
  }

  function greet(frame: string, lost: (thrown: unknown) => void): void {
    const { generation, known } = life;
    const greeting = readGreeting(dialect, frame);
    if (!greeting) {
      lost(unfit('protocol', `${address} answers ${JSON.stringify(frame.slice(0, 60))}, which is no welcome.`));
    } else if ('handle' in greeting) {
      handle = greeting.handle;
      identity.welcomed();
      happen({ type: 'welcomed', generation, now: clock.now() });
    } else {
      const fault = identity.refused(greeting.refusal, known);
      if (fault) lost(fault);
      else happen({ type: 'renamed', generation });
    }
  }

  function deliver(frame: string): void {
    let message: Message | undefined;
    try {
      message = readFrame(dialect, frame);
    } catch (cause) {
      events.fault(new OocsiError('protocol', `The server sent what makes no sense: ${textOf(cause)}`, { cause }));
    }
    if (!message) return;
    events.message(message);
    subscriptions.deliver(message);
  }

  function command(text: string): void {
    if (life.at === 'open') writer?.write(commandFrame(dialect, text));
  }

  return {
    get handle() {
      return handle ?? identity.wanted;
    },
    get state() {
      return life.state;
    },
    closed,
    start: () => happen({ type: 'start' }),
    send(recipient, json) {
      if (life.at !== 'open') return false;
      writer?.write(sendFrame(dialect, recipient, json));
      return true;
    },
    subscribe: subscriptions.add,
    close: () => happen({ type: 'close' }),
  };
}

function unfit(code: 'timeout' | 'protocol', text: string, cause?: unknown): OocsiError {
  return new OocsiError(code, `${text} Is it an OOCSI server, and are address and port right?`, { cause });
}
