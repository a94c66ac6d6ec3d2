import { createListeners, type Listeners } from './emitter';
import { asError, type ErrorCode, OocsiError } from './errors';
import type { Events } from './events';
import { masked } from './handle';
import { type Effect, type LifeEvent, type State, step, unborn } from './lifecycle';
import type { Incoming, Message, Posted } from './message';
import type { SessionOptions } from './options';
import { createOutbox, type Outbox } from './outbox';
import { createSubscriptions, type Subscriptions } from './subscriptions';
import type { Speech } from './wire';

/** How long a connection must last before past losses are forgiven, in ms. */
const holdTime = 10_000;
/** How long a goodbye waits for the link to say that it is gone, in ms. */
const goodbyeTime = 1_000;

/** A client's connection over all the links it takes: dial, handshake, ping, retry, and the names it subscribes to. */
export interface Session {
  /** As the server welcomed it; before that, as it will be asked for. */
  readonly handle: string;
  readonly state: State;
  /** Resolves when the session is over, with the fault that ended it, if any. Never rejects. */
  readonly closed: Promise<OocsiError | undefined>;
  /** @throws OocsiError `closed` once the session is over; every verb of a client begins with it */
  check(cause?: unknown): void;
  start(): void;
  /** Hands messages to the link, or lets them wait for one; then they leave behind the subscriptions. */
  readonly outbox: Outbox;
  /** Asks the server, where the dialect has questions and there is a link; it is answered in the order asked. */
  readonly ask: Speech['ask'];
  /** `taker` is given what comes in first; what it takes reaches no listener. */
  divert(taker: (incoming: Incoming) => boolean): void;
  /** Listens to a name, over all reconnects. */
  readonly subscribe: Subscriptions['add'];
  /** Listens to the messages for this client's own handle. */
  readonly direct: Listeners<[Message]>['add'];
  close(): void;
}

