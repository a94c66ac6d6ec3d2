import type { Anything, Message } from '../../protocol/index';
import { asError, channelOf, checkService, masked, OocsiError, withPassword } from '../../protocol/index';
import { checkListener, checkNumbers, checkOptions, type Unsubscribe } from '../../util/index';
import type { ClientContext, SubscribeOptions, WaitOptions } from '../messaging/index';
import { PendingCalls } from './pending-calls';
import { type AnyResponder, Responders } from './responders';

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
const registerOptions: readonly (keyof RegisterOptions)[] = ['signal', 'password'];

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

/** How many answers wait at most for the loop of a `callAll`. */
const answerBuffer = 1e6;

export function createCalls(context: ClientContext): Calls {
  const { session, events } = context;
  const pending = new PendingCalls(context);
  const responders = new Responders(context);

  session.divert(({ wireKeys, received: message }) => {
    const name = wireKeys.get('_MESSAGE_HANDLE');
    const id = wireKeys.get('_MESSAGE_ID');
    if (name === undefined) return pending.take(message, id, wireKeys.get('_MESSAGE_ERROR'));
    const isForMe = message.recipient === session.ownHandle;
    const responder = responders.find(name, isForMe ? undefined : message.recipient);
    if (!responder) return false;
    const call = { message, id, spread: wireKeys.get('_SPREAD') };
    responders.answer(responder, call).catch((thrown) => events.error(asError(thrown)));
    return true;
  });

  return {
    async call(recipient, name, data, options = {}) {
      checkOptions(options, callOptions);
      checkService(name);
      const late = (): string => whyNoAnswer(name, recipient, responders.find(name, recipient) !== undefined);
      const answer = await context.first(late, options, pending.call({ recipient, name, data }));
      return answer.data;
    },

    callAll(recipient, name, data, options = {}) {
      checkOptions(options, callAllOptions);
      const { timeout = context.timeout, max, spread, signal, password } = options;
      checkService(name);
      checkNumbers({ spread });
      checkNumbers({ max }, 1);
      // A responder that fails must not keep the answers of the others away.
      const failed = (error: OocsiError): void => events.error(error);
      const start = pending.call({ recipient, name, data, spread, max, failed });
      const given = { signal, password, timeout, buffer: answerBuffer };
      return context.loop(name, given, start);
    },

    async flush(options = {}) {
      checkOptions(options, waitOptions);
      await context.first(() => 'The server did not answer', options, pending.echo());
    },

    register: (channel, name, run, options) => register(context, responders, { channel, name, run }, options),
  };
}

function whyNoAnswer(name: string, recipient: string, isOwn: boolean): string {
  const channel = masked(recipient);
  if (!isOwn) return `Is "${name}" registered on ${channel}? It did not answer`;
  const why = `Nobody but this client has registered "${name}" on ${channel}, and servers send no message back to who sent it`;
  return `${why}: call the function itself. It did not answer`;
}

function register(
  context: ClientContext,
  responders: Responders,
  { channel, name, run }: { readonly channel: string; readonly name: string; readonly run: AnyResponder },
  options: RegisterOptions = {},
): Unsubscribe {
  checkOptions(options, registerOptions);
  const { signal, ...form } = options;
  checkService(name);
  checkListener('responder', run);
  context.checkMeant(channel, form.password);
  if (!context.session.isClosed && responders.find(name, channel)) {
    throw new OocsiError('invalid', `"${name}" is registered on ${masked(channel)} already.`);
  }
  const responder = { channel: channelOf(channel), name, run };
  // Calls are answered before listeners are told; the listener is what subscribes the client.
  const stop = context.listen(
    withPassword(channel, form),
    () => {},
    { signal },
    () => responders.delete(responder),
  );
  if (!signal?.aborted && !context.session.isClosed) responders.add(responder);
  return stop;
}
