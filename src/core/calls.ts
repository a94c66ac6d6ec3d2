import type { Base, SubscribeOptions } from './base';
import { checkNumber } from './check';
import { checkListener, type Unsubscribe } from './emitter';
import { asError, OocsiError, textOf } from './errors';
import { withPassword } from './form';
import { channelOf, checkService, fillPlaceholders, masked } from './handle';
import type { Start, WaitOptions } from './loop';
import type { Anything, Incoming, Message } from './message';

/** Options of `call`. */
export interface CallOptions extends WaitOptions {
  /** How long to wait for an answer, in ms. @default the `timeout` of the client, 10_000 */
  readonly timeout?: number | undefined;
  /** The password of the channel. */
  readonly password?: string | undefined;
}

/** Options of `callAll`. */
export interface CallAllOptions extends CallOptions {
  /** How many answers are enough. @default all that come in time */
  readonly max?: number | undefined;
}

/** Options of `register`. */
export type RegisterOptions = Pick<SubscribeOptions, 'signal' | 'password'>;

/** Answers calls with an object, now or later, or with nothing. */
export type AnyResponder = (data: Anything, request: Message<Anything>) => unknown;

interface Responder {
  readonly channel: string;
  readonly name: string;
  readonly run: AnyResponder;
}

/** Calls of a client, and its answers to those of others. */
export interface Calls {
  call(channel: string, name: string, data?: Anything, options?: CallOptions): Promise<Anything>;
  callAll(
    channel: string,
    name: string,
    data?: Anything,
    options?: CallAllOptions,
  ): AsyncIterableIterator<Message<Anything>, undefined>;
  /** Resolves when the server has dealt with all that was sent before. */
  flush(options?: WaitOptions): Promise<void>;
  register(channel: string, name: string, run: AnyResponder, options?: RegisterOptions): Unsubscribe;
}

export function createCalls(base: Base): Calls {
  const { session, events, message, listen, loop, first } = base;
  const pending = new Map<unknown, (answer: Incoming) => void>();
  const responders = new Set<Responder>();
  const origin = fillPlaceholders('########');
  let count = 0;

  session.divert((incoming) => {
    const { call, id, message: asked } = incoming;
    const isMine = asked.recipient === session.handle;
    if (call !== undefined) {
      const responder = find(call, isMine ? undefined : asked.recipient);
      if (responder) answer(responder, id, asked).catch((thrown) => events.fault(asError(thrown)));
      return !!responder;
    }
    // Answers that nobody waits for any more are dropped.
    if (isMine) pending.get(id)?.(incoming);
    return isMine && id !== undefined;
  });

  function find(name: unknown, recipient?: string): Responder | undefined {
    return [...responders].find((one) => one.name === name && (!recipient || one.channel === channelOf(recipient)));
  }

  async function answer({ name, run }: Responder, id: unknown, asked: Message): Promise<void> {
    function reply(data: object, extra?: object): void {
      const posted = message(asked.sender, data, { _MESSAGE_ID: id, ...extra });
      if (id !== undefined) session.outbox.post(posted, 'keep');
    }
    try {
      reply((await run(asked.data, asked)) ?? {});
    } catch (cause) {
      const why = textOf(cause);
      events.fault(new OocsiError('invalid', `The responder "${name}" failed: ${why}`, { cause }));
      reply({}, { _MESSAGE_ERROR: why });
    }
  }

  /**
   * Sends a call as a loop starts, and pushes the answers.
   *
   * @param failed told of an answer that is a fault; else the loop ends with it
   */
  function ask(
    channel: string,
    name: string | undefined,
    data: object = {},
    form: object,
    max = Infinity,
    failed?: (error: OocsiError) => void,
  ): Start<Message<Anything>> {
    session.check();
    checkNumber('max', max, 1);
    const id = `${origin}${++count}`;
    const posted = message(withPassword(channel, form), data, { _MESSAGE_HANDLE: name, _MESSAGE_ID: id });
    let left = max;
    return (push, end) => {
      session.outbox.post(posted, 'keep');
      pending.set(id, ({ fault, message }) => {
        if (fault === undefined) push(message);
        else (failed ?? end)(new OocsiError('remote', textOf(fault)));
        if (--left < 1) end();
      });
      const off = events.when('reconnecting', (cause) => session.outbox.has(posted) || end(cause));
      return () => {
        pending.delete(id);
        session.outbox.withdraw(posted);
        off();
      };
    };
  }

  return {
    async call(channel, name, data, { timeout = base.timeout, signal, ...form } = {}) {
      checkService(name);
      const late = `"${name}" did not answer on ${masked(channel)} within ${timeout} ms. Is it registered?`;
      return (await first(late, { timeout, signal }, ask(channel, name, data, form))).data;
    },

    // One that cannot answer must not keep the answers of the others away.
    callAll(channel, name, data, { timeout = base.timeout, signal, max, ...form } = {}) {
      checkService(name);
      return loop(name, { buffer: 1e6, timeout, signal }, ask(channel, name, data, form, max, events.fault));
    },

    // What a client sends to itself comes back behind all that it sent before.
    async flush({ timeout = base.timeout, signal, ...form } = {}) {
      const late = `The server did not answer within ${timeout} ms.`;
      await first(late, { timeout, signal }, ask(session.handle, undefined, {}, form));
    },

    register(channel, name, run, { signal, ...form } = {}) {
      session.check();
      checkService(name);
      checkListener('responder', run);
      if (find(name, channel)) throw new OocsiError('invalid', `"${name}" is registered on ${masked(channel)} already`);
      const responder = { channel: channelOf(channel), name, run };
      const stop = listen(
        withPassword(channel, form),
        () => {},
        { signal },
        () => responders.delete(responder),
      );
      if (!signal?.aborted) responders.add(responder);
      return stop;
    },
  };
}
