import type { Anything, Message, OutgoingMessage } from '../../protocol/index';
import {
  asError,
  channelOf,
  checkService,
  masked,
  OocsiError,
  randomId,
  textOf,
  withPassword,
} from '../../protocol/index';
import { checkListener, checkNumbers, checkOptions, type Unsubscribe } from '../../util/index';
import type { ClientContext, Start, SubscribeOptions, WaitOptions } from '../messaging/index';

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
  /**
   * Asks responders to wait a random time of up to so many ms, at most 1,000, before they answer: the Java server loses
   * answers when more than 20 come at once, so give it 0.5 ms for each that may come. @default 0
   */
  readonly spread?: number | undefined;
}

/** Options of `register`. */
export type RegisterOptions = Pick<SubscribeOptions, 'signal' | 'password'>;

const waitOptions: readonly (keyof WaitOptions)[] = ['timeout', 'signal'];
const callOptions: readonly (keyof CallOptions)[] = [...waitOptions, 'password'];
const callAllOptions: readonly (keyof CallAllOptions)[] = [...callOptions, 'max', 'spread'];

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

/** How long a responder waits at most because it was asked to, in ms. */
const longestSpread = 1_000;

export function createCalls(context: ClientContext): Calls {
  const { session, events, clock } = context;
  /** What hears the answers to each call, or, without an answer, why the link is gone that they would come over. */
  const pending = new Map<unknown, (answer: Message | undefined, fault: unknown) => void>();
  const responders = new Set<Responder>();
  /** What this client sends to itself, under the handle that it has when that leaves. */
  const self: OutgoingMessage = {
    get recipient() {
      return session.ownHandle;
    },
    data: {},
  };

  session.divert(({ wireKeys, received: asked }) => {
    const call = wireKeys.get('_MESSAGE_HANDLE');
    const id = wireKeys.get('_MESSAGE_ID');
    const isMine = asked.recipient === session.ownHandle;
    if (call !== undefined) {
      const responder = find(call, isMine ? undefined : asked.recipient);
      if (responder)
        answer(responder, id, asked, wireKeys.get('_SPREAD')).catch((thrown) => events.error(asError(thrown)));
      return !!responder;
    }
    // Answers that nobody waits for any more are dropped.
    if (isMine) pending.get(id)?.(asked, wireKeys.get('_MESSAGE_ERROR'));
    return isMine && id !== undefined;
  });

  events.when('reconnecting', (cause) => {
    for (const hear of pending.values()) hear(undefined, cause);
  });

  function find(name: unknown, recipient?: string): Responder | undefined {
    return [...responders].find((one) => one.name === name && (!recipient || one.channel === channelOf(recipient)));
  }

  async function answer({ name, run }: Responder, id: unknown, asked: Message, spread: unknown): Promise<void> {
    // Only a number can be meant, and nobody is made to wait for long.
    const wait = Math.min(longestSpread, Number(spread) || 0) * clock.random();
    if (wait > 0) await new Promise<void>((resolve) => clock.after(wait, resolve));
    function reply(data: object, extra?: object): void {
      const posted = context.compose(asked.sender, data, { _MESSAGE_ID: id, ...extra });
      if (id !== undefined) session.outbound.post(posted, 'keep');
    }
    try {
      reply((await run(asked.data, asked)) ?? {});
    } catch (cause) {
      const why = textOf(cause);
      events.error(new OocsiError('invalid', `"${name}" failed: ${why}`, { cause }));
      // One that is too long would cost the connection.
      reply({}, { _MESSAGE_ERROR: why.slice(0, 999) });
    }
  }

  /**
   * Sends a call as a loop starts, and pushes the answers.
   *
   * @param failed told of an answer that is a fault; else the loop ends with it
   */
  function ask(
    channel: string,
    name?: string,
    data: object = {},
    extra?: object,
    max = Infinity,
    failed?: (error: OocsiError) => void,
  ): Start<Message<Anything>> {
    return (push, form, end) => {
      session.check();
      const id = randomId();
      const { password }: Pick<CallOptions, 'password'> = form;
      context.checkMeant(channel, password);
      const composed = context.compose(withPassword(channel, form), data, {
        ...extra,
        _MESSAGE_HANDLE: name,
        _MESSAGE_ID: id,
      });
      const posted = name ? composed : { ...composed, outgoing: self };
      let left = max;
      session.outbound.post(posted, 'keep');
      pending.set(id, (message, fault) => {
        if (!message) return session.outbound.holds(posted) || end(fault);
        // Of this one name the client knows that it is a handle, and whose.
        if (posted.outgoing.recipient === session.ownHandle && message.sender !== session.ownHandle) return;
        if (fault === undefined) push(message);
        else (failed ?? end)(new OocsiError('remote', textOf(fault)));
        if (--left < 1) end();
      });
      return () => {
        pending.delete(id);
        session.outbound.withdraw(posted);
      };
    };
  }

  return {
    async call(channel, name, data, options = {}) {
      checkOptions(options, callOptions);
      checkService(name);
      const late = (): string => `Is "${name}" registered on ${masked(channel)}? It did not answer`;
      return (await context.first(late, options, ask(channel, name, data))).data;
    },

    // One that cannot answer must not keep the answers of the others away.
    callAll(channel, name, data, options = {}) {
      checkOptions(options, callAllOptions);
      const { timeout = context.timeout, max, spread, signal, password } = options;
      checkService(name);
      checkNumbers({ spread });
      checkNumbers({ max }, 1);
      const start = ask(channel, name, data, { _SPREAD: spread }, max, (error) => events.error(error));
      const given = { signal, password, buffer: 1e6, timeout };
      return context.loop(name, given, start);
    },

    // What a client sends to itself comes back behind all that it sent before.
    async flush(options = {}) {
      checkOptions(options, waitOptions);
      await context.first(() => 'The server did not answer', options, ask(session.ownHandle));
    },

    register(channel, name, run, options = {}) {
      checkOptions(options, ['signal', 'password']);
      const { signal, ...form } = options;
      checkService(name);
      checkListener('responder', run);
      context.checkMeant(channel, form.password);
      if (!session.isClosed && find(name, channel))
        throw new OocsiError('invalid', `"${name}" is registered on ${masked(channel)} already.`);
      const responder = { channel: channelOf(channel), name, run };
      const stop = context.listen(
        withPassword(channel, form),
        () => {},
        { signal },
        () => responders.delete(responder),
      );
      if (!signal?.aborted && !session.isClosed) responders.add(responder);
      return stop;
    },
  };
}