export function createSession(options: SessionOptions, events: Events): Session {
  const { clock, identity, timeout, outbox: limits } = options;
  const { highWater = 2 ** 24 } = limits;
  const subscriptions = createSubscriptions(command, events.failed);
  const direct = createListeners<[Message]>(events.failed);
  const inbox: LifeEvent[] = [];
  const outbox = createOutbox(clock, limits, send, ({ message }, reason) => events.emit('dropped', message, reason));
  let life = unborn;
  let handle: string | undefined;
  let wire = options.dialects.web;
  let link: Speech | undefined;
  let divert: (incoming: Incoming) => boolean = () => false;
  /** Ends the attempt, the watch or the wait that is under way. */
  let stop = (): void => {};
  let gone = (): void => {};
  let settle: (cause: OocsiError | undefined) => void;
  const closed = new Promise<OocsiError | undefined>((resolve) => {
    settle = resolve;
  });

  /** The one writer of `life`: events are taken one after the other, whoever causes them. */
  function happen(event: LifeEvent): void {
    if (inbox.push(event) > 1) return;
    try {
      for (const next of inbox) {
        const { state } = life;
        const [after, effect] = step(life, next, options);
        life = after;
        if (effect) actions[effect]();
        // The user hears of it after the subscriptions are back, so that what he then sends comes behind them.
        if (state !== life.state) events.emit('state', life.state, state);
        // Who still waits then has been told by the state, and took back what he had posted.
        if (life.at === 'closed') outbox.end();
      }
    } finally {
      inbox.length = 0;
    }
  }

  const actions: Record<Effect, () => void> = { dial, begin, hangUp };

  function begin(): void {
    for (const name of subscriptions.names()) command('subscribe', name);
    outbox.flush();
    stop = clock.after(holdTime, () => happen({ type: 'held' }));
  }

  function hangUp(): void {
    const { state, at } = life;
    const { retryAt = 0 } = { retryAt: 0, ...state };
    stop();
    if (state.status === 'closed') end(state.cause);
    link?.close();
    link = undefined;
    if (at === 'waiting') stop = clock.after(retryAt - clock.now(), () => happen({ type: 'due' }));
  }

  /** After a fault the end is told at once, after `close()` when the link that was said goodbye to is gone. */
  function end(cause: OocsiError | undefined): void {
    if (cause || !link) return settle(cause);
    const cancel = clock.after(goodbyeTime, () => gone());
    gone = () => {
      cancel();
      settle(undefined);
    };
  }

  function dial(): void {
    const { generation, known } = life;
    hangUp();
    const attempt = new AbortController();
    let address = 'The server';
    const cancelTimer = clock.after(timeout, () => {
      unfit('timeout', `${link ? 'sent no welcome' : 'did not answer'} within ${timeout} ms`);
    });
    stop = () => {
      cancelTimer();
      attempt.abort();
    };

    function lost(thrown: unknown): void {
      happen({ type: 'lost', generation, cause: asError(thrown), now: clock.now() });
    }

    function unfit(code: ErrorCode, what: string, cause?: unknown): void {
      lost(new OocsiError(code, `${address} ${what}. Is this the right port?`, { cause }));
    }

    function greet(frame: string): void {
      const said = `${wire.readGreeting(frame)}`;
      if (said.startsWith('welcome ')) {
        handle = said.slice(8);
        cancelTimer();
        return happen({ type: 'welcomed', now: clock.now() });
      }
      if (!said.startsWith('ERROR: '))
        return unfit('protocol', `answers ${JSON.stringify(masked(frame.slice(0, 60)))}`);
      const fault = identity.refused(said.slice(7), known);
      if (fault) lost(fault);
      else happen({ type: 'renamed' });
    }

    function receive(frame: string): void {
      if (life.generation !== generation) return;
      if (frame === 'ping') write('.');
      else if (life.at === 'connecting') greet(frame);
      else if (life.at === 'connected') deliver(frame);
    }

    async function open(): Promise<void> {
      const adapter = await options.adapter();
      const dialect = options.dialects[adapter.dialect];
      if (!dialect) throw new OocsiError('unsupported', `No dialect ${adapter.dialect}`);
      wire = dialect;
      address = adapter.name;
      const claim = await identity.claim();
      attempt.signal.throwIfAborted();
      const dialed = await adapter.dial(
        {
          frame: receive,
          close(cause) {
            gone();
            if (life.at !== 'connected') return unfit('protocol', 'closed without a welcome', cause);
            lost(new OocsiError('disconnected', `Lost the connection to ${address}.`, { cause }));
          },
        },
        attempt.signal,
      );
      if (attempt.signal.aborted) return dialed.close();
      link = wire.open(dialed);
      link.send(wire.hello(claim));
    }
    open().catch(lost);
  }

  function deliver(frame: string): void {
    if (link?.hear?.(frame)) return;
    const incoming = wire.readMessage(frame);
    if (!incoming) return;
    if (incoming instanceof Error) {
      return events.fault(new OocsiError('protocol', `The server sent ${incoming.message}`));
    }
    const { message } = incoming;
    events.emit('message', message);
    if (divert(incoming)) return;
    if (message.recipient === handle) direct.call(message);
    subscriptions.deliver(message);
  }

  function check(cause?: unknown): void {
    if (life.at === 'closed') throw new OocsiError(life.at, 'This client is closed. Connect again.', { cause });
  }

  function write(text: string): void {
    link?.send(wire.command(text));
  }
  /** What must wait for the welcome: all subscriptions are told again then. */
  function command(verb: string, recipient: string): void {
    if (life.at !== 'connected') return;
    events.log(verb, { recipient });
    write(`${verb} ${recipient}`);
  }

  function send({ message, json }: Posted): boolean | undefined {
    if (life.at !== 'connected' || !link) return undefined;
    if (link.buffered > highWater) return false;
    events.log('send', message);
    link.send(wire.send(message.recipient, json));
    return true;
  }

  return {
    get handle() {
      return handle ?? identity.wanted;
    },
    get state() {
      return life.state;
    },
    closed,
    check,
    start: () => happen({ type: 'due' }),
    outbox,
    get ask() {
      return life.at === 'connected' ? link?.ask : undefined;
    },
    divert: (taker) => {
      divert = taker;
    },
    direct(...args) {
      check();
      return direct.add(...args);
    },
    subscribe(...args) {
      check();
      return subscriptions.add(...args);
    },
    close: () => happen({ type: 'close' }),
  };
}
