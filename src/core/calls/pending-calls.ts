import type { Message, OutgoingMessage, Posted } from '../../protocol/index';
import { OocsiError, randomId, textOf, withPassword } from '../../protocol/index';
import type { ClientContext, Start } from '../messaging/index';

/** What a client asks others, or itself. */
export interface CallRequest {
  readonly recipient: string;
  /** What is called there. */
  readonly name: string;
  readonly data?: object | undefined;
  /** Asks responders to wait a random time of up to so many ms before they answer. */
  readonly spread?: number | undefined;
  /** How many answers are enough. @default all that come */
  readonly max?: number | undefined;
  /** Told of each answer that says that its responder failed. @default the first one ends the call with that error */
  readonly failed?: ((error: OocsiError) => void) | undefined;
}

/** How a call reports to whoever waits for it. */
interface Waiting {
  push(answer: Message): unknown;
  end(cause?: unknown): void;
  readonly failed: (error: OocsiError) => void;
}

/** A call that still takes answers. */
class PendingCall {
  readonly posted: Posted;
  readonly #waiting: Waiting;
  #missing: number;
  /** Whether the called name is known to be a handle: then nobody but its client was called. */
  #isToHandle = false;

  constructor(posted: Posted, waiting: Waiting, max = Infinity) {
    this.posted = posted;
    this.#waiting = waiting;
    this.#missing = max;
  }

  /** @param failure why the responder failed, if it did */
  take(answer: Message, failure: unknown, ownHandle: string): void {
    const called = this.posted.outgoing.recipient;
    // No channel has the name of a client. Of other names the client cannot know which are handles.
    if (called === ownHandle || called === answer.sender) this.#isToHandle = true;
    if (this.#isToHandle && called !== answer.sender) return;
    if (failure === undefined) this.#waiting.push(answer);
    else this.#waiting.failed(new OocsiError('remote', textOf(failure)));
    this.#missing--;
    if (this.#missing < 1) this.#waiting.end();
  }

  end(cause: unknown): void {
    this.#waiting.end(cause);
  }
}

/** The calls of one client that wait for answers. */
export class PendingCalls {
  readonly #context: ClientContext;
  readonly #byId = new Map<unknown, PendingCall>();

  constructor(context: ClientContext) {
    this.#context = context;
    context.events.when('reconnecting', (cause) => this.#disconnected(cause));
  }

  /** Sends a call when the wait starts, and pushes the answers. */
  call({ recipient, name, data = {}, spread, max, failed }: CallRequest): Start<Message> {
    return (push, options: { readonly password?: string }, end) => {
      const context = this.#context;
      context.session.check();
      context.checkMeant(recipient, options.password);
      const id = randomId();
      const keys = { _SPREAD: spread, _MESSAGE_HANDLE: name, _MESSAGE_ID: id };
      const posted = context.compose(withPassword(recipient, options), data, keys);
      return this.#post(id, new PendingCall(posted, { push, end, failed: failed ?? end }, max));
    };
  }

  /** Sends a message to this client itself, which comes back behind all that it sent before, and pushes it. */
  echo(): Start<Message> {
    return (push, options, end) => {
      const { session } = this.#context;
      session.check();
      const id = randomId();
      const { json } = this.#context.compose(withPassword(session.ownHandle, options), {}, { _MESSAGE_ID: id });
      // It goes to the handle that this client has when it leaves.
      const outgoing: OutgoingMessage = {
        get recipient() {
          return session.ownHandle;
        },
        data: {},
      };
      return this.#post(id, new PendingCall({ outgoing, json }, { push, end, failed: end }));
    };
  }

  /** Takes what may be an answer; tells whether it can be nothing else. */
  take(message: Message, id: unknown, failure: unknown): boolean {
    const { ownHandle } = this.#context.session;
    if (message.recipient !== ownHandle) return false;
    this.#byId.get(id)?.take(message, failure, ownHandle);
    // Answers that nobody waits for any more are dropped.
    return id !== undefined;
  }

  /** @returns what gives the call up */
  #post(id: string, call: PendingCall): () => void {
    const { outbound } = this.#context.session;
    outbound.post(call.posted, 'keep');
    this.#byId.set(id, call);
    return () => {
      this.#byId.delete(id);
      outbound.withdraw(call.posted);
    };
  }

  /** The answers would have come over the connection that is lost; what has not left yet waits for the next one. */
  #disconnected(cause: unknown): void {
    const { outbound } = this.#context.session;
    for (const call of this.#byId.values()) if (!outbound.holds(call.posted)) call.end(cause);
  }
}
