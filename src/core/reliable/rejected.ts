import { OocsiError } from '../../protocol/index';
import type { ClientContext } from '../messaging/index';
import type { UnackedMessage } from './send-stream';

/** After so many cuts in a row, a message may be what costs the connection. */
const suspicious = 2;

/** The messages that leave again with each connection. */
interface ResentMessages {
  /** In the order in which they leave. */
  all(): UnackedMessage[];
  /** Hands over all of them again. */
  resume(): void;
}

/**
 * Finds the messages that a server cuts the connection for: they would be sent again with each connection, and cost it again,
 * and all others would wait for ever. What the server says is too long is given up at once. Where the server says nothing, a
 * message is given up that was cut twice in a row while it was the only one under way; when there were others, each suspect
 * is sent alone.
 */
export class RejectionWatch {
  readonly #context: ClientContext;
  readonly #messages: ResentMessages;
  #isTrying = false;

  constructor(context: ClientContext, messages: ResentMessages) {
    this.#context = context;
    this.#messages = messages;
    context.events.when('connected', () => this.#tryNext());
    context.events.when('reconnecting', (cause) => this.#disconnected(cause));
  }

  /** Whether suspects are sent alone now, so that nothing else may be handed over. */
  get isTrying(): boolean {
    return this.#isTrying;
  }

  /** Sends the next suspect alone, or all messages if there is none. */
  #tryNext(): void {
    const suspect = this.#messages.all().find(({ cuts }) => cuts >= suspicious);
    this.#isTrying = suspect !== undefined;
    if (suspect) suspect.stream.send(suspect);
    else this.#messages.resume();
    const sent = this.#underWay();
    if (sent.length === 0) return;
    this.#context.session.prove(() => {
      for (const message of sent) message.clear();
      if (suspect) this.#tryNext();
    });
  }

  #disconnected(cause: OocsiError | undefined): void {
    this.#isTrying = false;
    const cut = this.#underWay();
    for (const message of cut) {
      message.isUnderWay = false;
      this.#context.session.outbound.withdraw(message.posted);
    }
    if (!cause) return;
    const { longest, goodbye } = cause.details;
    if (longest !== undefined) this.#rejectTooLong(longest, cause);
    // A server that says goodbye ends the connection for another reason.
    else if (goodbye === false) this.#suspect(cut, cause);
  }

  #suspect(cut: readonly UnackedMessage[], cause: OocsiError): void {
    for (const message of cut) message.cuts++;
    const [only, ...others] = cut;
    if (!only || others.length > 0 || only.cuts < suspicious) return;
    const text = `The connection was cut ${only.cuts} times in a row as soon as this message was sent: the server does not take it.`;
    only.reject(refused(text, cause));
  }

  #rejectTooLong(longest: number, cause: OocsiError): void {
    const limit = longest ? `takes ${longest} at most` : 'ended the connection';
    for (const message of this.#messages.all()) {
      const size = this.#context.session.tooLong(message.posted ?? message, longest);
      if (size === undefined) continue;
      const text = `The message is too long for the server: it has ${size} characters or bytes with its recipient, and the server ${limit}.`;
      message.reject(refused(text, cause));
    }
  }

  #underWay(): UnackedMessage[] {
    return this.#messages.all().filter(({ isUnderWay }) => isUnderWay);
  }
}

function refused(text: string, cause: OocsiError): OocsiError {
  return new OocsiError('refused', text, { cause, details: cause.details, permanent: true });
}
